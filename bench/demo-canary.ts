import { Claim, Ending } from './demo-verdict';
import { isFailed, isUnknown, UserResponse } from './load-client';
import { Switch } from './switch-watch';
import { detectionsOf } from '../src/contract/analysis-manifest';
import { EnvironmentManifest } from '../src/contract/manifest';

/** From the first request of a user that reaches the release to the decision. */
export const SEEN_WITHIN_MS = 20_000;

/** What is left of a canary at the end. */
export interface CanaryEnding extends Ending {
  /** The release that it was compared with. */
  readonly stable: string;
  /** What the machine's router does at the end. */
  readonly last?: Switch;
}

/** What the demo must show of a release that was bad for some users: it was seen soon, and none of them reaches it any more. */
export function canaryClaims(ending: CanaryEnding): Claim[] {
  const { decision, responses, stable, state, version } = ending;
  const seenMs = seenAfterMs(ending);
  const own = responses.filter((response) => response.version === version && !isUnknown(response));
  const failed = own.filter(isFailed).length;
  const after = responsesAfter(ending);
  return [
    {
      sentence: `${version} was compared with Stable, and taken back because of its errors`,
      isKept: state === 'rolledBack' && decision?.because.note?.includes('errors: Canary is worse than Stable') === true,
    },
    {
      sentence: `that took ${seenMs === undefined ? 'for ever' : `${(seenMs / 1000).toFixed(1)} s`} from the first request that reached it; it may take ${SEEN_WITHIN_MS / 1000} s`,
      isKept: seenMs !== undefined && seenMs < SEEN_WITHIN_MS,
    },
    {
      sentence: `it got ${own.length.toLocaleString('en')} requests, and failed ${failed.toLocaleString('en')} of them`,
      isKept: failed > 0 && failed < own.length,
    },
    {
      sentence: `Stable has 100 % of the traffic: ${stable} responded to all ${after.length.toLocaleString('en')} requests since then`,
      isKept: hasAllTraffic(ending) && after.length > 0 && after.every((response) => response.version === stable && !isFailed(response)),
    },
  ];
}

/** Undefined where no user reached it, or nothing was decided. */
export function seenAfterMs({ decision, responses, version }: Ending): number | undefined {
  const begins = responses.filter((response) => response.version === version).map(({ startedAt }) => startedAt);
  return decision && begins.length > 0 ? decision.decidedAt - Math.min(...begins) : undefined;
}

/** What synthesis and the plan expect: how long it takes to see a release that is as bad. */
export function expectation({ strategy: { analysis, weights = [] } }: EnvironmentManifest): string[] {
  return analysis ? detectionsOf(analysis, weights) : [];
}

function responsesAfter({ responses, restored }: Ending): UserResponse[] {
  return restored ? responses.filter((response) => response.startedAt >= restored.at && !isUnknown(response)) : [];
}

function hasAllTraffic({ last, restored }: CanaryEnding): boolean {
  return restored !== undefined && last !== undefined && last.split === undefined;
}
