import { TriggerManifest } from '../../contract/manifest';

/** The ref of a run. */
export interface Ref {
  readonly type: 'branch' | 'tag';
  readonly name: string;
}

/**
 * Whether a ref starts a deployment by a trigger. Unlike a job's `if`, it respects letter case. `manual` and `after` depend on the order
 * of jobs, not on the ref; so does `release`, unless a person started the release workflow on another branch.
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

/** At most one `*`, which matches anything except a slash, as in a workflow's filter. */
function matches(pattern: string, name: string): boolean {
  const [prefix, suffix] = pattern.split('*');
  if (suffix === undefined) return name === pattern;
  // for `v*v`, the beginning and the end must not overlap
  if (name.length < prefix.length + suffix.length || !name.startsWith(prefix) || !name.endsWith(suffix)) return false;
  return !name.slice(prefix.length, name.length - suffix.length).includes('/');
}
