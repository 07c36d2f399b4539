import { describeLive, liveRelease } from './live-release';
import { driverOf } from './registry';
import { RuntimeContext } from '../context';
import { commandLine, placeOf } from '../reporting/command-line';

/** What a person should know of the engine before the first deployment: no release is Stable yet. Empty where the target has no driver. */
export async function firstDeploymentWarnings(context: RuntimeContext): Promise<string[]> {
  const live = await liveRelease(context);
  if (live === undefined) return [];
  const { place } = driverOf(context)!;
  if (live.kind === 'unknown') return [`this is the first deployment, and ${place} could not be read: ${live.why.replace(/\.$/, '')}`];
  const adopt = commandLine('adopt', placeOf(context), { release: live.kind === 'release' ? live.release.version : 'VERSION', reason: 'why' });
  return [
    `this is the first deployment, and ${place} serves ${describeLive(live)}. If a release is live that users rely on, record it first, so that a bad release can be rolled back to it: ${adopt}`,
  ];
}
