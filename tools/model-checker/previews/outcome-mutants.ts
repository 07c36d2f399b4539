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
  const queues = [true, false].map((value) => ({ name: `cancel-in-progress: ${value}`, concurrency: { ...workflow.concurrency as object, 'cancel-in-progress': value } }));
  const alike = { name: 'runs that start no job wait, too', concurrency: { ...workflow.concurrency as object, group: 'delivery-preview-7' } };
  const ofQueue = [...queues, alike].map(({ name, concurrency }) => ({ name, options: { ...options, workflow: { ...workflow, concurrency } } }));
  const ofJobs = Object.entries(workflow.jobs).flatMap(([id, job]) => (
    changesOf(job).map(({ title, changed }) => ({ name: `${id}: ${title}`, options: { ...options, workflow: { ...workflow, jobs: { ...workflow.jobs, [id]: changed } } } }))
  ));
  return [...(options.isShared ? [alike].map(() => ofQueue[2]!) : ofQueue), ...ofJobs];
}

/** The rule that notices; undefined if none does. */
export function noticedBy({ options }: OutcomeMutant): string | undefined {
  return [...outcomesOf({ ...options, untilFirst: true }).faults.keys()].at(0);
}

function changesOf(job: Job): { title: string; changed: Job }[] {
  const conditions = mutationsOf(job.if, needsIn(job)).map(({ title, text }) => ({ title, changed: { ...job, if: text } }));
  const step = job.steps?.find(({ env }) => env?.DELIVERY_INPUT_IF_DUE !== undefined);
  const dues = step ? ['true', ''].map((value) => ({
    title: `if due: '${value}'`,
    changed: { ...job, steps: job.steps!.map((one) => (one === step ? { ...one, env: { ...one.env, DELIVERY_INPUT_IF_DUE: value } } : one)) },
  })) : [];
  return [...conditions, ...dues];
}
