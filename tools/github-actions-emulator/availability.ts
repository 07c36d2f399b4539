/**
 * Which contexts an expression may use where.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
 */
const WORKFLOW = ['github', 'inputs', 'vars'] as const;
const PLANNING = [...WORKFLOW, 'needs'] as const;
const JOB = [...PLANNING, 'strategy', 'matrix'] as const;
const RUNNING = [...JOB, 'job', 'runner', 'env', 'steps'] as const;

export const AVAILABLE = {
  runName: WORKFLOW,
  workflowConcurrency: WORKFLOW,
  workflowEnv: [...WORKFLOW, 'secrets'],
  /** No secrets, and nothing of the matrix: it decides about the job before there are legs. */
  jobIf: PLANNING,
  jobStrategy: PLANNING,
  /** `name`, `environment`, `concurrency`, `timeout-minutes`, `continue-on-error`, `runs-on` */
  job: JOB,
  jobEnv: [...JOB, 'secrets'],
  jobDefaults: [...JOB, 'env'],
  jobOutputs: [...RUNNING, 'secrets'],
  environmentUrl: RUNNING,
  stepIf: RUNNING,
  step: [...RUNNING, 'secrets'],
} as const satisfies Record<string, readonly string[]>;

export type Place = keyof typeof AVAILABLE;

/** Only what is allowed at this place, each present even when it is empty. */
export function visibleAt(place: Place, contexts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(AVAILABLE[place].map((name) => [name, contexts[name] ?? {}]));
}
