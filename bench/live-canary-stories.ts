/** One release behind the real HAProxy, with one strategy: what it cost its users. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { timeToRollback } from '../src/contract/canary-power';
import { formatDuration } from '../src/contract/duration-text';
import { timeToLatencyRollback } from '../src/contract/latency-power';
import { DEFAULT_ERROR_ANALYSIS, DEFAULT_LATENCY_ANALYSIS } from '../src/contract/metric-analysis';
import { analyze, CanaryStage, Users } from '../test/canary/canary-stage';
import { ServiceBehaviour } from '../test/canary/counting-service';
import { check, World } from '../test/runtime/world';

export const HEALTHY = 'healthy';
const PER_SECOND = 100;
/** What fails of Stable, and what is slow of both. */
const STABLE_ERRORS = 0.001;
const SLOW = { slowShare: 0.05, slowMs: 90 };
const FIRST_PERCENT = 10;
const MINUTE_MS = 60_000;
const LONGEST_STEP_MS = 15 * MINUTE_MS;
/** How long a release that was not taken back is watched. */
const AFTERWARDS_MS = 20_000;

/** HAProxy draws the side for each request, so each error counts. */
const ERRORS = { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 };
const LATENCY = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99 };

export interface BadRelease {
  readonly name: string;
  readonly behaviour: ServiceBehaviour;
  readonly judgedBy: 'errors' | 'latency';
}

export const RELEASES: readonly BadRelease[] = [
  { name: '100 % errors', behaviour: { ...SLOW, errorRate: 1 }, judgedBy: 'errors' },
  { name: '5 % errors', behaviour: { ...SLOW, errorRate: 0.05 }, judgedBy: 'errors' },
  { name: '1 % errors', behaviour: { ...SLOW, errorRate: 0.01 }, judgedBy: 'errors' },
  { name: 'errors on one route of ten', behaviour: { ...SLOW, errorRate: 1, failingPath: '/checkout' }, judgedBy: 'errors' },
  { name: 'doubled p99', behaviour: { ...SLOW, slowMs: 2 * SLOW.slowMs, errorRate: STABLE_ERRORS }, judgedBy: 'latency' },
];

/** What became of a release, and of its users until the deployment ended. */
export interface Played {
  readonly end: string;
  readonly tookMs: number;
  /** From the first weight to the decision, if it was taken back then. */
  readonly decidedMs?: number;
  readonly requests: number;
  readonly failed: number;
  /** Errors that the services made. */
  readonly served: number;
  /** Requests that the release failed, or made slow. */
  readonly harmed: number;
  /** The same afterwards, if it stayed. */
  readonly harmedAMinute: number;
}

export interface ReleaseStory extends Readonly<Record<'canary' | 'blueGreen' | 'redeploy', Played>> {
  readonly release: BadRelease;
}

/** A release as good as Stable, promoted through its weights while so many requests come. */
export async function playHealthy(stage: CanaryStage, requests: number): Promise<Played> {
  const atLeastMs = Math.ceil(1000 * requests / PER_SECOND / 3);
  const weights = [5, 25, 50].map((percent) => ({ percent, atLeastMs, atMostMs: atLeastMs }));
  return playOne(stage, { strategy: 'canary', behaviour: { ...SLOW, errorRate: STABLE_ERRORS }, weights, judgedBy: 'errors' });
}

export async function play(stage: CanaryStage, { behaviour, judgedBy }: BadRelease, strategy: keyof Omit<ReleaseStory, 'release'>): Promise<Played> {
  const weights = [FIRST_PERCENT, 50].map((percent) => ({ percent, atLeastMs: 0, atMostMs: LONGEST_STEP_MS }));
  return playOne(stage, { behaviour, judgedBy, strategy, weights });
}

/** What synthesis would print of it. */
export function expectedTime({ behaviour, judgedBy, name }: BadRelease): string {
  // no release with so many errors gets traffic
  if (behaviour.errorRate === 1 && behaviour.failingPath === undefined) return 'before it has traffic';
  const traffic = { requestsPerSecond: PER_SECOND, weight: FIRST_PERCENT / 100, scrapeMs: 1000 };
  const rate = behaviour.failingPath === undefined ? behaviour.errorRate! : 0.1;
  const { medianMs, p99Ms } = judgedBy === 'latency'
    ? timeToLatencyRollback({ ...traffic, slowShare: behaviour.slowShare! }, LATENCY)
    : timeToRollback({ ...traffic, stableErrorRate: STABLE_ERRORS, canaryErrorRate: rate }, ERRORS);
  if (medianMs === Infinity) throw new Error(`${name} is never seen`);
  return `${formatDuration(medianMs, 'seconds')}, ${formatDuration(p99Ms, 'seconds')}`;
}

