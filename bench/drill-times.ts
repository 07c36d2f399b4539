import { isFailed, LoadClient } from './load-client';
import { atMost, inMs, inSeconds, Measurement, Outcome } from './measurement';
import { abandonAtExit, logOf, ShopStage } from './shop-stage';
import { median } from './statistics';
import { inOrder } from './svg-plot';
import { SwitchWatch } from './switch-watch';
import { ShopRelease } from '../test/examples/workspace';

const DRILLS = 5;
const PER_SECOND = 50;
const ENVIRONMENT = 'production';
const BACK_LIMIT_MS = 1_000;

/** Milliseconds. */
interface Drilled {
  /** From the forced verdict to the first response of the old slot to a user who asked after the switch back. */
  readonly backMs: number;
  /** From the forced verdict to the runtime's word that the old slot responds, verified. */
  readonly verifiedMs: number;
  /** The whole run, from its first runner to its end. */
  readonly runMs: number;
  readonly failedRequests: number;
}

/** (h) What a drill takes, and what users notice of it. */
export const drillTimes: Measurement = {
  letter: 'h',
  name: 'drill-times',
  title: `${DRILLS} drills of what is live, at the default thresholds`,

  async run(say) {
    const stage = await ShopStage.open('.projenrc.ts', ENVIRONMENT);
    const forget = abandonAtExit(stage);
    const environment = stage.manifest.environments.find(({ name }) => name === ENVIRONMENT)!;
    const watch = new SwitchWatch(stage.shop.machine(ENVIRONMENT).home);
    const load = new LoadClient({ urls: [`${environment.url}/`], perSecond: PER_SECOND });
    try {
      const release = await stage.shop.commitRelease('good', { tag: 'v1.0.0' });
      for (const ref of ['refs/heads/main', 'refs/tags/v1.0.0']) await stage.run(release, ref);
      const drills: Drilled[] = [];
      while (drills.length < DRILLS) {
        drills.push(await drill(stage, watch, load, release));
        say(`${drills.length} of ${DRILLS} drills`);
      }
      return report(drills);
    } finally {
      watch.stop();
      await load.stop();
      await stage.close();
      forget();
    }
  },
};

async function drill(stage: ShopStage, watch: SwitchWatch, load: LoadClient, release: ShopRelease): Promise<Drilled> {
  const times: { begun?: number; forced?: number; verified?: number; ended?: number } = {};
  const slot = watch.switches.at(-1)?.slot;
  stage.onEvent = (event, at) => {
    if (event.kind === 'jobStarted') times.begun ??= at;
    if (event.kind === 'jobEnded') times.ended = at;
    if (event.kind !== 'line') return;
    if (/a drill takes it for bad/.test(event.text)) times.forced ??= at;
    if (/is live again, verified/.test(event.text)) times.verified ??= at;
  };
  const beganAt = Date.now();
  const run = await stage.dispatch('drill.yml', release, { environment: ENVIRONMENT });
  stage.onEvent = undefined;
  const { begun, forced, verified, ended } = times;
  const switched = forced && watch.after(forced);
  const back = switched && load.responses.find((response) => !isFailed(response) && response.startedAt >= switched.at);
  if (run.conclusion !== 'success' || !begun || !forced || !verified || !ended || !back || switched.slot !== slot) throw new Error(`the drill did not go as it should:\n${logOf(run)}`);
  return {
    backMs: back.endedAt - forced,
    verifiedMs: verified - forced,
    runMs: ended - begun,
    failedRequests: load.responses.filter((response) => response.startedAt >= beganAt && isFailed(response)).length,
  };
}

function report(drills: Drilled[]): Outcome {
  const times = (key: keyof Drilled) => drills.map((one) => one[key]);
  const failed = times('failedRequests').reduce((sum, count) => sum + count, 0);
  return {
    figures: [
      { what: 'drill: forced verdict to the old slot serving users, p50', measured: inMs(median(times('backMs'))) },
      atMost('drill: forced verdict to the old slot serving users, max', Math.max(...times('backMs')), BACK_LIMIT_MS, inMs),
      { what: 'drill: forced verdict to the old slot verified, p50', measured: inSeconds(median(times('verifiedMs'))) },
      { what: 'drill: the whole run, p50', measured: inSeconds(median(times('runMs'))) },
      { what: 'drill: requests that users lost', measured: String(failed), limit: '0', holds: failed === 0 },
    ],
    notes: [
      `examples/shop with \`drill: { environments: ['${ENVIRONMENT}'] }\`; its synthesized drill.yml is started by hand ${DRILLS} times, with ${PER_SECOND} requests a second meanwhile. `
      + 'The whole run: deploy to the idle slot, verify it, promote, verify what users see, go back, verify; without the queueing and starting of a hosted runner.',
    ],
    data: drills,
    plot: {
      title: 'Drills: from the forced verdict to the old slot, and the whole run',
      x: 'drills, in order',
      y: 's',
      series: [
        { name: 'the old slot serves users', points: inOrder(times('backMs').map((ms) => ms / 1000)) },
        { name: 'it is verified', points: inOrder(times('verifiedMs').map((ms) => ms / 1000)) },
        { name: 'the whole run', points: inOrder(times('runMs').map((ms) => ms / 1000)) },
      ],
    },
  };
}
