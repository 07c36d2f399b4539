import { isFailed, LoadClient } from './load-client';
import { atMost, inSeconds, Measurement, Outcome } from './measurement';
import { abandonAtExit, logOf, ShopStage } from './shop-stage';
import { median } from './statistics';
import { inOrder } from './svg-plot';
import { SwitchWatch } from './switch-watch';
import { RunEvent } from '../tools/github-actions-emulator';

const REPETITIONS = 10;
const PER_SECOND = 50;
const ENVIRONMENT = 'staging';
const [DEPLOY, MONITOR, RECOVER] = ['deploy', 'monitor', 'rollback'].map((job) => `${job}_${ENVIRONMENT}`);
const BACK_LIMIT_MS = 10_000;
const VERIFIED_LIMIT_MS = 15_000;

/** Milliseconds since the runner was lost. */
interface Recovery {
  /** When a fresh runner began to recover; the confirming job comes before it. */
  readonly recoveryMs: number;
  /** The first response of the old release to a user who asked after the switch back. */
  readonly backMs: number;
  /** When the runtime said that Stable responds, verified. */
  readonly verifiedMs: number;
  readonly failedRequests: number;
}

/** (g) How long users are on a release whose deployer is gone. */
export const lostRunner: Measurement = {
  letter: 'g',
  name: 'lost-runner',
  title: `recovery from ${REPETITIONS} runners that are lost just after users were switched, at the default thresholds`,

  async run(say) {
    const stage = await ShopStage.open('.projenrc.ts');
    const forget = abandonAtExit(stage);
    const environment = stage.manifest.environments.find(({ name }) => name === ENVIRONMENT)!;
    const watch = new SwitchWatch(stage.shop.machine(ENVIRONMENT).home);
    const load = new LoadClient({ urls: [`${environment.url}/`], perSecond: PER_SECOND });
    try {
      await stage.run(await stage.shop.commitRelease('good'), 'refs/heads/main');
      const recoveries: Recovery[] = [];
      while (recoveries.length < REPETITIONS) {
        recoveries.push(await lose(stage, watch, load));
        say(`${recoveries.length} of ${REPETITIONS} runners lost`);
      }
      return report(recoveries);
    } finally {
      watch.stop();
      await load.stop();
      await stage.close();
      forget();
    }
  },
};

/** A good release: it is rolled back because it was not verified to the end. */
async function lose(stage: ShopStage, watch: SwitchWatch, load: LoadClient): Promise<Recovery> {
  const [live] = load.responses.slice(-1);
  const times: { lost?: number; recovering?: number; verified?: number } = {};
  stage.onEvent = (event, at, run) => {
    if (isLine(event, DEPLOY, /Bake: probe what users see/) && !times.lost) {
      times.lost = Date.now();
      run.loseRunner(DEPLOY);
    }
    if (event.kind === 'jobStarted' && event.job === RECOVER) times.recovering = at;
    if (isLine(event, RECOVER, /is live again, verified/)) times.verified ??= at;
  };
  const run = await stage.run(await stage.shop.commitRelease('good'), 'refs/heads/main');
  stage.onEvent = undefined;
  const { lost, recovering, verified } = times;
  const switched = lost && watch.after(lost);
  const back = switched && load.responses.find((response) => !isFailed(response) && response.startedAt >= switched.at);
  if (!lost || !recovering || !verified || !back || back.version !== live.version) throw new Error(`${live.version} did not come back after a lost runner:\n${logOf(run)}`);
  return {
    recoveryMs: recovering - lost,
    backMs: back.endedAt - lost,
    verifiedMs: verified - lost,
    failedRequests: load.responses.filter((response) => response.startedAt >= lost && isFailed(response)).length,
  };
}

function isLine(event: RunEvent, job: string, text: RegExp): boolean {
  return event.kind === 'line' && event.job === job && text.test(event.text);
}

function report(recoveries: Recovery[]): Outcome {
  const times = (key: keyof Recovery) => recoveries.map((one) => one[key]);
  const failed = times('failedRequests').reduce((sum, count) => sum + count, 0);
  return {
    figures: [
      { what: 'lost runner to the old release serving users, p50', measured: inSeconds(median(times('backMs'))) },
      atMost('lost runner to the old release serving users, max', Math.max(...times('backMs')), BACK_LIMIT_MS, inSeconds),
      { what: 'lost runner to the old release verified, p50', measured: inSeconds(median(times('verifiedMs'))) },
      atMost('lost runner to the old release verified, max', Math.max(...times('verifiedMs')), VERIFIED_LIMIT_MS, inSeconds),
      { what: 'requests that users lost on the way', measured: String(failed), limit: '0', holds: failed === 0 },
    ],
    notes: [
      `examples/shop's synthesized workflow: the deploy job's machine vanishes when the log says that the switch is done; ${MONITOR} and then ${RECOVER} run on fresh machines of this one. `
      + 'NOT in it: how long GitHub takes to notice that a runner is gone, and to find two new ones. Meanwhile users are on the new release, whose candidate was verified.',
    ],
    data: recoveries,
    plot: {
      title: 'From a lost runner to the old release',
      x: 'lost runners, in order',
      y: 's',
      series: [
        { name: 'a fresh runner begins to recover', points: inOrder(times('recoveryMs').map((ms) => ms / 1000)) },
        { name: 'the old release serves users', points: inOrder(times('backMs').map((ms) => ms / 1000)) },
        { name: 'it is verified', points: inOrder(times('verifiedMs').map((ms) => ms / 1000)) },
      ],
    },
  };
}
