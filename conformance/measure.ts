import { ASSUMPTIONS, MeasuredId } from './assumptions';
import { Github } from './github';
import { cancelledRun } from './measurements/cancelled-run';
import { deployments } from './measurements/deployments';
import { Context, Measurement } from './measurements/measurement';
import { queue } from './measurements/queue';
import { deleteTags, releases, releaseTags } from './measurements/releases';
import { repository } from './measurements/repository';
import { rerun } from './measurements/rerun';
import { ENVIRONMENT, MEASURE_ENVIRONMENT, PREFIX, required } from './place';
import { Runs } from './runs';
import { Findings, publish, rowsOf } from './table';

/** All at once: most of the time is spent on waiting for runners. */
export const MEASUREMENTS: readonly Measurement[] = [deployments, repository, cancelledRun, rerun, queue, releases];

interface ApiDeployment {
  readonly id: number;
}

/**
 * Measures, prints the table into the log and the job's summary, and tidies up.
 *
 * @param only the assumptions to measure; none: all of them
 * @returns 0 where all that was measured holds
 */
export async function measure(env: NodeJS.ProcessEnv, only: readonly string[]): Promise<number> {
  const unknown = only.filter((id) => !ASSUMPTIONS.some((one) => one.id === id));
  if (unknown.length > 0) throw new Error(`only: unknown assumption ${unknown.join(', ')}. See docs/assumptions.md for the ids.`);
  const context = contextOf(env);
  const { findings, failures } = await measureAll(context, only);
  await tidyUp(context);
  return publish('Assumptions about GitHub', rowsOf(ASSUMPTIONS, findings, failures), env);
}

export function githubOf(env: NodeJS.ProcessEnv): Github {
  return new Github({ url: required(env, 'GITHUB_API_URL'), token: required(env, 'GITHUB_TOKEN'), repository: required(env, 'GITHUB_REPOSITORY') });
}

function contextOf(env: NodeJS.ProcessEnv): Context {
  const github = githubOf(env);
  return {
    github,
    runs: new Runs(github),
    env,
    sha: required(env, 'GITHUB_SHA'),
    branch: required(env, 'GITHUB_REF_NAME'),
    runId: Number(required(env, 'GITHUB_RUN_ID')),
    token: `${required(env, 'GITHUB_RUN_ID')}-${required(env, 'GITHUB_RUN_ATTEMPT')}`,
  };
}

async function measureAll(context: Context, only: readonly string[]): Promise<{ findings: Findings; failures: Partial<Record<MeasuredId, string>> }> {
  const findings: Findings = {};
  const failures: Partial<Record<MeasuredId, string>> = {};
  const isWanted = (id: MeasuredId) => only.length === 0 || only.includes(id);
  await Promise.all(MEASUREMENTS.map(async ({ ids, measure: make }) => {
    const wanted = ids.filter(isWanted);
    if (wanted.length === 0) return;
    try {
      const found = await make(context);
      for (const id of wanted) findings[id] = found[id];
    } catch (error) {
      for (const id of wanted) failures[id] = (error as Error).message;
    }
  }));
  return { findings, failures };
}

/** Deployments are deleted once they are inactive; GITHUB_TOKEN may not delete environments, and the runs stay, to be read. */
async function tidyUp({ env, github, token }: Context): Promise<void> {
  try {
    deleteTags(env, releaseTags(env, token));
    for (const environment of [ENVIRONMENT, MEASURE_ENVIRONMENT]) {
      for (const { id } of await github.list<ApiDeployment>(`/deployments?environment=${environment}`)) {
        await github.post(`/deployments/${id}/statuses`, { state: 'inactive', auto_inactive: false });
        await github.delete(`/deployments/${id}`);
      }
    }
  } catch (error) {
    console.log(`::warning title=Clean-up failed::${(error as Error).message}. Tags and artifacts begin with ${PREFIX}.`);
  }
}
