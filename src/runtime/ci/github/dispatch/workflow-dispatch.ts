import { Clock } from '../../../clock';
import { ConfigurationError } from '../../../errors';
import { EventLogError } from '../../../event-log/event-log';
import { isNumber, isObject, isText } from '../../../json-value';
import { unlessEjected } from '../../../reporting/command-line';
import { DispatchRequest } from '../../ci-runtime';
import { GithubApi, GithubError } from '../api';
import { readDispatchedRuns } from '../workflow-run';

export interface WorkflowDispatch extends DispatchRequest {
  /** Where people see the workflow's runs. */
  readonly url: string;
}

export interface StartedRun {
  readonly id: number;
  /** The web address. */
  readonly url: string;
}

interface ApiDispatched {
  readonly workflow_run_id: number;
  readonly html_url: string;
}

/** GitHub lists a run some seconds after the request. */
const LOOKS_MS = [0, 1000, 2000, 4000, 8000, 15_000, 30_000];
/** How long to search after a lost response, before the request is repeated. */
const LOST_LOOKS_MS = LOOKS_MS.slice(0, 5);

/** Starts one run of a workflow, and finds it. Rejects with `ConfigurationError` or `EventLogError`. */
export async function dispatch(api: GithubApi, clock: Clock, workflowDispatch: WorkflowDispatch): Promise<StartedRun> {
  const run = await requestRun(api, clock, workflowDispatch) ?? await api.patiently(() => find(api, clock, workflowDispatch, LOOKS_MS));
  if (run) return run;
  throw new EventLogError(`GitHub accepted the request and shows no run for it. Search for "${workflowDispatch.request}" at ${workflowDispatch.url}. If the run is there without it, ${unlessEjected('run npx projen and commit', 'restore')} ${workflowDispatch.workflow}.`);
}

/** The run, if the server returns it: older GitHub Enterprise servers do not. */
async function requestRun(api: GithubApi, clock: Clock, workflowDispatch: WorkflowDispatch): Promise<StartedRun | undefined> {
  try {
    return await requestOnce(api, clock, workflowDispatch, true).catch((error: unknown) => {
      if (error instanceof GithubError && error.message.includes('return_run_details')) return requestOnce(api, clock, workflowDispatch, false);
      throw error;
    });
  } catch (error) {
    throw error instanceof GithubError ? explained(error, workflowDispatch) : error;
  }
}

/** Starts at most one run: before a retry, it searches for the run that the lost request may have started. */
function requestOnce(api: GithubApi, clock: Clock, workflowDispatch: WorkflowDispatch, details: boolean): Promise<StartedRun | undefined> {
  const { workflow, ref, inputs } = workflowDispatch;
  let mayBeDone = false;
  return api.patiently(async (before) => {
    mayBeDone ||= before?.mayBeDone ?? false;
    const found = mayBeDone ? await find(api, clock, workflowDispatch, LOST_LOOKS_MS) : undefined;
    if (found) return found;
    const { data } = await api.once({
      what: `start ${workflow} on ${ref}`,
      route: 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
      permission: 'actions: write',
      parameters: { workflow_id: workflow, ref, inputs, ...(details && { return_run_details: true }) },
      isExpected: isDispatched,
    });
    return data ? { id: data.workflow_run_id, url: data.html_url } : undefined;
  });
}

async function find(api: GithubApi, clock: Clock, workflowDispatch: WorkflowDispatch, looksMs: readonly number[]): Promise<StartedRun | undefined> {
  for (const waitMs of looksMs) {
    if (waitMs > 0) await clock.sleep(waitMs);
    const found = (await readDispatchedRuns(api, workflowDispatch.workflow)).find(({ title }) => title.includes(workflowDispatch.request));
    if (found) return { id: found.id, url: found.url };
  }
  return undefined;
}

function explained(error: GithubError, { workflow, ref }: WorkflowDispatch): Error {
  const newest = `${unlessEjected('run npx projen, ', '')}commit .github/workflows/${workflow}, and push it to ${ref}`;
  switch (error.status) {
    case 401:
    case 403: return new ConfigurationError(error.message);
    case 404: return new ConfigurationError(`${workflow} is not on ${ref}, the default branch, yet: ${newest}.`);
    case 422: return new ConfigurationError(`${error.message} The one on ${ref}, the default branch, may be older than this project's: ${newest}. If it is switched off: gh workflow enable ${workflow}.`);
    default: return error;
  }
}

/** An older server returns nothing (204). */
function isDispatched(data: unknown): data is ApiDispatched | undefined | '' {
  return data === undefined || data === '' || (isObject(data) && isNumber(data.workflow_run_id) && isText(data.html_url));
}