export function describeErrors(): string {
  return `Of Stable ${100 * STABLE_ERRORS} % of the requests fail, and of both ${100 * SLOW.slowShare} % take ${SLOW.slowMs} ms.`;
}

interface Plot {
  readonly strategy: 'canary' | 'blueGreen' | 'redeploy';
  readonly behaviour: ServiceBehaviour;
  readonly judgedBy: BadRelease['judgedBy'];
  readonly weights: readonly { readonly percent: number; readonly atLeastMs: number; readonly atMostMs: number }[];
}

async function playOne(stage: CanaryStage, { behaviour, judgedBy, strategy, weights }: Plot): Promise<Played> {
  const world = await stage.world(strategy);
  try {
    stage.slots.blue.behaviour = { ...SLOW, errorRate: STABLE_ERRORS };
    prepare(world, stage);
    if (strategy === 'canary') {
      const metrics = judgedBy === 'errors' ? [{ metric: stage.byHaproxy, errors: ERRORS }] : [{ metric: stage.byPrometheus, latency: LATENCY }];
      analyze(world, { metrics, weights, withoutVerdict: 'promote' });
    }
    return await deployed(world, stage, behaviour);
  } finally {
    await world.destroy();
  }
}

/** The health checks of what users see, and of the release alone. */
function prepare(world: World, stage: CanaryStage): void {
  const [environment] = world.manifest.environments;
  const { candidateUrl } = environment!.strategy;
  world.change({
    healthChecks: [check(`${stage.usersUrl}/`, { intervalMs: 2_000, release: undefined })],
    strategy: { ...environment!.strategy, bakeMs: 15_000, ...(candidateUrl && { candidateUrl: stage.candidateUrl }) },
  });
}

async function deployed(world: World, stage: CanaryStage, behaviour: ServiceBehaviour): Promise<Played> {
  Object.assign(stage.slots.blue, { failed: 0 });
  Object.assign(stage.slots.green, { behaviour, failed: 0 });
  const users = stage.users(PER_SECOND);
  const startedAt = Date.now();
  try {
    const { code } = await world.ship('v2');
    const tookMs = Date.now() - startedAt;
    const before = harmedOf(users, behaviour);
    const end = { 0: 'promoted', 1: 'taken back', 3: 'halted' }[code ?? -1] ?? `exit code ${code}`;
    const { failed, requests } = users;
    const served = stage.slots.blue.failed + stage.slots.green.failed;
    if (end === 'promoted') await sleep(AFTERWARDS_MS);
    const harmedAMinute = Math.round((harmedOf(users, behaviour) - before) * MINUTE_MS / AFTERWARDS_MS);
    return { end, tookMs, decidedMs: decidedMs(world), requests, failed, served, harmed: before, harmedAMinute: end === 'promoted' ? harmedAMinute : 0 };
  } finally {
    await users.stop();
  }
}

/** As the ledger says: from the release's first weight until it is rolled back. */
function decidedMs({ root }: World): number | undefined {
  const entries = [...readFileSync(join(root, 'machine/ledger.json'), 'utf8').matchAll(/"text": "(\w+): [^]*?"at": "([^"]+)"/g)]
    .map(([, state, at]) => ({ state: state!, at: Date.parse(at!) }));
  const begin = entries.map(({ state }) => state).lastIndexOf('deploying');
  const [weight, back] = ['promoting', 'rollingBack'].map((name) => entries.slice(begin).find(({ state }) => state === name)?.at);
  return weight === undefined || back === undefined ? undefined : back - weight;
}

/** What the release did, and Stable does not. */
function harmedOf(users: Users, { slowMs = 0 }: ServiceBehaviour): number {
  return users.failedBy('green') + (slowMs > SLOW.slowMs ? users.slowerThan(0.9 * slowMs, 'green') : 0);
}
