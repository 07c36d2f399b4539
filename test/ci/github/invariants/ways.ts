/** Every public way to change what projen writes of a workflow. */
import { chmodSync, writeFileSync } from 'node:fs';
import { Component, github, JsonPatch } from 'projen';
import { stringify } from 'yaml';
import { Document } from './weakened-delivery';
import { Edit, Key } from './weakenings';
import { Delivery } from '../../../../src';

type ProjensJob = github.workflows.Job;
type ProjensStep = github.workflows.JobStep;

/** An edit, and what the whole document is before and after it. */
export interface Change extends Edit {
  readonly before: Document;
  readonly after: Document;
}

/** Makes a change that it can make: false, if this is no way to make it. Nothing is changed then. */
export type Way = (delivery: Delivery, change: Change) => boolean;

/** An edit of a document. */
export function changed(edit: Edit, before: Document): Change {
  let after: Document | undefined;
  // most ways look at the path only
  return { ...edit, before, get after() { return after ??= edited(structuredClone(before), edit); } };
}

function edited(document: Document, { path, value, isAdded }: Edit): Document {
  const parents = path.slice(0, -1);
  let at: Document | unknown[] = document;
  for (const key of parents) {
    const map = at as Document;
    if (typeof map[key] !== 'object' || map[key] === null) map[key] = {};
    at = map[key] as Document;
  }
  const last = path.at(-1)!;
  const map = at as Document;
  if (isAdded) map[last] = [...map[last] as unknown[], value];
  else if (value !== undefined) map[last] = value;
  else if (Array.isArray(at)) at.splice(last as number, 1);
  else delete map[last];
  return document;
}

const workflowOf = (delivery: Delivery, { which }: Change) => delivery[which]!;
const fileOf = (delivery: Delivery, change: Change) => workflowOf(delivery, change).file!;
const dotted = (path: readonly Key[]) => path.map((key) => String(key).replaceAll('.', '\\.')).join('.');
const pointer = (path: readonly Key[]) => path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const isMap = (value: unknown): value is Document => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (document: unknown, path: readonly Key[]) => path.reduce<unknown>((value, key) => (value as Document | undefined)?.[key], document);
/** projen leaves out an override that says an empty map, or a list as long as there is one. */
const merges = (value: unknown) => isMap(value) || Array.isArray(value);

const override: Way = (delivery, change) => {
  const { path, value, isAdded, before } = change;
  if (value === undefined || isAdded || merges(at(before, path)) || (isMap(value) && Object.keys(value).length === 0)) return false;
  fileOf(delivery, change).addOverride(dotted(path), value);
  return true;
};

const patch: Way = (delivery, change) => {
  const path = pointer(change.path);
  const isThere = at(change.before, change.path) !== undefined;
  // a patch makes no maps on the way
  if (at(change.before, change.path.slice(0, -1)) === undefined) return false;
  const operation = change.isAdded ? JsonPatch.add(`${path}/-`, change.value)
    : change.value === undefined ? JsonPatch.remove(path) : isThere ? JsonPatch.replace(path, change.value) : JsonPatch.add(path, change.value);
  fileOf(delivery, change).patch(operation);
  return true;
};

/** The job as projen has it, with the same meaning as the written one; undefined where projen has no word for it. */
function projensJob(change: Change, delivery: Delivery): { id: string; job: ProjensJob } | undefined {
  const { path: [top, id], before, which } = change;
  if (top !== 'jobs' || typeof id !== 'string') return undefined;
  const written = at(change.after, ['jobs', id]);
  const present = delivery[which]!.getJob(id);
  if (!isMap(written) || !present || at(before, ['jobs', id]) === undefined) return undefined;
  try {
    return { id, job: jobOf(written) as unknown as ProjensJob };
  } catch {
    return undefined;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  'runs-on': 'runsOn', 'timeout-minutes': 'timeoutMinutes', 'continue-on-error': 'continueOnError', 'working-directory': 'workingDirectory',
};
const JOB_KEYS = ['name', 'needs', 'runs-on', 'permissions', 'environment', 'concurrency', 'outputs', 'env', 'defaults', 'if', 'steps', 'timeout-minutes', 'strategy', 'continue-on-error'];
const STEP_KEYS = ['name', 'id', 'if', 'uses', 'env', 'run', 'shell', 'with', 'continue-on-error', 'timeout-minutes', 'working-directory', 'background'];

class NoWord extends Error {}

function jobOf(written: Document): Document {
  if (!isMap(written.permissions) || !Array.isArray(written.steps)) throw new NoWord();
  return renamed(written, JOB_KEYS, {
    needs: (needs) => [needs].flat(),
    permissions: (permissions) => Object.fromEntries(Object.entries(permissions as Document).map(([name, level]) => [name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()), level])),
    outputs: (outputs) => Object.fromEntries(Object.entries(outputs as Document).map(([name, text]) => [name, output(String(text))])),
    strategy: ({ matrix }: { matrix: Document }) => ({ matrix: { domain: matrix } }),
    defaults: ({ run }: { run: Document }) => ({ run: { ...(run.shell ? { shell: run.shell } : {}), ...(run['working-directory'] ? { workingDirectory: run['working-directory'] } : {}) } }),
    steps: (steps) => (steps as Document[]).map(stepOf),
  });
}

