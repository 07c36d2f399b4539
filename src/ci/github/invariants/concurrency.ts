import { FileBase, github, ObjectFile, Project } from 'projen';
import { certain, otherRuns, Run } from './deploying-runs';
import { isMap } from './violation';
import { invalid, show } from '../../../validation/validation-error';
import { evaluate } from '../expressions/evaluate';
import { parse } from '../expressions/tree';
import { Dictionary, textOf, Unknown, UNKNOWN, Value } from '../expressions/values';
import { isDeliveryJob } from '../workflows/host-workflow';
import { CheckedWorkflowFile } from '../workflows/workflow-file';
import { isPatched, WrittenWorkflow, writtenWorkflow } from '../workflows/written-workflow';

/** The concurrency group of a workflow, or of a job that is not the delivery's. */
export interface Group {
  readonly text: string;
  /** The value of `github.workflow`. */
  readonly workflow: string;
  /** The workflow or job in messages. */
  readonly where: string;
}

/** The groups of the delivery's jobs, with their names in messages. */
export type Queues = readonly { readonly option: string; readonly concurrency: unknown }[];

/** Returns the groups of all workflows that projen writes. */
export function groupsIn(root: Project): Group[] {
  const all = root.components.filter((one): one is github.GithubWorkflow => one instanceof github.GithubWorkflow);
  const workflows = new Map<FileBase | undefined, github.GithubWorkflow>(all.map((one) => [one.file, one]));
  return root.files.flatMap((file) => {
    if (!(file instanceof ObjectFile) || !/^\.github\/workflows\/[^/]+\.ya?ml$/.test(file.path)) return [];
    const workflow = workflows.get(file);
    const { name, concurrency, jobs = {} } = currentWorkflow(file, workflow);
    const title = typeof name === 'string' ? name : file.path;
    return [
      ...group(concurrency, title, `the workflow ${show(title)}`),
      ...Object.entries(jobs)
        .filter(([id]) => !workflow || !isDeliveryJob(workflow, id))
        .flatMap(([id, job]) => group(job?.concurrency, title, `the job ${show(id)} of the workflow ${show(title)}`)),
    ];
  });
}

/** Rejects a group of other jobs that equals one of the delivery's: they would wait for each other, or cancel waiting jobs. */
export function checkGroups(ours: Queues, groups: readonly Group[]): void {
  if (groups.length === 0) return;
  for (const { option, concurrency } of ours) {
    const [own] = group(concurrency, '', '');
    const equal = own && !own.text.includes('${{') ? groups.find((one) => canBe(one, own.text)) : undefined;
    if (!equal) continue;
    invalid(`${option} concurrency`, `${equal.where} is in the group ${show(equal.text)}, which is ${show(own.text)}, the queue of this job: each would wait for the other, or cancel what waits there`,
      'Give it another group (letter case makes no difference)');
  }
}

/** Warns if a waiting run of a joined workflow can be cancelled. */
export function warningOfGroup(option: string, { concurrency, name }: WrittenWorkflow, runs: readonly Run[]): string | undefined {
  const [found] = group(concurrency, String(name), '');
  if (!found || losesNoRun({ concurrency, name }, runs)) return undefined;
  return `${option}: the workflow ${show(name)} is in the concurrency group ${show(found.text)}. Of its runs one waits for another, and GitHub cancels that when a third one comes: a deployment that waits is lost. `
    + 'Take concurrency (limitConcurrency) out, let all wait (workflow.file.addOverride(\'concurrency.queue\', \'max\')), or use Workflow.own()';
}

/** Whether all runs wait, or each one that deploys has a group of its own. */
export function losesNoRun({ concurrency, name }: Pick<WrittenWorkflow, 'concurrency' | 'name'>, runs: readonly Run[]): boolean {
  const [found] = group(concurrency, String(name), '');
  return !found || (isMap(concurrency) && concurrency.queue === 'max') || runs.every((run) => isAlone(found, run));
}

/**
 * Returns whether a run that deploys can be cancelled, by the next one or by another run in its group.
 *
 * @param events the events that start the workflow
 */
