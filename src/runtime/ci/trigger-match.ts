import { TriggerManifest } from '../../contract/manifest';

/** The ref of a run. */
export interface Ref {
  readonly type: 'branch' | 'tag';
  readonly name: string;
}

/**
 * Whether a ref reaches a trigger, exactly: a job's `if` ignores letter case, this does not.
 * `manual` and `after` are reached by the jobs' order, whatever the ref; so is `release`, unless a person started the release workflow
 * on a branch that is not named.
 */
export function reaches(trigger: TriggerManifest, ref: Ref): boolean {
  switch (trigger.kind) {
    case 'branch': return ref.type === 'branch' && ref.name === trigger.branch;
    case 'tag': return ref.type === 'tag' && matches(trigger.pattern, ref.name) && !(trigger.except !== undefined && matches(trigger.except, ref.name));
    case 'release': return ref.type === 'tag' || (trigger.branches?.includes(ref.name) ?? true);
    case 'manual':
    case 'after': return true;
  }
}

/** At most one `*`, which stands for anything but a slash, as in a workflow's filter. */
function matches(pattern: string, name: string): boolean {
  const [prefix, suffix] = pattern.split('*');
  if (suffix === undefined) return name === pattern;
  // for `v*v`, the beginning and the end must not overlap
  if (name.length < prefix.length + suffix.length || !name.startsWith(prefix) || !name.endsWith(suffix)) return false;
  return !name.slice(prefix.length, name.length - suffix.length).includes('/');
}
