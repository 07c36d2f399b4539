import { github } from 'projen';
import { TriggerManifest } from '../../../contract/manifest';
import { RefPattern } from '../../../delivery/ref-pattern';
import { show } from '../../../validation/validation-error';
import { Unknown, UNKNOWN, Value } from '../expressions/values';

/** An event that starts a deployment, as seen by a job's condition. */
export interface DeployingEvent {
  /** Continues "on": `a push to 'main'`. */
  readonly title: string;
  /** Returns a value of a context; most are unknown. */
  valueOf(path: string): Value;
}

/** The keys of the events' payloads, in addition to those that all events have. */
const PAYLOADS: Readonly<Record<string, readonly string[] | undefined>> = {
  push: ['after', 'base_ref', 'before', 'commits', 'compare', 'created', 'deleted', 'forced', 'head_commit', 'pusher', 'ref'],
  workflow_dispatch: ['inputs', 'ref', 'workflow'],
  schedule: ['schedule', 'workflow'],
};
const ALWAYS = ['enterprise', 'installation', 'organization', 'repository', 'sender'];

/**
 * Returns the events that deploy to an environment.
 *
 * @param root the trigger at the beginning of its chain
 * @param choice the choice of a person
 * @param started the events of the workflow
 */
export function deployingEvents(root: TriggerManifest, choice: string, started: github.workflows.Triggers): DeployingEvent[] {
  switch (root.kind) {
    case 'branch': return [push(`a push to ${show(root.branch)}`, 'branch', `refs/heads/${root.branch}`, root.branch)];
    case 'tag': return [push(`a tag ${show(root.pattern)}`, 'tag', tagged('refs/tags/', root.pattern), tagged('', root.pattern))];
    case 'release': return releaseEvents(started);
    default: return [new SentEvent(`a start by hand for ${show(choice)}`, 'workflow_dispatch', { 'inputs.environment': choice, 'github.event.inputs.environment': choice })];
  }
}

/** A dry run releases nothing. */
function releaseEvents({ push: pushed, schedule, workflowDispatch }: github.workflows.Triggers): DeployingEvent[] {
  const branches = pushed?.branches ?? [];
  return [
    ...(pushed ? branches.map((branch) => push(`a push to ${show(branch)}`, 'branch', `refs/heads/${branch}`, branch)) : []),
    ...(pushed && branches.length === 0 ? [new SentEvent('a push', 'push', {})] : []),
    ...(schedule ? [new SentEvent('its schedule', 'schedule', {})] : []),
    ...(workflowDispatch ? [new SentEvent('a start by hand', 'workflow_dispatch', { 'inputs.dry_run': false, 'github.event.inputs.dry_run': 'false' })] : []),
  ];
}

function push(title: string, type: 'branch' | 'tag', ref: Value, name: Value): DeployingEvent {
  return new SentEvent(title, 'push', {
    'github.ref': ref,
    'github.ref_name': name,
    'github.ref_type': type,
    'github.event.ref': ref,
    'github.event.deleted': false,
    'github.head_ref': '',
    'github.base_ref': '',
    // a tag's name has no space, so it never equals this value
    ...(type === 'tag' ? { 'github.event.repository.default_branch': 'the default branch' } : {}),
  });
}

function tagged(before: string, text: string): Value {
  const { wildcard, prefix, suffix } = new RefPattern(text);
  return wildcard ? new Unknown([true], { begin: before + prefix, end: suffix }) : before + text;
}

const NAME = new Unknown([true], { begin: '', end: '', isName: true });

class SentEvent implements DeployingEvent {
  private readonly known: ReadonlyMap<string, Value>;

  constructor(public readonly title: string, private readonly name: string, known: Readonly<Record<string, Value>>) {
    this.known = new Map<string, Value>([
      ['github.event_name', name],
      ['github.repository', NAME],
      ['github.repository_owner', NAME],
      ['github.actor', NAME],
      ['github.event.repository.full_name', NAME],
      // nothing is deployed in a fork
      ['github.event.repository.fork', false],
      ...Object.entries(known),
    ]);
  }

  public valueOf(path: string): Value {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const [context, name, part] = path.split('.');
    if (context === 'inputs') return this.name === 'workflow_dispatch' ? UNKNOWN : null;
    const payload = PAYLOADS[this.name];
    if (context !== 'github' || name !== 'event' || part === undefined || payload === undefined) return UNKNOWN;
    return [...payload, ...ALWAYS].includes(part) ? UNKNOWN : null;
  }
}
