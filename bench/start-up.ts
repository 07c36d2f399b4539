import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { atMost, inMs, Measurement } from './measurement';
import { median, quantile } from './statistics';
import { inOrder } from './svg-plot';
import { prepareShop } from '../test/examples/workspace';

const PAIRS = 100;
const LIMIT_MS = 40;

/** (b) What the runtime's file costs before it does anything. */
export const startUp: Measurement = {
  letter: 'b',
  name: 'start-up',
  title: 'start-up of the runtime over `node -e 0`',

  async run(say) {
    const root = mkdtempSync(join(tmpdir(), 'bench-start-up-'));
    try {
      const { repository } = await prepareShop({ root });
      const commands = { '--version': ['--version'], 'config production': ['config', 'production'] };
      const measured = Object.entries(commands).map(([name, argv]) => {
        say(name);
        return { name, ...paired(['.projen/delivery.cjs', ...argv], repository) };
      });
      return {
        figures: [
          atMost('delivery.cjs --version', median(measured[0].differences), LIMIT_MS, inMs),
          { what: 'delivery.cjs config production', measured: inMs(median(measured[1].differences)) },
        ],
        notes: [
          `Medians of ${PAIRS} pairs of processes, in turn which is first; node alone takes ${inMs(median(measured[0].alone))}. `
          + '`--version` does nothing else; `config production` also reads the manifest and what git knows.',
        ],
        data: measured.map(({ name, differences, alone }) => ({
          name,
          pairs: PAIRS,
          medianMs: median(differences),
          p99Ms: quantile(differences, 0.99),
          nodeAloneMs: median(alone),
          differencesMs: differences,
        })),
        plot: {
          title: 'Start-up of the runtime over node -e 0',
          x: 'pairs, in order of the difference',
          y: 'ms',
          series: measured.map(({ name, differences }) => ({ name, points: inOrder(differences) })),
          limit: { name: 'limit', y: LIMIT_MS },
        },
      };
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};

function paired(argv: string[], cwd: string): { differences: number[]; alone: number[] } {
  const differences: number[] = [];
  const alone: number[] = [];
  const nothing = ['-e', '0'];
  for (let round = -5; round < PAIRS; round += 1) {
    const times = new Map((round % 2 === 0 ? [nothing, argv] : [argv, nothing]).map((one) => [one, timed(one, cwd)]));
    if (round < 0) continue;
    alone.push(times.get(nothing)!);
    differences.push(times.get(argv)! - times.get(nothing)!);
  }
  return { differences, alone };
}

function timed(argv: string[], cwd: string): number {
  const { PATH, HOME } = process.env;
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd, env: { PATH, HOME }, encoding: 'utf8' });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`node ${argv.join(' ')} failed: ${stderr}`);
  return ms;
}
