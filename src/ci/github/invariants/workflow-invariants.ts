import { isDeepStrictEqual } from 'node:util';
import { github } from 'projen';
import { cancelsDeployments, losesNoRun } from './concurrency';
import { deployingRuns } from './deploying-runs';
import { allPass, areApart, passes, unescaped } from './ref-filters';
import { reserved } from './variables';
import { isMap, Violation, violation } from './violation';
import { show } from '../../../validation/validation-error';
import { WrittenWorkflow } from '../workflows/written-workflow';

type Triggers = github.workflows.Triggers;
type Map = Record<string, unknown>;

/** The settings of a workflow that the delivery needs, outside the jobs. */
export interface WorkflowSettings {
  /** Whether it belongs to the delivery alone. Then only more events may be added. */
  readonly isOwn: boolean;
  /** Refs that must start it. */
  readonly push?: github.workflows.PushOptions;
  /** All else that must start it. */
  readonly events: Pick<Triggers, 'schedule' | 'workflowDispatch'>;
  readonly env: Readonly<Record<string, string>>;
  /** The part of the runs' name that identifies a run. */
  readonly foundBy?: string;
  /** Whether its runs may wait for each other, if none is lost: a deployment waits anyway. @default false */
  readonly mayWait?: boolean;
  /** The queue of its runs. @default - none: the jobs have their own */
  readonly concurrency?: Record<string, unknown>;
  /** Whether the next run includes what a cancelled waiting run would have done. */
  readonly losesNothingThatWaits?: boolean;
}

const STARTS = 'breaks the guarantee that every ref that triggers an environment is deployed';

/** Returns the first broken guarantee of the workflow's settings. */
export function violatedByWorkflow(ours: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  for (const check of [keys, events, untrusted, push, schedule, dispatch, permissions, concurrency, env, runName]) {
    const found = check(ours, now);
    if (found) return found;
  }
  return undefined;
}

