import { Network, Question, Reply } from './network-loss';
import { CloudWatchAlarmCheckManifest, HealthCheckManifest } from '../src/contract/manifest';
import { AlarmProblem, AlarmState } from '../src/runtime/probing/alarm-state';
import { responseOf } from '../src/runtime/probing/cloudwatch-alarm';
import { CONTROL_TIMEOUT_MS, controlledBy } from '../src/runtime/probing/control';
import { baseline, InterruptedError, Prober, runGate } from '../src/runtime/probing/gate';
import { Verdict } from '../src/runtime/probing/observation';
import { ProbeTarget } from '../src/runtime/probing/probe';
import { healthCheck } from '../test/runtime/health-check-manifest';
import { VirtualClock } from '../test/virtual-clock';

export interface DeploymentOptions {
  readonly strategy: 'redeploy' | 'blueGreen';
  readonly hasControl: boolean;
  /** An alarm of CloudWatch that is a health check, too. @default - none */
  readonly alarm?: AlarmOfDeployment;
  /** How long users still see the old release after the command that gives them the new one. @default - not at all */
  readonly showsAfterMs?: number;
}

export interface AlarmOfDeployment {
  readonly check: CloudWatchAlarmCheckManifest;
  /** What CloudWatch says of it, in milliseconds since the epoch; or that it could not be read. */
  readonly at: (now: number) => AlarmState | AlarmProblem;
}

/** What became of a release that is healthy, though the network between it and the prober may not be. */
export interface Ending {
  readonly state: 'stable' | 'rolledBack' | 'halted';
  /** The gate that did not say healthy. */
  readonly during?: 'verifying' | 'baking' | 'confirming';
}

/** One check with the defaults that synthesis writes. */
export const CHECK = healthCheck();
const PROPAGATION_MS = 60_000;
/** The default of every strategy. */
export const BAKE_MS = 15_000;
/** Between the gates nothing probes, but a burst may go on. */
const DEPLOY_MS = 30_000;
const PROMOTE_MS = 1_000;
const FRESH_RUNNER_MS = 15_000;
export const STARTS_AT = 1_000_000;

const release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };
const replaced = { releases: [{ version: 'v1.2.2', sha: '' }] };

/** The runtime's own gates, one after the other as a deployment has them, on a clock that runs only as far as needed. */
export function deployHealthy({ strategy, alarm, hasControl, showsAfterMs = 0 }: DeploymentOptions, network: Network): Promise<Ending> {
  const clock = new VirtualClock(STARTS_AT);
  const check = showsAfterMs > 0 ? { ...CHECK, propagationMs: PROPAGATION_MS } : CHECK;
  let exposedAt = Infinity;
  const checks: readonly HealthCheckManifest[] = alarm ? [check, alarm.check] : [check];
  const overNetwork = serviceOver(network, clock, () => exposedAt <= clock.now() && clock.now() < exposedAt + showsAfterMs);
  const service: Prober = (one, target, signal) => (alarm && one.kind === 'cloudWatchAlarm' ? readAlarm(alarm, target, clock) : overNetwork(one, target, signal));
  const control = async () => {
    const { isResponse, takesMs } = network({ probed: 'control', at: clock.now(), timeoutMs: CONTROL_TIMEOUT_MS });
    await clock.sleep(takesMs);
    return isResponse;
  };
  const context = { clock, probe: hasControl ? controlledBy(control, service, clock) : service };
  let createdAt: number | undefined;
  // as src/runtime/deployment/phases probe
  const gate = (options: { readonly ready: boolean; readonly until?: number }, reached: Record<string, boolean>) =>
    runGate({ checks, release, replaced: { ...replaced, until: createdAt }, baseline: reached, ...options }, context);

  return clock.run((async () => {
    const { reached } = await baseline(checks, { release }, context);
    createdAt = clock.now();
    await clock.sleep(DEPLOY_MS);
    if (strategy === 'redeploy') exposedAt = clock.now();
    const verified = await gate({ ready: false }, reached);
    if (verified.verdict !== 'healthy') return ending(verified.verdict, 'verifying');
    if (strategy === 'blueGreen') {
      await clock.sleep(PROMOTE_MS);
      exposedAt = clock.now();
    }
    const begin = strategy === 'blueGreen' ? exposedAt : verified.shownAt ?? exposedAt;
    const baked = await gate({ ready: true, until: begin + BAKE_MS }, reached);
    if (baked.verdict !== 'healthy') return ending(baked.verdict, 'baking');
    await clock.sleep(FRESH_RUNNER_MS);
    // the judge does not know the baseline
    const confirmed = await gate({ ready: true }, {});
    return confirmed.verdict === 'healthy' ? { state: 'stable' } : ending(confirmed.verdict, 'confirming');
  })());
}

function ending(verdict: Verdict, during: Ending['during']): Ending {
  return { state: verdict === 'unhealthy' ? 'rolledBack' : 'halted', during };
}

function serviceOver(network: Network, clock: VirtualClock, isOld: () => boolean): Prober {
  return async ({ timeoutMs }, _target, signal) => {
    const startedAt = clock.now();
    const { isResponse, takesMs } = network({ probed: 'service', at: startedAt, timeoutMs });
    await clock.sleep(takesMs, signal);
    if (signal?.aborted) throw new InterruptedError();
    if (isResponse && isOld()) return { startedAt, endedAt: clock.now(), outcome: 'stale', saw: '200, v1.2.2' };
    return { startedAt, endedAt: clock.now(), ...(isResponse ? { outcome: 'healthy', saw: '200' } : { outcome: 'unreachable', saw: 'connection reset' }) };
  };
}

/** A call of the AWS CLI. */
const ALARM_MS = 1_000;

async function readAlarm({ at, check }: AlarmOfDeployment, target: Pick<ProbeTarget, 'isRestored' | 'liveSince'>, clock: VirtualClock): ReturnType<Prober> {
  const startedAt = clock.now();
  await clock.sleep(ALARM_MS);
  return { startedAt, endedAt: clock.now(), ...responseOf(check, at(clock.now()), target) };
}

interface Path {
  /** What the runtime probes next. */
  question?: Question;
  ending?: Ending;
  readonly after: Map<string, Path>;
}

/**
 * What the runtime does depends on the replies it gets, and on nothing else: who gets the same replies ends the same. So each course of
 * replies goes through the gates once, and a hundred thousand deployments take seconds.
 */
export class HealthyDeployments {
  private readonly start: Path = { after: new Map() };
  /** How many different courses there were. */
  public courses = 0;

  constructor(private readonly options: DeploymentOptions) {}

  public async deploy(network: Network): Promise<Ending> {
    const replies: Reply[] = [];
    let path = this.start;
    while (path.question && !path.ending) {
      const reply = network(path.question);
      replies.push(reply);
      path = follow(path, reply);
    }
    return path.ending ?? this.explore(replies, network);
  }

  private async explore(known: readonly Reply[], network: Network): Promise<Ending> {
    let path = this.start;
    let probeCount = 0;
    this.courses += 1;
    const reached = await deployHealthy(this.options, (question) => {
      path.question = question;
      const reply = known[probeCount] ?? network(question);
      probeCount += 1;
      path = follow(path, reply);
      return reply;
    });
    path.ending = reached;
    return reached;
  }
}

function follow({ after }: Path, { isResponse, takesMs }: Reply): Path {
  const key = `${isResponse} ${takesMs}`;
  const path = after.get(key) ?? { after: new Map() };
  after.set(key, path);
  return path;
}
