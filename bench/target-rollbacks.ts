import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inSeconds, Measurement, Outcome } from './measurement';
import { median } from './statistics';
import { inOrder } from './svg-plot';

const ROOT = join(__dirname, '..');
/** The scripts in .ci/targets whose table has the column `seconds to restore`. */
const TARGETS = ['lambda', 'aws-cdk', 'static-site', 'image', 'ecs'].filter((name) => existsSync(join(ROOT, '.ci/targets', name)));
const RESTORE = 'seconds to restore';
const DETECT = 'seconds to detect';

/** A scenario of a target: a line of the table that its script prints. */
interface Scenario {
  readonly scenario: string;
  readonly end: string;
  readonly detectMs?: number;
  readonly restoreMs?: number;
}

const run = promisify(execFile);

/** (t) What a rollback takes with each target, in its scenarios. Needs Python 3; the first run downloads the engines. */
export const targetRollbacks: Measurement = {
  letter: 't',
  name: 'target-rollbacks',
  title: `Rollbacks of ${TARGETS.length} targets: the real CLI against an emulator of its platform`,

  async run(say) {
    const measured: [string, Scenario[]][] = [];
    for (const target of TARGETS) {
      say(`${target} (${measured.length} of ${TARGETS.length})`);
      const { stdout } = await run(join(ROOT, '.ci/targets', target), { cwd: ROOT, env: { ...process.env, PROJECT_IS_READY: '1' }, maxBuffer: 64 * 1024 * 1024 });
      measured.push([target, scenariosIn(stdout)]);
    }
    return report(measured);
  },
};

/** Reads the table, whose columns begin where those of its heading do. */
function scenariosIn(printed: string): Scenario[] {
  const lines = printed.split('\n');
  const first = lines.findIndex((line) => line.startsWith('scenario') && line.includes(RESTORE));
  const heading = lines[first];
  if (heading === undefined) throw new Error(`no table:\n${printed.slice(-2_000)}`);
  const [end, detect, restore] = ['end', DETECT, RESTORE].map((column) => heading.indexOf(column));
  const rows = lines.slice(first + 1, lines.indexOf('', first));
  return rows.map((row) => ({
    scenario: row.slice(0, end).trim(),
    end: row.slice(end, detect).trim(),
    detectMs: msIn(row.slice(detect, restore)),
    restoreMs: msIn(row.slice(restore)),
  }));
}

function msIn(seconds: string): number | undefined {
  return seconds.trim() === '' ? undefined : Number(seconds) * 1000;
}

function report(measured: readonly (readonly [string, readonly Scenario[]])[]): Outcome {
  const timesOf = (scenarios: readonly Scenario[]) => scenarios.flatMap(({ restoreMs }) => restoreMs ?? []);
  return {
    figures: measured.map(([target, scenarios]) => {
      const times = timesOf(scenarios);
      return { what: `${target}: from the decision to the old release answering, p50 and longest`, measured: `${inSeconds(median(times))} and ${inSeconds(Math.max(...times))} (${times.length} rollbacks)` };
    }),
    table: {
      headers: ['target', 'scenario', 'end', 'detected', 'restored'],
      rows: measured.flatMap(([target, scenarios]) => scenarios.map(({ detectMs, end, restoreMs, scenario }) => (
        [target, scenario, end, detectMs === undefined ? '' : inSeconds(detectMs), restoreMs === undefined ? '' : inSeconds(restoreMs)]
      ))),
      caption: 'The scenarios of .ci/targets.',
    },
    notes: ['The real runtime and the real CLI of each platform, against an emulator on this machine: a call takes as long as the CLI takes to start. The platform itself may take longer, for example CloudFront minutes.'],
    data: Object.fromEntries(measured),
    plot: {
      title: 'From the decision to the old release answering, by target',
      x: 'rollbacks, the fastest first',
      y: 's',
      series: measured.map(([target, scenarios]) => ({ name: target, points: inOrder(timesOf(scenarios).map((ms) => ms / 1000)) })),
    },
  };
}
