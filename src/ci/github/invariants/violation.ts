import { github } from 'projen';
import { USER_VARIABLE, VARIABLE_PREFIX } from '../../../contract/environment-variables';
import { show } from '../../../validation/validation-error';

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

/** Rejects variables that the runtime trusts: they say where the ledger is and how far the release came. */
export function reserved(env: unknown, ours: Record<string, unknown> = {}): Violation | undefined {
  if (typeof env === 'string') {
    return violation('env', `is ${show(env)}, which may set DELIVERY_... variables, which breaks the guarantee that only the ledger and the run determine what is deployed`, 'Name the variables one by one');
  }
  const name = Object.keys(isMap(env) ? env : {}).find((one) => one.startsWith(VARIABLE_PREFIX) && one !== USER_VARIABLE.DEBUG && !(one in ours));
  return name === undefined ? undefined : violation('env', `sets ${name}, which breaks the guarantee that only the ledger and the run determine what is deployed`, 'Give your variable a name without DELIVERY_ in front');
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
