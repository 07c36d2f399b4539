import { github } from 'projen';
import { USER_VARIABLE, VARIABLE_PREFIX } from '../../../contract/environment-variables';
import { show } from '../../../validation/validation-error';

/** One of our jobs, as we made it. */
export interface DeliveryJob {
  /** The step that makes the job what it is. */
  readonly mainStep: string;
  readonly job: github.workflows.Job;
}

/** What was changed so that a promise no longer holds. */
export interface Violation {
  /** Of the job, as GitHub calls it: `if`. */
  readonly key: string;
  /** What it is now, and which promise that breaks: continues the name of the job and the key. */
  readonly fault: string;
  readonly mend: string;
}

/** The runtime believes what stands under such a name: where the ledger is, how far the release came. */
export function reserved(env: unknown, ours: Record<string, unknown> = {}): Violation | undefined {
  if (typeof env === 'string') {
    return violation('env', `is ${show(env)}, in which nobody can see whether it says DELIVERY_..., which breaks the promise that only the ledger and the run say what is deployed`, 'Name the variables one by one');
  }
  const name = Object.keys(isMap(env) ? env : {}).find((one) => one.startsWith(VARIABLE_PREFIX) && one !== USER_VARIABLE.DEBUG && !(one in ours));
  return name === undefined ? undefined : violation('env', `says ${name}, which breaks the promise that only the ledger and the run say what is deployed`, 'Give your variable a name without DELIVERY_ in front');
}

export const KEEP = 'Leave it as it was';

/** The main steps of jobs that give the release's files. */
export const ARTIFACT_JOBS = ['pack', 'download'];

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function violation(key: string, fault: string, mend: string): Violation {
  return { key, fault, mend };
}
