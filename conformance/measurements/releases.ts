import { execFileSync } from 'node:child_process';
import { DEPLOY_WORKFLOW, ENVIRONMENT, PREFIX, ROLLBACK_WORKFLOW } from '../place';
import { Context, Measurement } from './measurement';
import { Dispatched, Job, Runs } from '../runs';
import { Finding } from '../table';

type Kind = 'good' | 'bad' | 'stale' | 'next-good';

interface ApiDeployment {
  readonly id: number;
  readonly task: string;
}

/** The synthesized deploy.yml, with a release that is well, one that is not, and one that users do not get; then rollback.yml, from the next good one. */
export const releases: Measurement = {
  ids: ['good-release-verified', 'bad-release-rolled-back', 'stale-release-rolled-back', 'rollback-by-hand', 'deployment-false', 'job-names-shown', 'run-statuses-known'],
  measure: async (context) => {
    const good = await deploy(context, 'good');
    const bad = await deploy(context, 'bad');
    const stale = await deploy(context, 'stale');
    const next = await deploy(context, 'next-good');
    const back = await rollBack(context, 'good');
    const all = await context.github.list<ApiDeployment>(`/deployments?environment=${ENVIRONMENT}`);
    const others = all.filter(({ task }) => task !== 'delivery').length;
    const names = good.jobs.map(({ name }) => name);
    const unknown = [...context.runs.statuses].filter((status) => !KNOWN_STATUSES.includes(status));
    return {
      'good-release-verified': finding(good, { deploy: 'success', monitor: 'success' }, 'success'),
      'bad-release-rolled-back': finding(bad, { deploy: 'failure', monitor: 'failure' }, 'failure'),
      'stale-release-rolled-back': finding(stale, { deploy: 'failure', monitor: 'failure' }, 'failure'),
      'rollback-by-hand': next.conclusion === 'success'
        ? finding(back, { rollback: 'success', monitor: 'success' }, 'success')
        : { measured: `the previous release was not deployed: ${next.conclusion}`, holds: false },
      'deployment-false': { measured: `${all.length} deployments, ${others} of them not ours`, holds: all.length > 0 && others === 0 },
      'job-names-shown': { measured: names.join(', '), holds: names.includes(`deploy ${ENVIRONMENT}`) },
      'run-statuses-known': { measured: [...context.runs.statuses].join(', '), holds: unknown.length === 0 },
    };
  },
};

const KNOWN_STATUSES = ['queued', 'requested', 'waiting', 'pending', 'in_progress', 'completed'];

interface Deployed {
  readonly conclusion: string | null;
  readonly jobs: readonly Job[];
}

async function deploy({ runs, env, token }: Context, kind: Kind): Promise<Deployed> {
  const tag = tagOf(token, kind);
  tagRelease(env, tag);
  return followed(runs, await runs.dispatch(DEPLOY_WORKFLOW, tag, { environment: ENVIRONMENT }));
}

async function rollBack({ runs, branch, token }: Context, kind: Kind): Promise<Deployed> {
  const inputs = { environment: ENVIRONMENT, action: 'rollback', release: tagOf(token, kind), reason: 'the conformance run' };
  return followed(runs, await runs.dispatch(ROLLBACK_WORKFLOW, branch, inputs));
}

function tagOf(token: string, kind: Kind): string {
  return `${PREFIX}${token}-${kind}`;
}

async function followed(runs: Runs, { id }: Dispatched): Promise<Deployed> {
  const { conclusion } = await runs.ended(id);
  return { conclusion, jobs: await runs.jobs(id) };
}

/** A commit of its own for each release: what is live already would not be deployed. A tag that GITHUB_TOKEN pushes starts nothing. */
function tagRelease(env: NodeJS.ProcessEnv, tag: string): void {
  const author = ['-c', 'user.name=conformance', '-c', 'user.email=conformance@users.noreply.github.com'];
  const sha = git(env, ...author, 'commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', tag);
  git(env, ...credentials(env), 'push', '--quiet', 'origin', `${sha}:refs/tags/${tag}`);
}

export function deleteTags(env: NodeJS.ProcessEnv, tags: readonly string[]): void {
  if (tags.length > 0) git(env, ...credentials(env), 'push', '--quiet', 'origin', '--delete', ...tags.map((tag) => `refs/tags/${tag}`));
}

/** The tags of this run that the repository has. */
export function releaseTags(env: NodeJS.ProcessEnv, token: string): string[] {
  const lines = git(env, ...credentials(env), 'ls-remote', '--tags', 'origin', `${PREFIX}${token}-*`).split('\n');
  return lines.filter((line) => line !== '').map((line) => line.split('\trefs/tags/')[1]);
}

/** The checkout keeps no credentials: only these commands get them, through the environment and not as an argument that others can read. */
function credentials(env: NodeJS.ProcessEnv): string[] {
  return ['--config-env', `http.${env.GITHUB_SERVER_URL ?? 'https://github.com'}/.extraheader=CONFORMANCE_GIT_HEADER`];
}

function git(env: NodeJS.ProcessEnv, ...argv: string[]): string {
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${env.GITHUB_TOKEN}`).toString('base64')}`;
  return execFileSync('git', argv, { env: { ...env, CONFORMANCE_GIT_HEADER: header }, encoding: 'utf8' }).trim();
}

/** What the deploy job and the one that confirms came to, and the whole run. */
function finding({ conclusion, jobs }: Deployed, wanted: Record<string, string>, wantedConclusion: string): Finding {
  const found = Object.keys(wanted).map((prefix) => [prefix, jobs.find(({ name }) => name === `${prefix} ${ENVIRONMENT}`)?.conclusion ?? 'missing'] as const);
  return {
    measured: [...found.map(([prefix, result]) => `${prefix}: ${result}`), `run: ${conclusion}`].join(', '),
    holds: conclusion === wantedConclusion && found.every(([prefix, result]) => wanted[prefix] === result),
  };
}

