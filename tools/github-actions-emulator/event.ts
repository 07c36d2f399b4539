import { passes } from './ref-filter';
import { listOf, Workflow } from './workflow';
import { RejectedRequest } from '../github-api-stand-in/stand-in';

/** What happened in the repository. */
export interface WorkflowEvent {
  /** `push`, `workflow_dispatch`, ... */
  readonly name: string;
  /** In full: `refs/heads/main`, `refs/tags/v1.0.0`. */
  readonly ref: string;
  readonly sha: string;
  /** The files that a push to a branch changes: required if the workflow has path filters. */
  readonly changed?: readonly string[];
  /** Of a workflow_dispatch. */
  readonly inputs?: Record<string, string | boolean | number>;
  /** Laid over what `github.event` has by default. */
  readonly payload?: Record<string, unknown>;
  /** @default 'octocat' */
  readonly actor?: string;
}

/** A dispatch that GitHub responds to with 422. */
export class UnacceptableInputs extends RejectedRequest {
  constructor(message: string) {
    super(422, message);
    this.name = 'UnacceptableInputs';
  }
}

/** Whether the event starts the workflow at all. */
export function starts(workflow: Workflow, event: WorkflowEvent): boolean {
  const triggers = triggersOf(workflow);
  if (!(event.name in triggers)) return false;
  if (event.name === 'pull_request') return pullRequestPasses((triggers.pull_request ?? {}) as Record<string, string | string[]>, event);
  if (event.name !== 'push') return true;
  const filter = (triggers.push ?? {}) as Record<string, string | string[]>;
  return pushPasses(filter, event.ref) && pathsPass(filter, event);
}

/** By default a pull request that is opened, reopened or pushed to starts it. */
const PULL_REQUEST_TYPES = ['opened', 'synchronize', 'reopened'];

function pullRequestPasses(filter: Record<string, string | string[]>, event: WorkflowEvent): boolean {
  const unknown = Object.keys(filter).find((key) => !['branches', 'types'].includes(key));
  if (unknown) throw new Error(`the executor does not know on.pull_request.${unknown}`);
  const { action, base } = pullRequestOf(event)!;
  return listOf(filter.types ?? PULL_REQUEST_TYPES).includes(action) && (filter.branches === undefined || passes(base, listOf(filter.branches)));
}

/** What the payload of a pull request says. */
export interface PullRequest {
  readonly number: number;
  readonly action: string;
  /** The branches. */
  readonly base: string;
  readonly head: string;
  readonly isOfFork: boolean;
}

/** Undefined for another event. */
export function pullRequestOf({ name, payload = {} }: WorkflowEvent): PullRequest | undefined {
  if (name !== 'pull_request') return undefined;
  const { action, number, pull_request: { base, head } } = payload as {
    action: string; number: number; pull_request: { base: { ref: string }; head: { ref: string; repo: { fork: boolean } } };
  };
  return { action, number, base: base.ref, head: head.ref, isOfFork: head.repo.fork };
}

/** The event of a pull request. */
export function pullRequestEvent(
  { number, action, base = 'main', head, headSha, label, labels = [], sha, repository, isOpen = action !== 'closed', of = repository }: {
    readonly number: number;
    readonly action: string;
    readonly base?: string;
    readonly head: string;
    readonly sha: string;
    /** The last commit of its branch. */
    readonly headSha?: string;
    /** Its labels, and the one that the event is about. */
    readonly labels?: readonly string[];
    readonly label?: string;
    readonly repository: string;
    /** Whether it is open after the event. @default - unless the event is its end */
    readonly isOpen?: boolean;
    /** The repository of its branch. @default - the same */
    readonly of?: string;
  },
): WorkflowEvent {
  const pull_request = {
    number,
    state: isOpen ? 'open' : 'closed',
    base: { ref: base, repo: { full_name: repository, fork: false } },
    labels: labels.map((name) => ({ name })),
    head: { ref: head, ...(headSha && { sha: headSha }), repo: { full_name: of, fork: of !== repository } },
  };
  return { name: 'pull_request', ref: `refs/pull/${number}/merge`, sha, payload: { action, number, pull_request, ...(label && { label: { name: label } }) } };
}

/** A filter of only one kind, branches or tags, keeps every ref of the other kind out. Without any, both start it. */
function pushPasses(filter: Record<string, string | string[]>, ref: string): boolean {
  const unknown = Object.keys(filter).find((key) => !['branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths'].includes(key));
  if (unknown) throw new Error(`the executor does not know on.push.${unknown}`);
  const kind = ref.startsWith('refs/tags/') ? 'tags' : 'branches';
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  if (filter[kind]) return passes(name, listOf(filter[kind]));
  if (filter[`${kind}-ignore`]) return !passes(name, listOf(filter[`${kind}-ignore`]));
  return Object.keys(filter).every((key) => key === 'paths');
}

/**
 * At least one changed file passes. Pushes of tags are not looked at.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
 */
function pathsPass({ paths }: Record<string, string | string[]>, { ref, changed }: WorkflowEvent): boolean {
  if (paths === undefined || ref.startsWith('refs/tags/')) return true;
  if (!changed) throw new Error('the workflow asks for paths, and the event does not say which files were changed');
  return changed.some((file) => passes(file, listOf(paths)));
}

/** An input of a dispatch, as a workflow declares it. */
export interface DispatchInput {
  readonly type?: 'string' | 'boolean' | 'choice' | 'number' | 'environment';
  readonly required?: boolean;
  readonly default?: string | boolean | number;
  readonly options?: string[];
}

/** None where the workflow cannot be dispatched. */
export function declaredInputs(workflow: Workflow): Record<string, DispatchInput> {
  return (triggersOf(workflow).workflow_dispatch as { inputs?: Record<string, DispatchInput> } | null | undefined)?.inputs ?? {};
}

/** The `inputs` context: what was given, completed by the defaults and in the declared types. Throws `UnacceptableInputs`. */
export function inputsOf(workflow: Workflow, event: WorkflowEvent): Record<string, string | boolean | number> {
  if (event.name !== 'workflow_dispatch') return {};
  const declared = declaredInputs(workflow);
  const given = event.inputs ?? {};
  const unexpected = Object.keys(given).filter((name) => !(name in declared));
  if (unexpected.length > 0) throw new UnacceptableInputs(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  return Object.fromEntries(Object.entries(declared).map(([name, input]) => [name, inputValue(name, input, given[name])]));
}

/** GitHub does not document what it does with an empty required input: here it is rejected, which is the harder case. */
function inputValue(name: string, input: DispatchInput, given: string | boolean | number | undefined): string | boolean | number {
  const text = String(given ?? input.default ?? unsaid(input));
  if (input.required && (given ?? input.default ?? '') === '') throw new UnacceptableInputs(`Required input '${name}' not provided`);
  const allowed = input.type === 'boolean' ? ['true', 'false'] : input.type === 'choice' ? input.options ?? [] : undefined;
  if (allowed && !allowed.includes(text)) throw new UnacceptableInputs(`Provided value '${text}' for input '${name}' not in the list of allowed values`);
  return input.type === 'boolean' ? text === 'true' : input.type === 'number' ? Number(text) : text;
}

function unsaid({ type, options }: DispatchInput): string {
  if (type === 'boolean') return 'false';
  return type === 'choice' ? options?.[0] ?? '' : '';
}

function triggersOf({ on }: Workflow): Record<string, unknown> {
  return typeof on === 'object' && !Array.isArray(on) ? on : Object.fromEntries(listOf(on).map((name) => [name, undefined]));
}