export function cancelsDeployments({ concurrency, name }: WrittenWorkflow, runs: readonly Run[], events: readonly string[]): boolean {
  if (!isMap(concurrency) || concurrency['cancel-in-progress'] === undefined) return false;
  const said = String(concurrency['cancel-in-progress']);
  const [own] = group(concurrency, String(name), '');
  const cancels = (run: Run) => textIn(said, run) !== 'false';
  const groupOf = (run: Run) => own && textIn(own.text, { ...certain(run), workflow: own.workflow });
  const isCancelled = (run: Run) => cancels(run) || otherRuns(run, events).some((other) => cancels(other) && groupOf(other) === groupOf(run));
  return runs.some((run) => !(own && isAlone(own, run)) && isCancelled(run));
}

/** Returns the groups of a file as checked, as stored in projen, or as projen would write them. */
function currentWorkflow(file: ObjectFile, workflow: github.GithubWorkflow | undefined): WrittenWorkflow {
  const checked = CheckedWorkflowFile.find(file);
  if (checked) return checked.written;
  if (!workflow || isPatched(file)) return writtenWorkflow(file);
  return { name: workflow.name, concurrency: workflow.concurrency?.group, jobs: workflow.jobs as WrittenWorkflow['jobs'] };
}

/** `concurrency` may be only the group's name. */
function group(concurrency: unknown, workflow: string, where: string): Group[] {
  const text = isMap(concurrency) ? concurrency.group : concurrency;
  return typeof text === 'string' ? [{ text, workflow, where }] : [];
}

/** The known values of every run. */
const KNOWN: Readonly<Record<string, Value>> = { ref: new Unknown([true], { begin: 'refs/', end: '' }), server_url: new Unknown([true], { begin: 'http', end: '' }) };

/** A group that begins with an unknown expression could be anything, so it does not count. */
function canBe({ text, workflow }: Group, own: string): boolean {
  const parts = evaluated(text, { ...KNOWN, workflow });
  const isKnown = parts.every((part) => typeof part === 'string');
  if (!isKnown && !(typeof parts[0] === 'string' && /^delivery-/i.test(parts[0]))) return false;
  const pattern = parts.map((part) => (typeof part === 'string' ? literal(part) : `${literal(part.text.begin)}.*${literal(part.text.end)}`)).join('');
  return new RegExp(`^${pattern}$`, 'is').test(own);
}

/** A value that no other run has. */
const RUN = '\u0000run';

/** Returns whether no other run is in the group. */
function isAlone({ text, workflow }: Group, run: Run): boolean {
  return evaluated(text, { ...KNOWN, ...run, workflow, run_id: RUN, run_number: RUN }).some((part) => typeof part === 'string' && part.includes(RUN));
}

/** Returns the group in lower case. Unknown parts count as equal in all runs. */
function textIn(text: string, run: Run): string {
  return evaluated(text, { ...KNOWN, ...run }).map((part) => (typeof part === 'string' ? part : UNSAID)).join('').toLowerCase();
}

const UNSAID = '\u0000unsaid';

/** Returns the parts of a text, evaluated where known. */
function evaluated(text: string, run: Readonly<Record<string, Value>>): (string | Unknown)[] {
  const parts: (string | Unknown)[] = [''];
  for (const [i, part] of text.split(/\$\{\{((?:'[^']*'|(?!\}\})[^'])*)\}\}/).entries()) {
    const value = i % 2 === 0 ? part : valueOf(part, run);
    const last = parts.at(-1);
    if (typeof value === 'string' && typeof last === 'string') parts[parts.length - 1] = last + value;
    else parts.push(value);
  }
  return parts.filter((part, i) => part !== '' || i === 0);
}

function valueOf(expression: string, run: Readonly<Record<string, Value>>): string | Unknown {
  try {
    const value = evaluate(parse(expression), { contexts: { github: new Dictionary(run, true) } });
    return value instanceof Unknown ? value : textOf(value);
  } catch {
    return UNKNOWN;
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
