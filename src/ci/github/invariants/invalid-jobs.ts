import { Violation, violation, isMap, DeliveryJob } from './violation';
import { show } from '../../../validation/validation-error';
import { conditionOf, nodesOf } from '../expressions/condition';
import { FUNCTIONS } from '../expressions/functions';
import { Tree } from '../expressions/tree';
import { WrittenJob, WrittenStep } from '../workflows/written-workflow';

/** The keys of a job with steps. */
const JOB_KEYS = [
  'needs', 'if', 'strategy', 'name', 'runs-on', 'timeout-minutes', 'cancel-timeout-minutes', 'continue-on-error', 'container', 'services', 'env', 'environment', 'permissions',
  'concurrency', 'outputs', 'defaults', 'steps', 'snapshot',
];

const NOTHING_STARTS = 'and GitHub starts no workflow that has one';

/**
 * Finds what GitHub rejects in a job of the delivery. GitHub then rejects the whole workflow: nothing starts, without a notification.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export function invalidJob({ job }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const key = Object.keys(now).find((one) => !JOB_KEYS.includes(one));
  if (key !== undefined) {
    return ['uses', 'with', 'secrets'].includes(key)
      ? violation(key, `is ${show((now as Record<string, unknown>)[key])} beside steps, ${NOTHING_STARTS}: a job has steps or calls another workflow`, 'Take it out, and call the other workflow in a job of your own')
      : violation(key, `is no key of a job that GitHub knows, ${NOTHING_STARTS}`, 'Take it out, or write it as in GitHub\'s workflow syntax: timeout-minutes, runs-on');
  }
  if (isEmpty(now['runs-on'])) return violation('runs-on', `is ${show(now['runs-on'])}: it names no runner, so the job never starts`, 'Name one: ubuntu-latest');
  const condition = now.if === job.if ? undefined : wrongJobCondition(now.if);
  if (condition !== undefined) return violation('if', `is ${show(now.if)}: ${condition}, and GitHub starts no workflow that has it there`, 'Write it as GitHub reads it');
  const known = new Set(job.steps.map((step) => step.if));
  return unstartableSteps(now.steps, known) ?? wrongLevel(now.permissions);
}

/** The contexts that a condition may use. @see https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability */
const OF_JOBS = ['github', 'needs', 'vars', 'inputs'];
const OF_STEPS = [...OF_JOBS, 'strategy', 'matrix', 'job', 'runner', 'env', 'steps'];

/** Returns what GitHub rejects in the condition of a job, in words. */
export function wrongJobCondition(condition: unknown): string | undefined {
  return wrongCondition(condition, OF_JOBS);
}

function wrongCondition(condition: unknown, contexts: readonly string[]): string | undefined {
  if (typeof condition === 'object' && condition !== null) return 'it is no text';
  try {
    return wrongName(conditionOf(condition), contexts);
  } catch (error) {
    return (error as Error).message;
  }
}

function wrongName(tree: Tree, contexts: readonly string[]): string | undefined {
  for (const node of nodesOf(tree)) {
    if (node.kind === 'context' && !contexts.includes(node.name)) return `a condition cannot use ${node.name} there`;
    if (node.kind === 'call' && node.name === 'hashfiles' && contexts === OF_JOBS) return 'hashFiles is for steps';
    if (node.kind === 'call' && !FUNCTIONS[node.name]) return `there is no function ${node.name}`;
  }
  return undefined;
}

function isEmpty(runsOn: unknown): boolean {
  return runsOn === undefined || runsOn === null || runsOn === '' || (Array.isArray(runsOn) && runsOn.length === 0);
}

function wrongLevel(permissions: unknown): Violation | undefined {
  const wrong = Object.entries(isMap(permissions) ? permissions : {}).find(([, level]) => !['none', 'read', 'write'].includes(String(level)));
  return wrong && violation('permissions', `say ${show(`${wrong[0]}: ${String(wrong[1])}`)}, which is no level that GitHub knows, ${NOTHING_STARTS}`, 'Write none, read or write');
}

/** A step has exactly one of these. */
const DOES = ['run', 'uses', 'wait', 'wait-all', 'cancel', 'parallel'];

/** The keys that a step cannot have together with these. */
const NOT_BESIDE: Readonly<Record<string, readonly string[]>> = { run: ['with'], uses: ['shell', 'working-directory'] };

/** @param known the conditions of the delivery */
function unstartableSteps(steps: unknown, known: ReadonlySet<unknown>): Violation | undefined {
  if (!Array.isArray(steps)) return violation('steps', `are ${show(steps)}, ${NOTHING_STARTS}`, 'Put them back');
  const ids = new Set<string>();
  for (const [i, step] of steps.entries()) {
    const wrong = isMap(step) ? unstartableStep(step, ids) ?? (known.has(step.if) ? undefined : wrongCondition(step.if, OF_STEPS)) : `is ${show(step)}`;
    if (wrong !== undefined) return violation(`steps ${nameOf(step, i)}`, `${wrong}, ${NOTHING_STARTS}`, 'Fix the step, or remove it');
  }
  return undefined;
}

function unstartableStep(step: WrittenStep, ids: Set<string>): string | undefined {
  const does = DOES.filter((key) => key in step);
  if (does.length === 0) return 'has neither run nor uses';
  if (does.length > 1) return `has both ${does.join(' and ')}`;
  const wrong = NOT_BESIDE[does[0]]?.find((key) => key in step);
  if (wrong !== undefined) return `has ${wrong} beside ${does[0]}`;
  if (step.id === undefined) return undefined;
  const id = String(step.id);
  if (!/^[A-Za-z_][\w-]*$/.test(id) || id.startsWith('__')) return `has the id ${show(step.id)}, which GitHub does not accept`;
  if (ids.has(id.toLowerCase())) return `has the id ${show(id)}, which another step of the job has`;
  ids.add(id.toLowerCase());
  return undefined;
}

function nameOf(step: unknown, i: number): string {
  const { id, name } = (isMap(step) ? step : {}) as { id?: unknown; name?: unknown };
  return show(id ?? name ?? i + 1);
}
