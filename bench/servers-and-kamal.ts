import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, Measurement, Outcome } from './measurement';
import { playScript } from './target-script';

/** What `comparedRow` of .ci/targets/containers-shop.cjs writes. Times in milliseconds. */
interface Compared {
  readonly scenario: string;
  readonly with: string;
  readonly end: string;
  readonly detect?: number;
  readonly restore?: number;
  /** Requests of users that failed, or got a wrong response. */
  readonly harmed: number;
  readonly requests: number;
}

/** (p) Containers on servers: the target beside Kamal, on the same machines. Needs what `.ci/targets/servers` needs. */
export const serversAndKamal: Measurement = {
  letter: 'p',
  name: 'servers-and-kamal',
  title: 'containers on servers: Target.servers and Kamal on the same machines, one release each',

  async run(say) {
    const folder = mkdtempSync(join(tmpdir(), 'servers-and-kamal-'));
    const file = join(folder, 'compared');
    try {
      say('containers, then Kamal');
      const failure = await playScript('servers', { SCENARIOS: 'containers kamal', COMPARED: file });
      if (failure !== undefined) throw new Error(failure);
      return report(readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Compared));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function report(rows: readonly Compared[]): Outcome {
  const tools = [...new Set(rows.map((row) => row.with))];
  const pairs = [...new Set(rows.map(({ scenario }) => scenario))].map((scenario) => ({
    scenario, rows: tools.flatMap((tool) => rows.filter((row) => row.scenario === scenario && row.with === tool)),
  })).filter((pair) => pair.rows.length === tools.length);
  return {
    figures: tools.map((tool): Figure => {
      const own = pairs.flatMap((pair) => pair.rows).filter((row) => row.with === tool);
      const harmed = sum(own.map((row) => row.harmed));
      const requests = sum(own.map((row) => row.requests));
      return { what: `${tool}: requests that failed or got a wrong response, in all scenarios`, measured: `${harmed} of ${requests}` };
    }),
    table: {
      headers: ['Scenario', 'With', 'End', 'Seconds to detect', 'Seconds to restore', 'Requests failed or wrong'],
      rows: pairs.flatMap((pair) => pair.rows.map((row, index) => [
        index === 0 ? row.scenario : '', row.with, row.end, seconds(row.detect), seconds(row.restore), `${row.harmed} of ${row.requests}`,
      ])),
      caption: 'Two hosts behind HAProxy, one release each, five users who send requests throughout',
    },
    notes: ['Kamal runs without its proxy. An HAProxy on each host stands in for it, and a person acts at once where Kamal needs one.'],
    data: rows,
    plot: {
      title: 'Requests that failed or got a wrong response',
      x: 'scenario',
      y: 'requests',
      series: tools.map((tool) => ({
        name: tool, points: pairs.map((pair, index) => [index + 1, pair.rows.find((row) => row.with === tool)!.harmed] as const),
      })),
    },
  };
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : (ms / 1000).toFixed(1));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