function output(text: string): { stepId: string; outputName: string } {
  const found = /^\$\{\{ steps\.(.+?)\.outputs\.(.+) \}\}$/.exec(text);
  if (!found) throw new NoWord();
  return { stepId: found[1], outputName: found[2] };
}

function stepOf(written: Document): Document {
  return renamed(written, STEP_KEYS, {});
}

function renamed(written: Document, known: string[], values: Record<string, (value: never) => unknown>): Document {
  return Object.fromEntries(Object.entries(written).map(([key, value]) => {
    if (!known.includes(key)) throw new NoWord();
    const make = values[key] as ((one: unknown) => unknown) | undefined;
    return [NAMES[key] ?? key, make ? make(value) : value];
  }));
}

/** A way that makes a whole job anew. */
function byJob(apply: (workflow: github.GithubWorkflow, id: string, job: ProjensJob) => void): Way {
  return (delivery, change) => {
    const made = projensJob(change, delivery);
    // projen itself refuses two steps of one id
    if (!made || new Set(made.job.steps.map(({ id }) => id)).size < made.job.steps.length) return false;
    apply(workflowOf(delivery, change), made.id, made.job);
    return true;
  };
}

/** Makes one thing the same as another, in place and as deep as it goes. */
function become(present: unknown, wanted: unknown): unknown {
  if (Array.isArray(present) && Array.isArray(wanted)) {
    present.splice(0, present.length, ...wanted.map((one, i) => become(present[i], one) as never));
    return present;
  }
  if (!isMap(present) || !isMap(wanted)) return wanted;
  for (const key of Object.keys(present)) if (!(key in wanted)) delete present[key];
  for (const [key, one] of Object.entries(wanted)) present[key] = become(present[key], one);
  return present;
}

/** A way that changes one step. */
function byStep(apply: (workflow: github.GithubWorkflow, jobId: string, before: ProjensStep, after: ProjensStep) => void): Way {
  return (delivery, change) => {
    const [top, jobId, steps, i] = change.path;
    if (top !== 'jobs' || steps !== 'steps' || i === undefined) return false;
    const made = projensJob(change, delivery);
    const before = (delivery[change.which]!.getJob(String(jobId)) as ProjensJob | undefined)?.steps[Number(i)];
    const after = made?.job.steps[Number(i)];
    if (!made || !before || !after || before.id !== after.id) return false;
    apply(workflowOf(delivery, change), made.id, before, after);
    return true;
  };
}

/** Steps that are put in or taken out. */
const stepList: Way = (delivery, change) => {
  const made = change.path.length === 3 && change.path[2] === 'steps' ? projensJob(change, delivery) : undefined;
  if (!made) return false;
  const workflow = workflowOf(delivery, change);
  const present = (workflow.getJob(made.id) as ProjensJob).steps.map(({ id }) => id!);
  const wanted = made.job.steps.map(({ id }) => id!);
  const gone = present.filter((id) => !wanted.includes(id));
  const added = made.job.steps.filter(({ id }) => !present.includes(id!));
  if (gone.length + added.length !== 1 || new Set(wanted).size < wanted.length) return false;
  for (const id of gone) workflow.removeStep(made.id, id);
  for (const step of added) {
    const next = wanted[wanted.indexOf(step.id!) + 1];
    if (next) workflow.insertStepBefore(made.id, next, step);
    else workflow.appendStep(made.id, step);
  }
  return true;
};

const on: Way = (delivery, change) => {
  const { which, path: [top, event] } = change;
  if (top !== 'on') return false;
  const { after } = change;
  if (!isMap(after.on)) return false;
  if (event !== undefined && !(event in after.on)) return replaceEvents(delivery, which, { [String(event)]: undefined });
  return replaceEvents(delivery, which, after.on);
};

