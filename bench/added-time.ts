import { parse } from 'yaml';
import { atMost, inSeconds, Measurement, Outcome } from './measurement';
import { abandonAtExit, logOf, ShopStage } from './shop-stage';
import { median } from './statistics';
import { ShopRelease } from '../test/examples/workspace';
import { RunRecord, Workflow } from '../tools/github-actions-emulator';

const ROUNDS = 3;
const LIMIT_MS = 35_000;

/** (c) What the four jobs add to a pipeline that only deploys. */
export const addedTime: Measurement = {
  letter: 'c',
  name: 'added-time',
  title: 'time the four jobs add per environment, at the default thresholds',

  async run(say) {
    // two shops, so that neither pipeline meddles with the slots of the other
    const stage = await ShopStage.open('.projenrc.ts');
    const forget = abandonAtExit(stage);
    try {
      const plainStage = await ShopStage.open('.projenrc.ts');
      const forgetPlain = abandonAtExit(plainStage);
      try {
        const timed: Timed[] = [];
        for (let number = 1; number <= ROUNDS; number += 1) {
          say(`round ${number} of ${ROUNDS}`);
          timed.push(...await round(stage, plainStage, number));
        }
        return report(timed);
      } finally {
        await plainStage.close();
        forgetPlain();
      }
    } finally {
      await stage.close();
      forget();
    }
  },
};

interface Timed {
  readonly environment: string;
  readonly withJobsMs: number;
  readonly aloneMs: number;
  /** Of each job, from its runner to its end. */
  readonly jobsMs: Record<string, number>;
}

/** Staging by a push to main, production by a tag on what staging verified. */
async function round(stage: ShopStage, plainStage: ShopStage, number: number): Promise<Timed[]> {
  const tag = `v1.${number}.0`;
  const slot = number % 2 === 1 ? 'blue' : 'green';
  const [release, same] = [await stage.shop.commitRelease('good', { tag }), await plainStage.shop.commitRelease('good', { tag })];
  const timed: Timed[] = [];
  for (const [environment, ref] of [['staging', 'refs/heads/main'], ['production', `refs/tags/${tag}`]]) {
    const run = await stage.run(release, ref);
    if (run.jobs[`monitor_${environment}`].outputs.state !== 'stable') throw new Error(`${tag} did not become Stable on ${environment}:\n${logOf(run)}`);
    const plain = await plainStage.run(same, ref, plainWorkflow(plainStage, environment, slot, same));
    if (plain.conclusion !== 'success') throw new Error(`the plain workflow failed on ${environment}:\n${logOf(plain)}`);
    timed.push({ environment, withJobsMs: lasted(run), aloneMs: lasted(plain), jobsMs: jobTimes(run) });
  }
  return timed;
}

/**
 * The deploy alone, as one would write it by hand: the same build, the same two tasks in the same order, on the same kind of machine.
 * It builds for production too, which the synthesized workflow need not: it knows what staging verified.
 */
function plainWorkflow({ manifest }: ShopStage, environment: string, slot: string, { version, sha }: ShopRelease): Workflow {
  const { variables } = manifest.environments.find(({ name }) => name === environment)!;
  const env = { ...variables, DEPLOY_ENV: environment, DELIVERY_VERSION: version, DELIVERY_SHA: sha, DELIVERY_SLOT: slot };
  return parse(`
    on: push
    jobs:
      build:
        runs-on: self-hosted
        steps:
          - uses: actions/checkout@v4
          - run: node scripts/run-task.cjs bundle
          - uses: actions/upload-artifact@v4
            with: { name: dist, path: dist }
      deploy:
        needs: build
        runs-on: self-hosted
        env: ${JSON.stringify(env)}
        steps:
          - uses: actions/checkout@v4
          - uses: actions/download-artifact@v4
            with: { name: dist, path: dist }
          - run: node scripts/run-task.cjs ship
          - run: node scripts/run-task.cjs switch-traffic
  `) as Workflow;
}

function report(timed: Timed[]): Outcome {
  const environments = [...new Set(timed.map(({ environment }) => environment))];
  const addedTo = (name: string) => timed.filter(({ environment }) => environment === name).map(({ withJobsMs, aloneMs }) => withJobsMs - aloneMs);
  return {
    figures: environments.map((name) => atMost(`${name}: whole run less the deploy alone`, median(addedTo(name)), LIMIT_MS, inSeconds)),
    notes: [
      `Medians of ${ROUNDS} runs of examples/shop's synthesized workflow with default thresholds (bake 15 s included), each less a hand-written build and deploy of the same release. `
      + 'Executed on this machine: what a hosted runner adds (queueing, its start, checkout over the network, for three jobs in a row) is NOT in it.',
    ],
    data: timed,
    plot: {
      title: 'Time the four jobs add, at the default thresholds',
      x: 'run',
      y: 's',
      series: environments.map((name) => ({ name, points: addedTo(name).map((ms, index) => [index + 1, ms / 1000] as const) })),
      limit: { name: 'limit', y: LIMIT_MS / 1000 },
    },
  };
}

function lasted({ jobs }: RunRecord): number {
  const legs = Object.values(jobs).flatMap((job) => job.legs);
  return Math.max(...legs.map(({ endedAt }) => endedAt ?? 0)) - Math.min(...legs.map(({ startedAt }) => startedAt ?? Infinity));
}

function jobTimes({ jobs }: RunRecord): Record<string, number> {
  const ran = Object.values(jobs).filter((job) => job.legs.length > 0);
  return Object.fromEntries(ran.map(({ id, legs: [{ startedAt = 0, endedAt = 0 }] }) => [id, endedAt - startedAt]));
}
