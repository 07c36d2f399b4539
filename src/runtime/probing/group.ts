import { namesCommit } from './namesakes';
import type { Observation, Outcome } from './observation';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { GroupCheckManifest } from '../../contract/manifest';
import { Named } from '../release';

/** From best to worst: a better outcome leaves more possibilities open. */
const ORDER: readonly Outcome[] = ['healthy', 'blind', 'unreachable', 'stale', 'unhealthy'];

interface MemberResult {
  readonly name: string;
  readonly observation: Observation;
}

/** Probes all members at the same time. `allOf` returns the worst result, `anyOf` the best. */
export async function probeGroup(group: GroupCheckManifest, target: ProbeTarget, signal: AbortSignal, { probe }: ProbeTools): Promise<ProbeResponse> {
  const members = group.checks.filter(({ liveOnly }) => !(liveOnly && target.url !== undefined));
  const observations = await Promise.all(members.map((check) => probe(check, target, signal)));
  const results = observations.map((observation, i): MemberResult => ({ name: members[i].name, observation }));
  const { name, observation } = decisive(group.kind, results, target.release);
  const { latencyMs, outcome, release, saw, status } = observation;
  return { latencyMs, outcome, release, saw: outcome === 'healthy' ? healthyOf(group.kind, results, name) : `${name}: ${saw}`, status };
}

/** Of equal results, prefers one that identifies the release, best by its commit, then the first. */
function decisive(kind: GroupCheckManifest['kind'], results: MemberResult[], meant: Named): MemberResult {
  const sign = kind === 'allOf' ? -1 : 1;
  const said = (release: string | undefined) => (release === undefined ? 0 : namesCommit(release, meant) ? 2 : 1);
  const rank = ({ observation: { outcome, release } }: MemberResult) => sign * 3 * ORDER.indexOf(outcome) - said(release);
  return results.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

function healthyOf(kind: GroupCheckManifest['kind'], results: MemberResult[], name: string): string {
  return kind === 'allOf' ? `all ${results.length} are healthy` : `${name} is healthy`;
}
