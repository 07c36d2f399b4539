import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { ConfigurationError } from '../../errors';
import { newProcessId } from '../../event-log/event-log';
import { OUTCOMES, Run, RunWords } from '../run';

export const GITHUB_WORDS: RunWords = {
  noun: 'run',
  title: (id, attempt) => `run ${id}${attempt === undefined ? '' : `, attempt ${attempt}`}`,
  repeat: 'run this job again',
  startNew: 'Start a new run to deploy: push again, or run the workflow again from the start.',
  cancel: 'cancel that run',
};

/** Reads the run from the process environment. Throws `ConfigurationError`. */
export function githubRun(env: NodeJS.ProcessEnv): Run {
  const id = count(env, 'GITHUB_RUN_ID');
  const attempt = count(env, 'GITHUB_RUN_ATTEMPT');
  const repository = required(env, 'GITHUB_REPOSITORY');
  return {
    inCi: true,
    words: GITHUB_WORDS,
    id,
    attempt,
    processId: newProcessId({ id, attempt }),
    sha: required(env, 'GITHUB_SHA'),
    ref: { type: env.GITHUB_REF_TYPE === 'tag' ? 'tag' : 'branch', name: required(env, 'GITHUB_REF_NAME') },
    released: env[JOB_VARIABLE.RELEASE] || undefined,
    actor: env.GITHUB_ACTOR ?? 'unknown',
    url: `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/actions/runs/${id}`,
    deployed: env[JOB_VARIABLE.DEPLOYED] === 'success',
    outcome: OUTCOMES.find((outcome) => outcome === env[JOB_VARIABLE.STATE]),
  };
}

function count(env: NodeJS.ProcessEnv, name: string): number {
  const value = Number(required(env, name));
  if (!Number.isSafeInteger(value) || value < 1) throw new ConfigurationError(`${name} is '${env[name]}', which is no number. Leave GitHub's own variables as they are.`);
  return value;
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new ConfigurationError(`${name} is not set, though GITHUB_ACTIONS is. Leave GitHub's own variables as they are.`);
  return value;
}
