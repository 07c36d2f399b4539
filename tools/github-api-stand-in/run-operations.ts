import { Listing } from './listing';
import { ApiResponse, Call, ok, Operations, RejectedRequest } from './response';
import { RunRendering } from './run-rendering';
import { isWithin, StoredRun, StoredWorkflow, WorkflowRuns } from './workflow-runs';

/** The request of a person or a program for a run of a workflow. */
export interface Dispatch {
  /** The workflow's file: `rollback.yml`. */
  readonly workflow: string;
  /** A branch or tag, as it was given. */
  readonly ref: string;
  readonly inputs: Record<string, unknown>;
  /** The login of the requester. */
  readonly actor: string;
}

export interface RunOperationsOptions {
  readonly runs: WorkflowRuns;
  readonly listing: Listing;
  readonly rendering: () => RunRendering;
  /** Starts the requested run, and returns its id. A thrown `Refused` becomes the response. */
  readonly dispatch: (dispatch: Dispatch) => number;
  /** Cancels a run. What it throws as `RejectedRequest` is the response. */
  readonly cancel: (runId: number) => void;
  /** Begins another attempt of a run: of what failed, or of everything. What it throws as `RejectedRequest` is the response. */
  readonly rerun: (runId: number, which: 'failed' | 'all') => void;
  /** Whether the server knows `return_run_details`; older GitHub Enterprise servers do not. */
  readonly knowsRunDetails: () => boolean;
}

type Filter = (run: StoredRun, value: string) => boolean;

const FILTERS: Record<string, Filter> = {
  actor: (run, value) => run.actor === value,
  branch: (run, value) => run.headBranch === value,
  created: (run, value) => isWithin(run.createdAt, value),
  event: (run, value) => run.event === value,
  head_sha: (run, value) => run.headSha === value,
  status: (run, value) => run.status === value || run.conclusion === value,
};
/** With a filter GitHub lists no more than this. */
const SEARCH_LIMIT = 1000;

/** GitHub takes so many inputs of a dispatch, and so many characters of all together. */
const INPUTS_LIMIT = 25;
const PAYLOAD_LIMIT = 65_535;

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs */
function checkInputs(inputs: Record<string, unknown>, declared: readonly string[] = Object.keys(inputs)): void {
  const unexpected = Object.keys(inputs).filter((name) => !declared.includes(name));
  if (unexpected.length > 0) throw new RejectedRequest(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  if (Object.keys(inputs).length > INPUTS_LIMIT) throw new RejectedRequest(422, `you may only define up to ${INPUTS_LIMIT} \`inputs\` for a \`workflow_dispatch\` event`);
  if (JSON.stringify(inputs).length > PAYLOAD_LIMIT) throw new RejectedRequest(422, 'inputs are too large.');
}

/** The operations on workflow runs and their jobs, and on dispatches. */
export class RunOperations {
  constructor(private readonly options: RunOperationsOptions) {}

  public operations(): Operations {
    return {
      'actions/get-workflow-run': (call) => ok(this.rendered(this.run(call))),
      'actions/list-jobs-for-workflow-run': (call) => this.listJobs(call),
      'actions/list-workflow-runs': (call) => this.listRuns(call),
      'actions/create-workflow-dispatch': (call) => this.dispatch(call),
      'actions/cancel-workflow-run': (call) => {
        this.options.cancel(this.run(call).id);
        return { status: 202, body: {} };
      },
      'actions/re-run-workflow': (call) => this.rerun(call, 'all'),
      'actions/re-run-workflow-failed-jobs': (call) => this.rerun(call, 'failed'),
    };
  }

  /** The jobs that GitHub has made so far: one that still waits for those it needs is not among them. */
  private listJobs(call: Call): ApiResponse {
    const run = this.run(call);
    const jobs = run.jobs.filter(({ attempt }) => call.request.query.filter === 'all' || attempt === run.attempt);
    const rendering = this.options.rendering();
    return this.options.listing.page(call.request, jobs, (job) => rendering.job(run, job), (page, total) => ({ total_count: total, jobs: page }));
  }

  private listRuns({ request, parameters }: Call): ApiResponse {
    const { runs, listing } = this.options;
    const filters = Object.keys(FILTERS).filter((name) => request.query[name] !== undefined);
    const matching = runs.runsOf(this.workflow(parameters))
      .filter((run) => listing.isSeen(run))
      .filter((run) => filters.every((name) => FILTERS[name](run, request.query[name])));
    const listed = listing.inOrder(matching).slice(0, filters.length > 0 ? SEARCH_LIMIT : undefined);
    return listing.page(request, listed, (run) => this.rendered(run), (page, total) => ({ total_count: total, workflow_runs: page }));
  }

  private dispatch({ request, caller, parameters }: Call): ApiResponse {
    const body = request.body as { ref: string; inputs?: Record<string, unknown>; return_run_details?: boolean };
    const { ref, inputs = {}, return_run_details: details } = body;
    const { path, inputs: declared } = this.workflow(parameters);
    checkInputs(inputs, declared);
    const runId = this.options.dispatch({ workflow: path.replace(/^.*\//, ''), ref, inputs, actor: caller.login });
    return details && this.options.knowsRunDetails() ? ok(this.options.rendering().dispatched(runId)) : { status: 204 };
  }

  private rerun(call: Call, which: 'failed' | 'all'): ApiResponse {
    this.options.rerun(this.run(call).id, which);
    return { status: 201, body: {} };
  }

  private run({ parameters }: Call): StoredRun {
    const run = this.options.runs.run(Number(parameters.run_id));
    if (!run || !this.options.listing.isSeen(run)) throw new RejectedRequest(404, 'Not Found');
    return run;
  }

  private workflow({ workflow_id: id }: Record<string, string>): StoredWorkflow {
    const workflow = this.options.runs.workflow(id);
    if (!workflow) throw new RejectedRequest(404, 'Not Found');
    return workflow;
  }

  private rendered(run: StoredRun): Record<string, unknown> {
    return this.options.rendering().run(run, this.options.runs.workflow(run.path)!);
  }
}
