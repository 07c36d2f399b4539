import { randomBytes } from 'node:crypto';
import { follow } from './follow';
import { findOrigin, Origin, findToken, laptopApi, OFFLINE_MS } from './origin';
import { dispatch, StartedRun } from './workflow-dispatch';
import { ExitCode } from '../../../../contract/command-line';
import { INPUT, InputName, RollbackAction, SLOTS } from '../../../../contract/workflows';
import { Clock } from '../../../clock';
import { ConfigurationError } from '../../../errors';
import { isObject, isText } from '../../../json-value';
import { maskedLine, masker } from '../../../reporting/masking';
import { GithubApi, GithubError } from '../api';

/** The inputs of the workflow. Absent ones have the workflow's defaults. */
export interface RollbackInputs {
  readonly environment: string;
  readonly action: RollbackAction;
  readonly release?: string;
  readonly slot?: typeof SLOTS[number];
  /** @default 'requested from a laptop' */
  readonly reason?: string;
  readonly evenIfIrreversible?: boolean;
  /** Adopts what was Stable under this former name. */
  readonly from?: string;
  /** Rolls back only while this deployment is the newest. */
  readonly fromDeployment?: string;
}

export interface DispatchAndFollowOptions {
  readonly inputs: RollbackInputs;
  readonly env: NodeJS.ProcessEnv;
  /** The project's folder, which has the git remote. */
  readonly root: string;
  readonly clock: Clock;
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Stops following the run, which continues. */
  readonly interrupted: AbortSignal;
  /** The file of the workflow: `rollback.yml`. */
  readonly workflow: string;
  /** The subproject's name. @default - the root project */
  readonly project?: string;
  /** @default - found by the remote of git */
  readonly origin?: Origin;
  /** @default - the one of the environment, or of gh */
  readonly token?: string;
}

/**
 * From a laptop: starts the rollback workflow on the default branch, and reports the progress of its run until it ends.
 *
 * @returns 0 if the run succeeded; 3 if it halted the environment according to the ledger; otherwise 1, also if following was interrupted
 * Rejects with `ConfigurationError` (no remote, no token, no permission, no such workflow) or `EventLogError` (GitHub does not respond).
 */
export async function dispatchAndFollow(options: DispatchAndFollowOptions): Promise<ExitCode> {
  const { env, root, clock, inputs, interrupted, project, workflow } = options;
  const origin = options.origin ?? findOrigin(env, root);
  const token = options.token ?? findToken(env, origin);
  const mask = masker([token]);
  const say = (text: string) => options.print(maskedLine(text, mask, 400));
  const api = laptopApi({ clock, origin, token });
  const url = `${origin.webUrl}/${origin.repository}/actions/workflows/${workflow}`;

  const run = await unless(interrupted, start(api, clock, inputs, workflow, url));
  if (!run) {
    say(`Stopped while GitHub was starting the run. Check whether it began: ${url}`);
    return 1;
  }
  say(`${inputs.action} of ${inputs.environment}: ${run.url}`);
  const outcome = await unless(interrupted, follow({ api, clock, run, project, environment: inputs.environment, say, stopped: interrupted }));
  if (outcome === undefined) say(`Not followed any more. The run goes on: ${run.url} (cancel it there)`);
  return outcome ?? 1;
}

async function start(api: GithubApi, clock: Clock, inputs: RollbackInputs, workflow: string, url: string): Promise<StartedRun> {
  const request = randomBytes(6).toString('hex');
  return dispatch(api, clock, { workflow, ref: await defaultBranch(api), inputs: asInputs(inputs, request), request, url });
}

/** GitHub rejects unknown inputs, so only the given ones are sent. */
function asInputs(rollback: RollbackInputs, request: string): Partial<Record<InputName, string>> {
  const { environment, action, release, slot, reason, evenIfIrreversible, from, fromDeployment } = rollback;
  return {
    [INPUT.ENVIRONMENT]: environment,
    [INPUT.ACTION]: action,
    ...(release && { [INPUT.RELEASE]: release }),
    ...(slot && { [INPUT.SLOT]: slot }),
    [INPUT.REASON]: reason || 'requested from a laptop',
    ...(evenIfIrreversible && { [INPUT.EVEN_IF_IRREVERSIBLE]: 'true' }),
    ...(from && { [INPUT.FROM]: from }),
    ...(fromDeployment && { [INPUT.FROM_DEPLOYMENT]: fromDeployment }),
    [INPUT.REQUEST]: request,
  };
}

async function defaultBranch(api: GithubApi): Promise<string> {
  try {
    const { data } = await api.request({
      what: `report the default branch of ${api.repository}`,
      route: 'GET /repos/{owner}/{repo}',
      permission: 'metadata: read',
      isExpected: hasDefaultBranch,
      patienceMs: OFFLINE_MS,
    });
    return data.default_branch;
  } catch (error) {
    throw error instanceof GithubError && !error.transient ? new ConfigurationError(error.message) : error;
  }
}

function hasDefaultBranch(data: unknown): data is { readonly default_branch: string } {
  return isObject(data) && isText(data.default_branch);
}

/** The result of the work; undefined as soon as the signal aborts. */
async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  let end = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
