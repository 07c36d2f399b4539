import { actionFor } from './actions';
import { AVAILABLE, Place } from './availability';
import { declaredInputs, DispatchInput } from './event';
import { check } from './expression';
import { ancestorsOf, Job, listOf, Step, Workflow } from './workflow';

/** GitHub would not run this workflow, or the emulator cannot: nothing is silently ignored. */
export class WorkflowRejected extends Error {
  constructor(public readonly reasons: string[]) {
    super(`the workflow is refused:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`);
    this.name = 'WorkflowRefused';
  }
}

const KEYS = {
  workflow: ['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'],
  job: [
    'name', 'needs', 'if', 'runs-on', 'permissions', 'environment', 'concurrency', 'outputs', 'env', 'defaults', 'timeout-minutes',
    'continue-on-error', 'strategy', 'steps',
  ],
  step: ['id', 'name', 'if', 'uses', 'with', 'run', 'shell', 'working-directory', 'env', 'continue-on-error', 'timeout-minutes'],
};

/** Throws `WorkflowRefused` with everything that is wrong. A step that is replaced needs no local equivalent of its action. */
export function rejectUnsupported(workflow: Workflow, isReplaced: (job: string, step: Step) => boolean = () => false): void {
  const reasons = [...unknown('', workflow, KEYS.workflow)];
  for (const [id, job] of Object.entries(workflow.jobs)) reasons.push(...jobReasons(workflow, id, job, isReplaced));
  reasons.push(...inputsReasons(declaredInputs(workflow)), ...expressionReasons('run-name', 'runName', workflow['run-name']));
  reasons.push(...expressionReasons('env', 'workflowEnv', workflow.env), ...expressionReasons('concurrency', 'workflowConcurrency', workflow.concurrency));
  if (reasons.length > 0) throw new WorkflowRejected(reasons);
}

/** GitHub takes so many inputs of a dispatch. */
const INPUT_LIMIT = 25;

function inputsReasons(inputs: Record<string, DispatchInput>): string[] {
  const where = 'on.workflow_dispatch.inputs';
  const tooMany = Object.keys(inputs).length > INPUT_LIMIT ? [`${where}: there are more than ${INPUT_LIMIT}`] : [];
  return [...tooMany, ...Object.entries(inputs).flatMap(([name, input]) => inputReasons(`${where}.${name}`, input))];
}

function inputReasons(where: string, input: DispatchInput): string[] {
  const { type, options = [], default: standard } = input;
  return [
    ...unknown(where, input, ['description', 'type', 'required', 'default', 'options']),
    ...(type === undefined || ['string', 'boolean', 'choice', 'number', 'environment'].includes(type) ? [] : [`${where}.type: there is no type "${type}"`]),
    ...(type === 'choice' && options.length === 0 ? [`${where}.options: a choice has options`] : []),
    ...(type === 'choice' && standard !== undefined && !options.includes(String(standard)) ? [`${where}.default is none of the options`] : []),
    ...(type === 'boolean' && standard !== undefined && typeof standard !== 'boolean' ? [`${where}.default is no boolean`] : []),
  ];
}

function jobReasons(workflow: Workflow, id: string, job: Job, isReplaced: (job: string, step: Step) => boolean): string[] {
  const where = `jobs.${id}`;
  const missing = listOf(job.needs).filter((need) => !(need in workflow.jobs)).map((need) => `${where}.needs: there is no job "${need}"`);
  const queueing = typeof job.concurrency === 'object' && job.concurrency.queue === 'max' && job.concurrency['cancel-in-progress'] === true;
  const ids = (job.steps ?? []).flatMap((step) => step.id ?? []);
  return [
    ...unknown(where, job, KEYS.job),
    ...missing,
    ...(/^[A-Za-z_][\w-]*$/.test(id) ? [] : [`${where}: GitHub takes no such job id`]),
    ...(ancestorsOf(workflow, id).has(id) ? [`${where}.needs: the job waits for itself`] : []),
    ...(job['runs-on'] === undefined ? [`${where}.runs-on is missing`] : []),
    ...(queueing ? [`${where}.concurrency: "queue: max" and "cancel-in-progress: true" exclude each other`] : []),
    ...ids.filter((one, i) => ids.indexOf(one) < i).map((one) => `${where}: two steps have the id "${one}"`),
    ...expressionReasons(`${where}.if`, 'jobIf', job.if),
    ...expressionReasons(`${where}.strategy`, 'jobStrategy', job.strategy),
    ...expressionReasons(`${where}.env`, 'jobEnv', job.env),
    ...expressionReasons(`${where}.outputs`, 'jobOutputs', job.outputs),
    ...expressionReasons(`${where}.defaults`, 'jobDefaults', job.defaults),
    ...expressionReasons(where, 'job', [job.name, job['runs-on'], job.concurrency, job['timeout-minutes'], job['continue-on-error']]),
    ...environmentReasons(where, job),
    ...(job.steps ?? []).flatMap((step, i) => stepReasons(`${where}.steps[${i}]`, step, isReplaced(id, step))),
  ];
}

function environmentReasons(where: string, { environment }: Job): string[] {
  if (typeof environment !== 'object') return expressionReasons(`${where}.environment`, 'job', environment);
  return [
    ...unknown(`${where}.environment`, environment, ['name', 'url', 'deployment']),
    ...expressionReasons(`${where}.environment.name`, 'job', environment.name),
    ...expressionReasons(`${where}.environment.url`, 'environmentUrl', environment.url),
  ];
}

function stepReasons(where: string, step: Step, isReplaced: boolean): string[] {
  const { if: condition, ...rest } = step;
  return [
    ...unknown(where, step, KEYS.step),
    ...((step.run === undefined) === (step.uses === undefined) ? [`${where}: a step has either "run" or "uses"`] : []),
    ...(step.uses === undefined || isReplaced ? [] : actionReasons(where, step.uses, Object.keys(step.with ?? {}))),
    ...expressionReasons(`${where}.if`, 'stepIf', condition),
    ...expressionReasons(where, 'step', rest),
  ];
}

function actionReasons(where: string, uses: string, inputs: string[]): string[] {
  const action = actionFor(uses);
  if (!action) return [`${where}.uses: there is no local equivalent of "${uses}"`];
  return inputs.filter((name) => !(name in action.inputs)).map((name) => `${where}.with: the local equivalent of "${uses}" does not know "${name}"`);
}

function unknown(where: string, object: object, known: string[]): string[] {
  return Object.keys(object).filter((key) => !known.includes(key)).map((key) => `${where ? `${where}.` : ''}${key}: the executor does not know this key`);
}

/** Looks at every text in `value`, however deep. */
function expressionReasons(where: string, place: Place, value: unknown): string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, one]) => expressionReasons(`${where}.${key}`, place, one));
  }
  try {
    check(value, AVAILABLE[place], place === 'jobIf' || place === 'stepIf' ? 'if' : 'elsewhere');
    return [];
  } catch (error) {
    return [`${where}: ${(error as Error).message}`];
  }
}
