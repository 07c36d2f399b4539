import { github } from 'projen';
import { TriggerManifest } from '../../../contract/manifest';
import { RefPattern } from '../../../delivery/ref-pattern';
import { invalid, show } from '../../../validation/validation-error';

type TagTrigger = Extract<TriggerManifest, { kind: 'tag' }>;

/**
 * Returns the events that start the workflow: only those of the triggers, so that no other ref starts a run.
 *
 * @param manual the choices of a person
 * @param paths filters, which GitHub ignores for tags
 */
export function events(triggers: TriggerManifest[], manual: string[], paths?: string[]): github.workflows.Triggers {
  const branches = triggers.flatMap((trigger) => (trigger.kind === 'branch' ? [literal(trigger.branch)] : []));
  const tags = tagFilters(triggers.flatMap((trigger) => (trigger.kind === 'tag' ? [trigger] : [])));
  return {
    ...(branches.length + tags.length > 0 ? { push: { ...list('branches', branches), ...list('tags', tags), ...list('paths', branches.length > 0 && paths ? paths : []) } } : {}),
    ...(manual.length > 0 ? { workflowDispatch: dispatch(manual) } : {}),
  };
}

/**
 * The last matching filter decides. So exceptions come first, each after its own pattern. An exception that would exclude a tag of another
 * trigger with an exception is left out: the jobs' conditions still apply.
 */
function tagFilters(triggers: TagTrigger[]): string[] {
  const overlaps = (a: string, b: string) => new RefPattern(a).intersection(new RefPattern(b)) !== undefined;
  const excepting = triggers.filter(({ except }) => except !== undefined);
  const plain = triggers.filter(({ except }) => except === undefined);
  return [
    ...excepting.map(({ pattern }) => literal(pattern)),
    ...excepting
      .filter((trigger) => !excepting.some((other) => other !== trigger && overlaps(trigger.except!, other.pattern)))
      .map(({ except }) => `!${literal(except!)}`),
    ...plain.map(({ pattern }) => literal(pattern)),
  ];
}

function dispatch(options: string[]): github.workflows.WorkflowDispatchOptions {
  return {
    inputs: {
      environment: { description: 'The environment to deploy to', required: true, type: 'choice', options },
    },
  };
}

/** Returns a name as a filter. Escapes `+`, which repeats the character before it. */
export function literal(name: string): string {
  return name.replaceAll('+', '\\+');
}

function list(key: string, values: string[]): Record<string, string[]> {
  return values.length > 0 ? { [key]: values } : {};
}

/** Private in projen. */
interface Listening {
  readonly events?: github.workflows.Triggers;
}

/** Returns the events of a workflow so far. */
export function eventsOf(workflow: github.GithubWorkflow): github.workflows.Triggers {
  return (workflow as unknown as Listening).events ?? {};
}

const OPTION = 'Delivery onlyIfChanged';

/**
 * Returns GitHub's path filters for files and folders. A folder includes everything in it. The manifest is added, because a changed option is
 * a change.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function pathFilters(paths: string[], manifest: string): string[] {
  if (!Array.isArray(paths) || paths.length === 0) {
    invalid(OPTION, `${show(paths)} names nothing, so no push would ever deploy`, 'Name what the project is made of, for example [\'packages/api\'], or leave it out');
  }
  const filters = paths.flatMap(filtersOf);
  if (filters[0].startsWith('!')) invalid(OPTION, `${show(paths[0])} excludes from nothing`, 'List an included path first: an entry that starts with ! excludes from those before it');
  return [...filters, manifest];
}

function filtersOf(path: string): string[] {
  const text = typeof path === 'string' ? path : '';
  const not = text.startsWith('!') ? '!' : '';
  const plain = text.slice(not.length).replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.' || plain.startsWith('/') || plain.split('/').some((part) => part === '..' || part === '')) {
    invalid(OPTION, `${show(path)} is not a file or folder inside the repository`, 'Name one relative to its root, for example packages/api');
  }
  if (/[\\\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(plain) || plain.startsWith('!') || plain.includes('${{') || /\[[^\]]*$/.test(plain)) {
    invalid(OPTION, `${show(path)} is no filter that GitHub reads`, 'Use forward slashes; * stands for anything without a slash, ** for anything');
  }
  if (/[*?[]/.test(plain)) return [`${not}${plain}`];
  return [`${not}${literal(plain)}`, `${not}${literal(plain)}/**`];
}
