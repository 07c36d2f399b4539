import { OutcomeOptions, outcomesOf } from './outcomes';
import { Job } from '../../../test/validators/workflow';
import { mutationsOf } from '../outcomes/condition-mutations';
import { needsIn } from '../outcomes/workflow-model';

export interface OutcomeMutant {
  readonly name: string;
  readonly options: OutcomeOptions;
}

/** Each condition of preview.yml a little wrong, what a push cancels, and which removals look whether they are due. */
export function outcomeMutantsOf(options: OutcomeOptions): OutcomeMutant[] {
  const { workflow } = options;
  return Object.entries(workflow.jobs).flatMap(([id, job]) => (
    changesOf(job).map(({ title, changed }) => ({ name: `${id}: ${title}`, options: { ...options, workflow: { ...workflow, jobs: { ...workflow.jobs, [id]: changed } } } }))
  ));
}

/** The rule that notices; undefined if none does. */
export function noticedBy({ options }: OutcomeMutant): string | undefined {
  return [...outcomesOf({ ...options, untilFirst: true }).faults.keys()].at(0);
}

function changesOf(job: Job): { title: string; changed: Job }[] {
  const conditions = mutationsOf(job.if, needsIn(job)).map(({ title, text }) => ({ title, changed: { ...job, if: text } }));
  const concurrency = job.concurrency as Record<string, unknown>;
  const isCancelling = typeof concurrency['cancel-in-progress'] === 'string';
  const cancels = isCancelling ? [true, false].map((value) => ({ title: `cancel-in-progress: ${value}`, changed: { ...job, concurrency: { ...concurrency, 'cancel-in-progress': value } } })) : [];
  const step = job.steps?.find(({ env }) => env?.DELIVERY_INPUT_IF_DUE !== undefined);
  const dues = step ? ['true', ''].map((value) => ({
    title: `if due: '${value}'`,
    changed: { ...job, steps: job.steps!.map((one) => (one === step ? { ...one, env: { ...one.env, DELIVERY_INPUT_IF_DUE: value } } : one)) },
  })) : [];
  return [...conditions, ...cancels, ...dues];
}
