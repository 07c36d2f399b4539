/** A workflow file, as far as the executor understands it. What it does not understand, it refuses: see unsupported.ts. */
export interface Workflow {
  readonly 'name'?: string;
  readonly 'run-name'?: string;
  readonly 'on': string | string[] | Record<string, unknown>;
  readonly 'permissions'?: PermissionsClause;
  readonly 'env'?: Record<string, Scalar>;
  readonly 'defaults'?: { readonly run?: RunDefaults };
  readonly 'concurrency'?: ConcurrencyClause;
  readonly 'jobs': Record<string, Job>;
}

export interface Job {
  readonly 'name'?: string;
  readonly 'needs'?: string | string[];
  readonly 'if'?: string | boolean;
  readonly 'runs-on'?: unknown;
  readonly 'permissions'?: PermissionsClause;
  readonly 'environment'?: string | { readonly name: string; readonly url?: string; readonly deployment?: boolean };
  readonly 'concurrency'?: ConcurrencyClause;
  readonly 'outputs'?: Record<string, string>;
  readonly 'env'?: Record<string, Scalar>;
  readonly 'defaults'?: { readonly run?: RunDefaults };
  readonly 'timeout-minutes'?: number | string;
  readonly 'continue-on-error'?: boolean | string;
  readonly 'strategy'?: Strategy;
  readonly 'steps': Step[];
}

export interface Strategy {
  /** An expression, or one list of values a name, with `include` and `exclude`. */
  readonly 'matrix'?: string | Record<string, unknown>;
  readonly 'fail-fast'?: boolean | string;
  readonly 'max-parallel'?: number | string;
}

export interface Step {
  readonly 'id'?: string;
  readonly 'name'?: string;
  readonly 'if'?: string | boolean;
  readonly 'uses'?: string;
  readonly 'with'?: Record<string, Scalar>;
  readonly 'run'?: string;
  readonly 'shell'?: string;
  readonly 'working-directory'?: string;
  readonly 'env'?: Record<string, Scalar>;
  readonly 'continue-on-error'?: boolean | string;
  readonly 'timeout-minutes'?: number | string;
}

export interface RunDefaults {
  readonly 'shell'?: string;
  readonly 'working-directory'?: string;
}

export type ConcurrencyClause = string | {
  readonly 'group': string;
  readonly 'cancel-in-progress'?: boolean | string;
  /** `max`: many wait. Without it one waits, and a newer one cancels it. */
  readonly 'queue'?: 'single' | 'max';
};

export type PermissionsClause = 'read-all' | 'write-all' | Record<string, 'read' | 'write' | 'none'>;
export type Scalar = string | number | boolean | null;

export function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** Every job a job waits for, near and far. */
export function ancestorsOf(workflow: Workflow, id: string): Set<string> {
  const found = new Set<string>();
  const visit = (one: string) => listOf(workflow.jobs[one]?.needs).filter((need) => !found.has(need)).forEach((need) => {
    found.add(need);
    visit(need);
  });
  visit(id);
  return found;
}
