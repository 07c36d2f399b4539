import { isFailed, isUnknown, TIMEOUT_MS, UserResponse } from './load-client';
import { Decision } from './rollout-story';
import { Switch } from './switch-watch';
import { EnvironmentManifest } from '../src/contract/manifest';

/** What became of one release. Times are milliseconds since the epoch. */
export interface Ending {
  readonly version: string;
  /** As the judge says it: `stable`, `rolledBack`, ... */
  readonly state: string;
  readonly beganAt: number;
  /** To users who asked from its beginning to that of the next one. */
  readonly responses: readonly UserResponse[];
  readonly decision?: Decision;
  /** When users were switched back from it. */
  readonly restored?: Switch;
}

/** Every response belongs to one release's time. Users who ask before the very first switch get 503, as they must. */
export function withResponses(endings: readonly Omit<Ending, 'responses'>[], responses: readonly UserResponse[], firstSwitch: Switch | undefined): Ending[] {
  return endings.map((ending, index) => {
    const begin = Math.max(ending.beganAt, firstSwitch?.at ?? Infinity);
    const end = endings[index + 1]?.beganAt ?? Infinity;
    return { ...ending, responses: responses.filter(({ startedAt }) => startedAt >= begin && startedAt < end) };
  });
}

/** How the table shows a release. */
export interface Account {
  /** Milliseconds from the first bad response to the decision to go back. */
  readonly detectedMs?: number;
  /** Milliseconds from there to the first good response to a user who asked afterwards. */
  readonly backMs?: number;
  readonly served: number;
  /** Failures that the release itself caused: it says so in its response. */
  readonly ownFailures: readonly UserResponse[];
  /** All others: a switch lost them. */
  readonly otherFailures: readonly UserResponse[];
  /** Neither served nor failed: the machine was too slow to tell. */
  readonly unknown: readonly UserResponse[];
}

export function accountOf({ version, responses, decision, restored }: Ending): Account {
  const unknown = responses.filter(isUnknown);
  const failed = responses.filter((response) => isFailed(response) && !isUnknown(response));
  const good = responses.filter((response) => !isFailed(response));
  const back = restored && good.filter(({ startedAt }) => startedAt >= restored.at).map(({ endedAt }) => endedAt);
  return {
    detectedMs: decision && firstBad(decision, failed.filter((response) => response.version === version), decision.decidedAt),
    backMs: decision && back?.length ? Math.min(...back) - decision.decidedAt : undefined,
    served: good.length,
    ownFailures: failed.filter((response) => response.version === version),
    otherFailures: failed.filter((response) => response.version !== version),
    unknown,
  };
}

/** Users or the health check, whichever met it first. */
function firstBad({ firstBadAt }: Decision, own: UserResponse[], decidedAt: number): number | undefined {
  const times = [firstBadAt, ...own.map(({ endedAt }) => endedAt)].filter((time): time is number => time !== undefined);
  return times.length > 0 ? decidedAt - Math.min(...times) : undefined;
}

/** The longest time for which a bad release may be seen by users: until it is detected, and they are switched back. */
export function longestExposureMs({ healthChecks }: EnvironmentManifest): number {
  const detection = Math.max(...healthChecks.map(({ failureThreshold, intervalMs, timeoutMs }) => failureThreshold * intervalMs + timeoutMs));
  return detection + SWITCH_MS;
}

/** From the decision to the old release serving users. */
export const SWITCH_MS = 1000;

export interface Claim {
  readonly sentence: string;
  readonly isKept: boolean;
}

/** What the demo must show of its first four releases: two that are good, and two that are taken back; and of all that no switch loses a request. */
export function claims(endings: readonly Ending[], live: string, environment: EnvironmentManifest): Claim[] {
  const [, second, third, fourth] = endings;
  const accounts = endings.map(accountOf);
  const lost = accounts.flatMap(({ otherFailures }) => otherFailures);
  const own = accounts.slice(0, 4).flatMap(({ ownFailures }) => ownFailures);
  const limitMs = longestExposureMs(environment);
  const lastedMs = own.length === 0 ? 0 : Math.max(...own.map(({ endedAt }) => endedAt)) - Math.min(...own.map(({ endedAt }) => endedAt));
  const knownCount = countOf(endings) - accounts.flatMap(({ unknown }) => unknown).length;
  return [
    { sentence: `${second.version} is live at the end`, isKept: live === second.version && second.state === 'stable' },
    ...[third, fourth].map(({ version, state, decision, restored }) => ({
      sentence: `${version} was detected and rolled back`,
      isKept: state === 'rolledBack' && decision !== undefined && restored !== undefined,
    })),
    { sentence: `no request of ${knownCount.toLocaleString('en')} failed because of a switch${lost.length > 0 ? `, but ${lost.length} did: ${faults(lost)}` : ''}`, isKept: knownCount > 0 && lost.length === 0 },
    {
      sentence: `${third.version} itself failed ${accounts[2].ownFailures.length} requests, within ${(lastedMs / 1000).toFixed(1)} s; detection and switch may take ${(limitMs / 1000).toFixed(1)} s`,
      isKept: lastedMs <= limitMs && own.length === accounts[2].ownFailures.length && own.length > 0,
    },
  ];
}

/** What the demo must not conceal: requests of which nobody knows whether a switch failed them. They are no claim that is broken. */
export function doubt(endings: readonly Ending[]): string | undefined {
  const count = endings.map(accountOf).flatMap(({ unknown }) => unknown).length;
  if (count === 0) return undefined;
  const share = `${count.toLocaleString('en')} of ${countOf(endings).toLocaleString('en')} requests`;
  return `the machine was too slow to tell whether a switch failed requests: ${share} got no response within ${TIMEOUT_MS / 1000} s`;
}

function countOf(endings: readonly Ending[]): number {
  return endings.reduce((sum, { responses }) => sum + responses.length, 0);
}

function faults(lost: readonly UserResponse[]): string {
  return [...new Set(lost.map(({ status, error }) => error ?? `status ${status}`))].slice(0, 3).join(', ');
}
