import { TriggerManifest } from '../../contract/manifest';

/** A time for a person: `250 ms`, `5 s`, `1.5 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** What deploys, for a person. */
export function describeTrigger(trigger: TriggerManifest): string {
  switch (trigger.kind) {
    case 'branch': return `a push to ${trigger.branch}`;
    case 'tag': return `a tag ${trigger.pattern}${trigger.except ? `, except ${trigger.except}` : ''}${trigger.requires ? `, verified on ${trigger.requires} before` : ''}`;
    case 'manual': return 'by hand';
    case 'release': return `what the project's release workflow releases${trigger.branches ? ` from ${trigger.branches.join(', ')}` : ''}`;
    case 'after': return `after ${trigger.environment}, in the same run`;
  }
}
