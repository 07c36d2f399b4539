import { isFailed, LoadClient } from './load-client';
import { atMost, Figure, inMs, inSeconds, Measurement, Outcome } from './measurement';
import { RolloutStory } from './rollout-story';
import { abandonAtExit, ShopStage } from './shop-stage';
import { quantile } from './statistics';
import { inOrder } from './svg-plot';
import { SwitchWatch } from './switch-watch';
import { EnvironmentManifest } from '../src/contract/manifest';
import { ReleaseKind, ReleaseOptions } from '../test/examples/workspace';

/** Ten ways to respond badly, and one not to respond at all; each is met once on every shop. */
const FAULTS: Record<string, [ReleaseKind, ReleaseOptions]> = {
  'users: 500': ['error', { port: 'users' }],
  'users: stale': ['stale', { port: 'users' }],
  'users: hangs': ['hang', { port: 'users' }],
  'users: resets': ['reset', { port: 'users' }],
  'users: 500 after a while': ['error', { port: 'users', afterRequests: 400 }],
  'users: hangs after a while': ['hang', { port: 'users', afterRequests: 400 }],
  'candidate: 500': ['error', { port: 'candidate' }],
  'candidate: stale': ['stale', { port: 'candidate' }],
  'candidate: hangs once it was up': ['hang', { port: 'candidate', afterRequests: 1 }],
  'candidate: resets once it was up': ['reset', { port: 'candidate', afterRequests: 1 }],
  'candidate: crashes at its start': ['crash', {}],
};
/** Met once more where `npx projen` runs the tasks: users had been switched, so a task switches them back. */
const FAULTS_WITH_NPX = Object.keys(FAULTS).filter((fault) => fault.startsWith('users'));
const SHOPS = 3;
const PER_SECOND = 100;
const BACK_LIMIT_MS = 1000;
const ENVIRONMENT = 'staging';

interface Taken {
  readonly fault: string;
  readonly state: string;
  /** Milliseconds from the health check's first bad response to the decision. */
  readonly detectedMs?: number;
  /** The same from the first bad response that a user got, where it says of itself that it is bad. */
  readonly usersDetectedMs?: number;
  /** From the decision to the first response of the old release to a user who asked afterwards; where users had been switched. */
  readonly backMs?: number;
  readonly failedRequests: number;
  /** What they came to. */
  readonly failures: string[];
}

/** (d) How fast a bad release is detected, and the old one is back. */
export const rollbackTimes: Measurement = {
  letter: 'd',
  name: 'rollback-times',
  title: 'detection and rollback of 30 releases that respond badly, and 3 that do not start, at the default thresholds',

  async run(say) {
    let done = 0;
    const onTaken = () => say(`${++done} of ${SHOPS * Object.keys(FAULTS).length + FAULTS_WITH_NPX.length} bad releases`);
    const shops = await Promise.all(Array.from({ length: SHOPS }, (_, index) => takeAll(index, onTaken)));
    const withNpx = await takeEach(await ShopStage.openWithNpx('.projenrc.ts'), FAULTS_WITH_NPX, onTaken);
    return report(shops.flatMap(({ taken }) => taken), withNpx.taken, shops[0].environment);
  },
};

interface Takings {
  readonly taken: Taken[];
  readonly environment: EnvironmentManifest;
}

async function takeAll(shop: number, onTaken: () => void): Promise<Takings> {
  // not all shops the same at the same time
  const faults = Object.keys(FAULTS).map((_, index, all) => all[(index + shop * 4) % all.length]);
  return takeEach(await ShopStage.open('.projenrc.ts'), faults, onTaken);
}

async function takeEach(stage: ShopStage, faults: readonly string[], onTaken: () => void): Promise<Takings> {
  const forget = abandonAtExit(stage);
  const environment = stage.manifest.environments.find(({ name }) => name === ENVIRONMENT)!;
  const watch = new SwitchWatch(stage.shop.machine(ENVIRONMENT).home);
  // as patient as the health check, so that both mean the same by "no response"
  const load = new LoadClient({ urls: [`${environment.url}/`, `${environment.url}/products`], perSecond: PER_SECOND, timeoutMs: environment.healthChecks[0].timeoutMs });
  try {
    await stage.run(await stage.shop.commitRelease('good'), 'refs/heads/main');
    const taken: Taken[] = [];
    for (const fault of faults) {
      taken.push(await take(stage, watch, load, fault));
      onTaken();
    }
    return { taken, environment };
  } finally {
    watch.stop();
    await load.stop();
    await stage.close();
    forget();
  }
}

