import { github } from 'projen';

/** A job of the delivery, as it was added. */
export interface DeliveryJob {
  /** The id of the job's main step. */
  readonly mainStep: string;
  readonly job: github.workflows.Job;
  /** Whether its condition is proven: it may differ if nothing worse comes of it. */
  readonly isProven?: boolean;
}

/** A change that breaks a guarantee. */
export interface Violation {
  /** The key of the job or workflow: `if`. */
  readonly key: string;
  /** The value now, and the guarantee that it breaks. Continues a sentence that begins with the job and the key. */
  readonly fault: string;
  readonly fix: string;
}

export const KEEP = 'Leave it as it was';

/** The main steps of jobs that provide the release's files. */
export const ARTIFACT_JOBS = ['pack', 'image', 'download'];

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function violation(key: string, fault: string, fix: string): Violation {
  return { key, fault, fix };
}
