import { parse } from 'yaml';

/** A workflow as far as the validators look at it. */
export interface Workflow {
  readonly 'name'?: string;
  readonly 'run-name'?: string;
  readonly 'on'?: Record<string, unknown>;
  readonly 'permissions'?: Record<string, string>;
  readonly 'env'?: Record<string, string>;
  readonly 'concurrency'?: unknown;
  readonly 'jobs': Record<string, Job>;
}

export interface Job {
  readonly 'name'?: string;
  readonly 'needs'?: string | string[];
  readonly 'if'?: string;
  readonly 'uses'?: string;
  readonly 'secrets'?: unknown;
  readonly 'permissions'?: Record<string, string>;
  readonly 'environment'?: string | { readonly name: string; readonly url?: string; readonly deployment?: boolean };
  readonly 'concurrency'?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly 'env'?: Record<string, string>;
  readonly 'defaults'?: { readonly run?: { readonly shell?: string } };
  readonly 'outputs'?: Record<string, string>;
  readonly 'strategy'?: unknown;
  readonly 'steps'?: Step[];
}

export interface Step {
  readonly 'id'?: string;
  readonly 'name'?: string;
  readonly 'if'?: string;
  readonly 'uses'?: string;
  readonly 'run'?: string;
  readonly 'shell'?: string;
  readonly 'with'?: Record<string, unknown>;
  readonly 'env'?: Record<string, string>;
  readonly 'timeout-minutes'?: number;
  readonly 'continue-on-error'?: boolean;
  readonly 'working-directory'?: string;
}

export function parseWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}

/** Every step of a workflow, with its path. */
export function stepsOf(workflow: Workflow): { id: string; job: Job; step: Step; where: string }[] {
  return Object.entries(workflow.jobs).flatMap(([id, job]) =>
    (job.steps ?? []).map((step, i) => ({ id, job, step, where: `jobs.${id}.steps[${i}]` })));
}

/** Of a workflow of the delivery's own; a subproject's carries its name. */
export function isOurWorkflow(fileName: string): boolean {
  return /^(deploy|rollback|drill|monitor|plan|preview)(_.*)?\.yml$/.test(fileName);
}

/** In a workflow that our jobs joined. */
export function isOurJob(id: string, { steps }: Pick<Job, 'steps'>): boolean {
  return /^delivery_release(_|$)/.test(id) || JSON.stringify(steps ?? []).includes('delivery.cjs');
}