const KEYS = ['name', 'description', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'];

function keys(_: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  const unknown = Object.keys(now).find((key) => !KEYS.includes(key));
  return unknown === undefined ? undefined : violation(unknown, 'is no key that GitHub knows above the jobs, and it starts no workflow that has one', 'Take it out');
}

/** GitHub does not start a workflow with a misspelt filter. */
function events(_: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  for (const [name, event] of Object.entries(eventsOf(now))) {
    if (!EVENTS.includes(name)) return violation(`on.${name}`, 'is no event that GitHub knows, and it starts no workflow that has one', 'Take it out, or write it as in the list of events of GitHub\'s documentation');
    const known = EVENT_KEYS[name];
    const wrong = known && isMap(event) ? Object.keys(event).find((key) => !known.includes(key)) : undefined;
    if (wrong === undefined) continue;
    return violation(`on.${name}.${wrong}`, `is no key of ${name} that GitHub knows, and it starts no workflow that has one`, suggestion(name, wrong, known));
  }
  return undefined;
}

/** Events that other people cause, with their text. */
const UNTRUSTED = ['pull_request_target', 'workflow_run'];

/** In a joined workflow they are the host's. @see https://docs.github.com/en/actions/reference/security/secure-use */
function untrusted({ isOwn }: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  const event = UNTRUSTED.find((one) => isOwn && one in eventsOf(now));
  return event === undefined ? undefined : violation(`on.${event}`, 'starts the workflow with the repository\'s secrets for pull requests of anyone, which breaks the guarantee that no untrusted code comes near a deployment',
    'Take it out, and give it to a workflow of your own');
}

function suggestion(event: string, wrong: string, known: readonly string[]): string {
  const meant = known.find((key) => key === wrong.replaceAll('_', '-'));
  if (meant === undefined) return `${event} has ${known.join(', ')}`;
  // the correct names are rejected as well
  if (event === 'push' && meant.endsWith('-ignore')) return `Take it out: ${meant} would keep pushes from being deployed; onlyIfChanged of the delivery filters paths`;
  return `Write ${meant}; where projen has no word for it: workflow.file.addOverride('on.${event}.${meant}', ...)`;
}

function push({ push: ours, isOwn }: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  if (ours === undefined) return undefined;
  const present = eventsOf(now);
  if (!('push' in present)) return violation('on', `has no push, which ${STARTS}`, PUT_BACK);
  return refs(ours, asMap(present.push)) ?? paths(ours, asMap(present.push), isOwn);
}

const PUT_BACK = 'Put it back. To add events, call on(...) before new Delivery(...), or leave this one as it is';

function refs({ branches = [], tags = [] }: github.workflows.PushOptions, now: Map): Violation | undefined {
  const both = (['branches', 'tags'] as const).find((key) => now[key] !== undefined && now[`${key}-ignore`] !== undefined);
  if (both) return violation(`on.push.${both}-ignore`, `stands beside ${both}, and GitHub starts no workflow that has both`, `Take it out; ${both} may have entries that begin with !`);
  const all = { branches: filtersOf(now, 'branches'), tags: filtersOf(now, 'tags') };
  const branch = branches.map(unescaped).find((one) => !isStarted('branches', one, now, all));
  if (branch !== undefined) return lost('branches', `the branch ${show(branch)}`, now);
  const excepted = tags.filter((tag) => tag.startsWith('!'));
  const tag = tags.find((one) => !one.startsWith('!') && !isStarted('tags', one, now, all, excepted));
  return tag === undefined ? undefined : lost('tags', `tags like ${show(tag)}`, now);
}

function lost(key: 'branches' | 'tags', what: string, now: Map): Violation {
  const ignored = now[`${key}-ignore`];
  const where = ignored === undefined ? `on.push.${key}` : `on.push.${key}-ignore`;
  return violation(where, `is ${show(now[key] ?? ignored)}, so a push of ${what} no longer starts the workflow, which ${STARTS}`, 'Put it back; more may start it');
}

interface Filters {
  readonly branches?: string[];
  readonly tags?: string[];
}

/** With filters of branches only, tags start nothing, and the other way round. */
function isStarted(kind: 'branches' | 'tags', wanted: string, now: Map, filters: Filters, excepted: string[] = []): boolean {
  const ignored = filtersOf(now, `${kind}-ignore`);
  if (ignored) return kind === 'branches' ? !passes(wanted, ignored) : ignored.every((filter) => areApart(filter, wanted));
  const other = kind === 'branches' ? 'tags' : 'branches';
  const own = filters[kind];
  if (own === undefined) return filters[other] === undefined && filtersOf(now, `${other}-ignore`) === undefined;
  return kind === 'branches' ? passes(wanted, own) : allPass(wanted, own, excepted);
}

/** GitHub does not filter tags by path. */
function paths({ branches = [], paths: ours }: github.workflows.PushOptions, now: Map, isOwn: boolean): Violation | undefined {
  if (branches.length === 0) return undefined;
  const guarantee = 'breaks the guarantee that every commit of their branch is deployed';
  const key = ours === undefined && now.paths !== undefined ? 'paths' : 'paths-ignore';
  if (now[key] !== undefined) {
    return violation(`on.push.${key}`, `is ${show(now[key])}: a push that changes nothing of it starts nothing, and what it merged is not deployed before another one does, which ${guarantee}`,
      isOwn ? 'Remove it, or set the delivery\'s onlyIfChanged' : 'Remove it and check the paths in your own jobs, or use Workflow.own() with onlyIfChanged');
  }
  if (ours === undefined) return undefined;
  const theirs = filtersOf(now, 'paths') ?? [];
  const missing = ours.find((path) => !theirs.includes(path));
  if (missing !== undefined) return violation('on.push.paths', `lack ${show(missing)}, so that pushes start it as onlyIfChanged does not say, which ${guarantee}`, 'Put it back; more may be added');
  const isMoved = !ours.every((path, i) => i === 0 || theirs.indexOf(path) > theirs.indexOf(ours[i - 1]));
  const added = isMoved ? ours.find((one) => one.startsWith('!')) ?? ours[0] : theirs.find((path) => path.startsWith('!') && !ours.includes(path));
  return added === undefined ? undefined : violation('on.push.paths', `say ${show(added)}${isMoved ? ' in another order' : ''}, which takes out what onlyIfChanged names, and ${guarantee}`, 'Set it in onlyIfChanged');
}

function schedule({ events: { schedule: ours = [] } }: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  const present = eventsOf(now).schedule;
  const theirs = Array.isArray(present) ? present : [];
  const missing = ours.find(({ cron }) => !theirs.some((one) => isMap(one) && one.cron === cron && Object.keys(one).length === 1));
  return missing && violation('on.schedule', `lacks ${show(missing.cron)} as it was, which breaks the guarantee that the watch and the drills begin on time`, 'Put it back; more may be added');
}

function dispatch({ events: { workflowDispatch: ours }, foundBy }: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  if (ours === undefined) return undefined;
  const present = eventsOf(now);
  if (!('workflow_dispatch' in present)) return violation('on', 'has no workflow_dispatch, which breaks the guarantee that people and the delivery can start it', PUT_BACK);
  const theirs = asMap(asMap(present.workflow_dispatch).inputs);
  for (const [name, input] of Object.entries(ours.inputs ?? {})) {
    const found = changedInput(name, input, theirs[name]);
    if (found) return found;
  }
  const added = Object.keys(theirs).filter((name) => !(name in (ours.inputs ?? {})));
  const demanded = added.find((name) => asMap(theirs[name]).required === true && asMap(theirs[name]).default === undefined);
  // only people start deploy.yml, so it can have more inputs
  if (foundBy === undefined || demanded === undefined) return undefined;
  return violation(`on.workflow_dispatch.inputs.${demanded}`, 'is required, and the delivery\'s own commands, which start the workflow too, do not give it', 'Let it have a default, or required: false');
}

function changedInput(name: string, ours: github.workflows.WorkflowDispatchInput, now: unknown): Violation | undefined {
  const key = `on.workflow_dispatch.inputs.${name}`;
  const guarantee = 'breaks the guarantee that the run does what was requested';
  if (!isMap(now)) return violation(key, `is ${show(now)}, which ${guarantee}`, 'Put it back; more inputs may be added');
  const changed = (['type', 'required', 'default'] as const).find((one) => (now[one] ?? UNSAID[one]) !== (ours[one] ?? UNSAID[one]));
  if (changed) return violation(`${key}.${changed}`, `is ${show(now[changed])}, which ${guarantee}`, ours[changed] === undefined ? 'Take it out' : `Put it back: ${show(ours[changed])}`);
  const missing = (ours.options ?? []).find((option) => !filtersOf(now, 'options')?.includes(option));
  return missing === undefined ? undefined : violation(`${key}.options`, `lack ${show(missing)}, which ${guarantee}`, 'Put it back; more may be added');
}

/** GitHub's defaults. */
const UNSAID: Readonly<Record<string, unknown>> = { type: 'string', required: false };

function permissions({ isOwn }: WorkflowSettings, { permissions: now }: WrittenWorkflow): Violation | undefined {
  if (!isOwn || now === undefined || now === 'read-all') return undefined;
  if (isMap(now) && !Object.values(now).includes('write')) return undefined;
  return violation('permissions', `are ${show(now)}, which breaks the guarantee that each job has only the permissions that it needs`, 'Take them out, and give each job of yours its own');
}

/** For a joined workflow only the cancellation of a running deployment is rejected; waiting runs cause a warning. */
function concurrency(settings: WorkflowSettings, written: WrittenWorkflow): Violation | undefined {
  const { concurrency: ours, isOwn, mayWait = false, push: pushed, events: others } = settings;
  const { concurrency: now, name } = written;
  if (ours !== undefined) {
    return isDeepStrictEqual(now, ours) ? undefined : violation('concurrency', `is ${show(now)}, which breaks the guarantee that one run at a time works on a preview`, 'Leave it as it was');
  }
  if (cancelsDeployments(written, deployingRuns(pushed, others), Object.keys(eventsOf(written)))) {
    return violation('concurrency', `the workflow ${show(name)} cancels a run when the next one begins, even while it deploys`,
      isOwn ? NO_GROUP : 'Take cancel-in-progress out, or let it be ${{ github.event_name == \'pull_request\' }} in a group that ends with ${{ github.ref }}');
  }
  if (!isOwn || now === undefined || (mayWait && losesNoRun(written, deployingRuns(pushed, others)))) return undefined;
  return violation('concurrency', `the workflow ${show(name)} is in the group ${show(isMap(now) ? now.group : now)}: only one of its runs waits, and the next one cancels that, `
    + 'which breaks the guarantee that no waiting deployment is cancelled', NO_GROUP);
}

const NO_GROUP = 'Take it out: the delivery\'s jobs have groups of their own, by environment';

function env({ env: ours }: WorkflowSettings, { env: now }: WrittenWorkflow): Violation | undefined {
  const changed = Object.keys(ours).find((one) => asMap(now)[one] !== ours[one]);
  if (changed !== undefined) {
    return violation('env', `has another ${show(changed)}, which breaks the guarantee that the jobs use the chosen environment`, `Put it back: ${changed}: ${show(ours[changed])}`);
  }
  return reserved(now, ours);
}

function runName({ foundBy }: WorkflowSettings, now: WrittenWorkflow): Violation | undefined {
  if (foundBy === undefined || String(now['run-name']).includes(foundBy)) return undefined;
  return violation('run-name', `is ${show(now['run-name'])}, which breaks the guarantee that the command that started a run finds it`, `Keep ${foundBy} in it`);
}

/** Returns the inputs of a start by hand. */
export function writtenInputs(now: WrittenWorkflow): object {
  return asMap(asMap(eventsOf(now).workflow_dispatch).inputs);
}

/** `on` may be one event, a list of them, or a map. */
function eventsOf({ on }: WrittenWorkflow): Map {
  if (typeof on === 'string') return { [on]: null };
  if (Array.isArray(on)) return Object.fromEntries(on.map((event) => [String(event), null]));
  return asMap(on);
}

/** A single filter may be written without a list. */
function filtersOf(map: Map, key: string): string[] | undefined {
  const value = map[key];
  return value === undefined || value === null ? undefined : [value].flat().map(String);
}

function asMap(value: unknown): Map {
  return isMap(value) ? value : {};
}

/**
 * The events that start workflows, from GitHub's published parser.
 *
 * @see https://github.com/actions/languageservices/blob/main/workflow-parser/src/workflow-v1.0.json
 */
const EVENTS = [
  'branch_protection_rule', 'check_run', 'check_suite', 'create', 'delete', 'deployment', 'deployment_status', 'discussion', 'discussion_comment', 'fork', 'gollum',
  'image_version', 'issue_comment', 'issues', 'label', 'member', 'merge_group', 'milestone', 'page_build', 'project', 'project_card', 'project_column', 'public', 'pull_request',
  'pull_request_comment', 'pull_request_review', 'pull_request_review_comment', 'pull_request_target', 'push', 'registry_package', 'release', 'repository_dispatch',
  'schedule', 'status', 'watch', 'workflow_call', 'workflow_dispatch', 'workflow_run',
];

/** The parser has no tags here, but projen's types have. */
const OF_PULL_REQUESTS = ['types', 'branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore'];

/** The keys of events that have more than types. */
const EVENT_KEYS: Readonly<Record<string, readonly string[]>> = {
  push: ['branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore'],
  pull_request: OF_PULL_REQUESTS,
  pull_request_target: OF_PULL_REQUESTS,
  workflow_dispatch: ['inputs'],
};
