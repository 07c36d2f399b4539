import { passes } from './ref-filter';
import { listOf, Workflow } from './workflow';

/** What happened in the repository. */
export interface WorkflowEvent {
  /** `push`, `workflow_dispatch`, ... */
  readonly name: string;
  /** In full: `refs/heads/main`, `refs/tags/v1.0.0`. */
  readonly ref: string;
  readonly sha: string;
  /** Of a workflow_dispatch. */
  readonly inputs?: Record<string, string | boolean | number>;
  /** Laid over what `github.event` has by default. */
  readonly payload?: Record<string, unknown>;
  /** @default 'octocat' */
  readonly actor?: string;
}

/** A dispatch that GitHub answers with 422. */
export class UnacceptableInputs extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnacceptableInputs';
  }
}

/** Whether the event starts the workflow at all. */
export function starts(workflow: Workflow, event: WorkflowEvent): boolean {
  const triggers = triggersOf(workflow);
  if (!(event.name in triggers)) return false;
  return event.name !== 'push' || pushPasses((triggers.push ?? {}) as Record<string, string | string[]>, event.ref);
}

/** A filter of only one kind, branches or tags, keeps every ref of the other kind out. Without any, both start it. */
function pushPasses(filter: Record<string, string | string[]>, ref: string): boolean {
  const unknown = Object.keys(filter).find((key) => !['branches', 'branches-ignore', 'tags', 'tags-ignore'].includes(key));
  if (unknown) throw new Error(`the executor does not know on.push.${unknown}`);
  const kind = ref.startsWith('refs/tags/') ? 'tags' : 'branches';
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  if (filter[kind]) return passes(name, listOf(filter[kind]));
  if (filter[`${kind}-ignore`]) return !passes(name, listOf(filter[`${kind}-ignore`]));
  return Object.keys(filter).length === 0;
}

/** The `inputs` context: what was given, completed by the defaults and in the declared types. Throws `UnacceptableInputs`. */
export function inputsOf(workflow: Workflow, event: WorkflowEvent): Record<string, unknown> {
  if (event.name !== 'workflow_dispatch') return {};
  const declared = ((triggersOf(workflow).workflow_dispatch as { inputs?: Record<string, Input> } | null)?.inputs) ?? {};
  const given = event.inputs ?? {};
  const unexpected = Object.keys(given).find((name) => !(name in declared));
  if (unexpected) throw new UnacceptableInputs(`unexpected input "${unexpected}"`);
  return Object.fromEntries(Object.entries(declared).map(([name, input]) => [name, inputValue(name, input, given[name])]));
}

interface Input {
  readonly type?: 'string' | 'boolean' | 'choice' | 'number' | 'environment';
  readonly required?: boolean;
  readonly default?: string | boolean | number;
  readonly options?: string[];
}

function inputValue(name: string, input: Input, given: string | boolean | number | undefined): unknown {
  const value = given ?? input.default ?? (input.type === 'choice' ? input.options?.[0] : undefined);
  if (input.required && given === undefined && input.default === undefined) throw new UnacceptableInputs(`input "${name}" is required`);
  if (input.type === 'boolean') return String(value) === 'true';
  if (input.type === 'choice' && !input.options?.includes(String(value))) {
    throw new UnacceptableInputs(`input "${name}" is "${String(value)}", not one of ${input.options?.join(', ')}`);
  }
  return value === undefined ? '' : input.type === 'number' ? Number(value) : String(value);
}

function triggersOf({ on }: Workflow): Record<string, unknown> {
  return typeof on === 'object' && !Array.isArray(on) ? on : Object.fromEntries(listOf(on).map((name) => [name, undefined]));
}
