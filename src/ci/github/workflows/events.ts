import { github } from 'projen';
import { TriggerManifest } from '../../../contract/manifest';
import { RefPattern } from '../../../delivery/ref-pattern';

type TagTrigger = Extract<TriggerManifest, { kind: 'tag' }>;

/**
 * What starts the workflow: no more than the triggers ask for, so that a ref that deploys nowhere starts nothing.
 *
 * @param manual what a person may choose
 * @param paths filters; GitHub does not look at them for tags
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
 * The last filter that fits a tag decides. So exceptions come first, each after its own pattern, and one that would hide a tag
 * from another environment's exception-bearing pattern is left out: the jobs' own conditions hold in any case.
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

/** `+` is the one character with another meaning in filters that names may hold; `*` is meant. */
function literal(name: string): string {
  return name.replaceAll('+', '\\+');
}

function list(key: string, values: string[]): Record<string, string[]> {
  return values.length > 0 ? { [key]: values } : {};
}