function replaceEvents(delivery: Delivery, which: Change['which'], events: Document): boolean {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (Object.keys(events).length === 0) return false;
  // `on` writes every key with underscores
  if (JSON.stringify(events).includes('-ignore"')) return false;
  delivery[which]!.on(Object.fromEntries(Object.entries(events).map(([name, event]) => [camel(name), event])));
  return true;
}

/** Properties of the workflow itself. */
const property: Way = (delivery, change) => {
  const workflow = workflowOf(delivery, change) as { runName?: string; env?: Document; concurrency?: unknown };
  const { path: [top, name], value } = change;
  if (top === 'run-name') workflow.runName = value as string | undefined;
  else if (top === 'env' && workflow.env && value === undefined) delete workflow.env[name];
  else if (top === 'env' && workflow.env) workflow.env[name] = value;
  else if (top === 'env') workflow.env = change.after.env as Document;
  else if (top === 'concurrency' && isMap(value)) workflow.concurrency = { group: value.group, cancelInProgress: value['cancel-in-progress'] ?? false };
  else return false;
  return true;
};

/** What a component does that comes later. */
function later(phase: 'preSynthesize' | 'synthesize' | 'postSynthesize', act: (delivery: Delivery, change: Change) => void): Way {
  return (delivery, change) => {
    const component = new Component(delivery.project.root);
    component[phase] = () => act(delivery, change);
    return true;
  };
}

const whole: Way = (delivery, change) => {
  fileOf(delivery, change).patch(JsonPatch.replace('', change.after));
  return true;
};

export const WAYS: Readonly<Record<string, Way>> = {
  'addOverride': override,
  'addDeletionOverride': (delivery, change) => {
    if (change.value !== undefined || typeof change.path.at(-1) === 'number') return false;
    fileOf(delivery, change).addDeletionOverride(dotted(change.path));
    return true;
  },
  'addToArray': (delivery, change) => {
    if (!change.isAdded) return false;
    fileOf(delivery, change).addToArray(dotted(change.path), change.value);
    return true;
  },
  'patch of a value': patch,
  'patch of a job': (delivery, change) => {
    const [top, id] = change.path;
    const job = at(change.after, [top, id]);
    if (top !== 'jobs' || job === undefined) return false;
    fileOf(delivery, change).patch(JsonPatch.replace(pointer([top, id]), job));
    return true;
  },
  'patch of the whole file': whole,
  'updateJob': byJob((workflow, id, job) => workflow.updateJob(id, job)),
  'updateJobs': byJob((workflow, id, job) => workflow.updateJobs({ [id]: job })),
  'removeJob and addJob': byJob((workflow, id, job) => {
    workflow.removeJob(id);
    workflow.addJob(id, job);
  }),
  'addJob of the same id': byJob((workflow, id, job) => workflow.addJob(id, job)),
  'removeJob': (delivery, change) => {
    if (change.path.length !== 2 || change.path[0] !== 'jobs' || change.value !== undefined) return false;
    workflowOf(delivery, change).removeJob(String(change.path[1]));
    return true;
  },
  'a property of a job': byJob((workflow, id, job) => {
    const present = workflow.jobs[id] as unknown as Document;
    for (const key of Object.keys(present)) delete present[key];
    Object.assign(present, job);
  }),
  'in place, as deep as it goes': byJob((workflow, id, job) => void become(workflow.jobs[id], job)),
  'patchStep': byStep((workflow, id, before, after) => {
    const cleared = Object.fromEntries(Object.keys(before).map((key) => [key, undefined]));
    workflow.patchStep(id, before.id!, { ...cleared, ...after });
  }),
  'replaceStep': byStep((workflow, id, before, after) => workflow.replaceStep(id, before.id!, after)),
  'removeStep, insertStepBefore, appendStep': stepList,
  'on()': on,
  'runName, env, concurrency': property,
  'a later component, in preSynthesize': later('preSynthesize', (delivery, change) => void whole(delivery, change)),
  'a later component that writes the file again, in synthesize': later('synthesize', (delivery, change) => {
    whole(delivery, change);
    fileOf(delivery, change).synthesize();
  }),
  'a later component that writes the file again, in postSynthesize': later('postSynthesize', (delivery, change) => {
    whole(delivery, change);
    fileOf(delivery, change).synthesize();
  }),
  'a later component that writes text, in postSynthesize': later('postSynthesize', (delivery, change) => {
    const { absolutePath } = fileOf(delivery, change);
    chmodSync(absolutePath, 0o644);
    writeFileSync(absolutePath, stringify(change.after));
  }),
};
