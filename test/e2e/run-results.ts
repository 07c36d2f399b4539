/** What the tests look at in a run that was executed. */
import { RunRecord } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';

/** By job. */
export function results({ jobs }: RunRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(jobs).map(([id, { result }]) => [id, result]));
}

/** When the first leg of a job got its runner; NaN if none did. Milliseconds since the epoch, as all times here. */
export function began({ jobs }: RunRecord, job: string): number {
  return Math.min(...jobs[job].legs.map(({ startedAt }) => startedAt ?? NaN));
}

/** When the last leg of a job ended; NaN if it never had a runner. */
export function ended({ jobs }: RunRecord, job: string): number {
  return Math.max(...jobs[job].legs.map(({ endedAt }) => endedAt ?? NaN));
}

/** The digests of what was deployed to an environment, as the records say, oldest first. */
export function deployedDigests(api: GithubStandIn, environment: string): (string | undefined)[] {
  return [...api.deployments(environment)].sort((a, b) => a.id - b.id)
    .map(({ payload }) => JSON.stringify(payload).replaceAll('\\', '').match(/"digest":"(\w+)"/)?.[1]);
}