async function take(stage: ShopStage, watch: SwitchWatch, load: LoadClient, fault: string): Promise<Taken> {
  const story = new RolloutStory();
  stage.onEvent = (event, at) => {
    if (event.kind === 'line' && event.job === `deploy_${ENVIRONMENT}`) story.read(event.text, at);
  };
  const beganAt = Date.now();
  const release = await stage.shop.commitRelease(...FAULTS[fault]);
  const { jobs } = await stage.run(release, 'refs/heads/main');
  const responses = load.responses.filter(({ startedAt }) => startedAt >= beganAt);
  const { decision } = story;
  const exposed = fault.startsWith('users');
  const restored = decision && exposed ? watch.after(decision.decidedAt) : undefined;
  const failed = responses.filter(isFailed);
  const usersBadAt = failed.length > 0 ? Math.min(...failed.map(({ endedAt }) => endedAt)) : undefined;
  const back = restored && responses.filter((response) => !isFailed(response) && response.startedAt >= restored.at).map(({ endedAt }) => endedAt);
  return {
    fault,
    state: jobs[`monitor_${ENVIRONMENT}`].outputs.state ?? 'open',
    detectedMs: decision?.firstBadAt && decision.decidedAt - decision.firstBadAt,
    usersDetectedMs: decision && usersBadAt && decision.decidedAt - usersBadAt,
    backMs: decision && back?.length ? Math.min(...back) - decision.decidedAt : undefined,
    failedRequests: failed.length,
    failures: [...new Set(failed.map(({ status, error }) => error ?? `status ${status}`))],
  };
}

function report(taken: Taken[], withNpx: Taken[], { healthChecks: [check] }: EnvironmentManifest): Outcome {
  const { failureThreshold, intervalMs, propagationMs = 0, timeoutMs } = check;
  const limitMs = failureThreshold * intervalMs + timeoutMs;
  const times = (key: 'detectedMs' | 'usersDetectedMs' | 'backMs') => taken.map((one) => one[key]).filter((ms): ms is number => ms !== undefined);
  const [detected, back] = [times('detectedMs'), times('backMs')];
  const backWithNpx = withNpx.map(({ backMs }) => backMs).filter((ms) => ms !== undefined);
  return {
    figures: [
      ...complete(taken, detected, back),
      { what: 'first bad response to the decision, p50', measured: inSeconds(quantile(detected, 0.5)) },
      atMost('first bad response to the decision, p99', quantile(detected, 0.99), limitMs, inSeconds),
      { what: 'decision to the old release serving users, p50', measured: inMs(quantile(back, 0.5)) },
      atMost('decision to the old release serving users, p99', quantile(back, 0.99), BACK_LIMIT_MS, inMs),
      {
        what: `the same where npx projen runs the tasks, p50 and longest of ${backWithNpx.length}`,
        measured: `${inMs(quantile(backWithNpx, 0.5))} and ${inMs(Math.max(...backWithNpx))}`,
      },
    ],
    notes: [
      `examples/shop's synthesized workflow at the default thresholds (every ${intervalMs / 1000} s, ${failureThreshold} in a row, timeout ${timeoutMs / 1000} s); ${SHOPS} shops side by side on this machine, ${PER_SECOND} requests a second each. `
      + 'The first bad response is the health check\'s; the decision is where the runtime\'s log ends the gate; then the first request to begin after the switch and get the old release\'s response. '
      + `From the first bad response to any user, a probe may be up to an interval away: p50 ${inSeconds(quantile(times('usersDetectedMs'), 0.5))}, p99 ${inSeconds(quantile(times('usersDetectedMs'), 0.99))}.`,
      `Its \`propagation\` is ${propagationMs / 1000} s (default: 60 s), because its switch is done when the command is: a response of the old release is waited out for so long before it counts.`,
      'With npx projen: one shop, the six releases that are bad before users, its tasks run by `npx projen` with projen installed, as in the README\'s quick start; without, by projen\'s task runner as a committed file. '
      + 'The difference is how long `npx projen` takes to start.',
      'Not in it: a candidate that never responds at all. It is waited for until the readiness deadline (120 s by default), and users see nothing of it.',
    ],
    data: [...taken, ...withNpx.map((one) => ({ ...one, tasks: 'npx projen' }))],
    plot: {
      title: 'Bad releases: from the first bad response to the decision, and from there to the old release',
      x: 'bad releases, in order',
      y: 's',
      series: [
        { name: 'first bad response to the decision', points: inOrder(detected.map((ms) => ms / 1000)) },
        { name: 'decision to the old release serving users', points: inOrder(back.map((ms) => ms / 1000)) },
      ],
      limit: { name: 'limit of the detection', y: limitMs / 1000 },
    },
  };
}

/** Whether every release was taken back, and every time that there is was measured. */
function complete(taken: Taken[], detected: number[], back: number[]): Figure[] {
  const rolledBack = taken.filter(({ state }) => state === 'rolledBack').length;
  const responding = taken.filter(({ fault }) => !fault.includes('crashes')).length;
  const exposed = taken.filter(({ fault }) => fault.startsWith('users')).length;
  const hidden = taken.filter(({ fault }) => fault.startsWith('candidate'));
  const noticed = hidden.reduce((sum, { failedRequests }) => sum + failedRequests, 0);
  return [
    { what: 'bad releases rolled back', measured: `${rolledBack} of ${taken.length}`, limit: 'all', holds: rolledBack === taken.length },
    ...(detected.length < responding || back.length < exposed
      ? [{ what: 'times measured', measured: `${detected.length} and ${back.length}`, limit: `${responding} and ${exposed}`, holds: false }] : []),
    { what: `requests that users lost to the ${hidden.length} that failed as candidates`, measured: String(noticed), limit: '0', holds: noticed === 0 },
  ];
}
