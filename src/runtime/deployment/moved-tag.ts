import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { HistorySummary, LedgerRecord, StablePointer } from '../ledger/record';
import { baseline } from '../probing/gate';
import { namesakesOf, namesCommit } from '../probing/namesakes';
import { Release } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';

/** The releases that a record knows with the version of this one and another commit: they may respond in its place. */
export function recordedNamesakes({ carried, kind, leaving, release: deployed, stable }: LedgerRecord, release: Release): Release[] {
  // what was restored or is live already replaces only what this deployment left
  const earlier = kind === 'deploy' && release.sha === deployed.sha ? attemptsIn(carried) : [];
  return namesakesOf(release, [deployed, stable?.release, leaving, ...earlier]);
}

function attemptsIn(summary: HistorySummary | undefined): Release[] {
  return summary === undefined ? [] : [...(summary.latest ? [summary.latest.release] : []), ...summary.blocked.map(({ release }) => release)];
}

/**
 * A fault if the version is that of another commit that was deployed here, and no health check says which commit responds: whatever is live would
 * count as verified. Probes only then.
 */
export async function movedTagFaults(
  context: RuntimeContext, history: EnvironmentHistory, release: Release, stable: StablePointer | undefined,
): Promise<string[]> {
  const { environment, run } = context;
  const known = [...(stable ? [stable.release] : []), ...attemptsIn(await history.carriedOn())];
  const namesakes = namesakesOf(release, known);
  if (namesakes.length === 0) return [];
  const { releases } = await baseline(environment.healthChecks, { release: stable?.release ?? release }, context);
  if (releases.some((said) => known.some((one) => namesCommit(said, one)))) return [];
  const [sha, others] = [release.sha.slice(0, 7), namesakes.map((one) => one.sha.slice(0, 7)).join(', ')];
  const said = releases.length > 0 ? `The service says only ${[...new Set(releases)].join(', ')}` : 'No response names a commit';
  const own = run.inCi ? 'make a new tag' : `make a new tag, or deploy the commit by its sha: ${commandLine('deploy', placeOf(context), { release: sha })}`;
  return [
    `${release.version} (${sha}) has the name of another commit that was deployed to ${environment.name} before: ${others}. ${said}, so a health check cannot tell which of them responds, ` +
    `and nothing would be verified. Give the commit a name of its own: ${own}. Or let a health check name the commit that responds (release: ReleaseIdentity.json('sha')).`,
  ];
}
