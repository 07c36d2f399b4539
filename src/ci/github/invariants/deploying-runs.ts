import { github } from 'projen';
import { unescaped } from './ref-filters';
import { Dictionary, Unknown, Value } from '../expressions/values';

/** The known values of the context `github` in a run. */
export type Run = Readonly<Record<string, Value>>;

/** Those that may deploy. What starts a release workflow is not said here: there a run may begin with anything but a pull request. */
export function deployingRuns(push: github.workflows.PushOptions | undefined, { workflowDispatch, schedule }: github.workflows.Triggers): Run[] {
  const branches = (push?.branches ?? []).map((branch) => pushed('heads', unescaped(branch)));
  const tags = (push?.tags ?? []).filter((tag) => !tag.startsWith('!')).map((tag) => pushed('tags', tag));
  const known = [...branches, ...tags, ...(workflowDispatch ? [ofSomeRef('workflow_dispatch')] : []), ...(schedule ? [ofSomeRef('schedule')] : [])];
  return known.length > 0 ? known : ['push', 'workflow_dispatch', 'schedule'].map(ofSomeRef);
}

/**
 * Returns other runs that resemble a run that deploys.
 *
 * @param events the events that start the workflow
 */
export function otherRuns(deploying: Run, events: readonly string[]): Run[] {
  const { ref, ref_name } = certain(deploying);
  return events.map((event) => {
    if (event === 'push') return pushed('heads', OTHER);
    if (event === 'merge_group') return { ...pushed('heads', `gh-readonly-queue/${OTHER}`), event_name: event };
    if (!event.startsWith('pull_request')) return { ...NO_PULL_REQUEST, event_name: event, ref, ref_name };
    // a fork's branch may have the same name
    const ofPullRequest = { event_name: event, event: NUMBERED, head_ref: ref_name, base_ref: ref_name };
    return event === 'pull_request_target' ? { ...ofPullRequest, ref, ref_name } : { ...ofPullRequest, ref: `refs/pull/${OTHER}/merge`, ref_name: `${OTHER}/merge` };
  });
}

/** Replaces unknown values by a text that occurs in no name. */
export function certain(run: Run): Run {
  const named = (value: Value) => (value instanceof Unknown ? value.text.begin + SOME + value.text.end : value);
  return Object.fromEntries(Object.entries(run).map(([name, value]) => [name, named(value)]));
}

const SOME = '\u0000some';
const OTHER = '\u0000other';
const NUMBERED = new Dictionary({ number: OTHER, pull_request: new Dictionary({ number: OTHER }, true) }, true);
const NO_PULL_REQUEST: Run = { event: new Dictionary({ number: null, pull_request: null }, true), head_ref: '', base_ref: '' };

function ofSomeRef(event: string): Run {
  return { ...NO_PULL_REQUEST, event_name: event, ref: new Unknown([true], { begin: 'refs/', end: '' }), ref_name: new Unknown([true]) };
}

function pushed(kind: 'heads' | 'tags', pattern: string): Run {
  const ref_type = kind === 'heads' ? 'branch' : 'tag';
  return { ...NO_PULL_REQUEST, event_name: 'push', ref_type, ref: fitting(`refs/${kind}/${pattern}`), ref_name: fitting(pattern) };
}

/** Makes the part after a `*` unknown. */
function fitting(pattern: string): Value {
  const begin = pattern.split('*')[0];
  return begin === pattern ? pattern : new Unknown([true], { begin, end: '' });
}
