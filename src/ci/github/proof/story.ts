import { BeforeStep } from './before';
import { ConeJob } from './cone';
import { EnvironmentState, isOpen } from './environment-state';
import { End } from './job-end';
import { Node } from './node';

/** The path to a node, step by step. A job is named by its place in braces: equal cones share their paths. */
export function storyOf(node: Node): string[] {
  const steps: string[] = [];
  for (let one: Node | undefined = node; one; one = one.from) steps.unshift(...textsOf(one));
  return steps;
}

/** Names the jobs. */
export function named(story: readonly string[], ids: readonly string[]): string[] {
  return story.map((step) => step.replace(/\{(\d+)\}/g, (_, place: string) => ids[Number(place)].replace(/_/, ' ')));
}

function textsOf({ step, from }: Node): string[] {
  if (step === undefined) return [];
  if (typeof step === 'string') return [step];
  if ('before' in step) return beforeTexts(step.before);
  const { job: { kind, place }, end, state } = step;
  return [`{${place}} ${became(end)}${came(kind, end, from?.state, state)}`];
}

/** What came of it, besides its result. */
function came(kind: ConeJob['kind'], { how, result, outputs }: End, before: EnvironmentState | undefined, after: EnvironmentState): string {
  if (how === 'skipped') return '';
  switch (kind) {
    case 'plan': return outputs.go === 'false' ? ' and says no' : '';
    case 'deploy': return result === 'success' && outputs.state === 'frozen' ? ' and deploys nothing, because of a freeze' : left(before, after);
    case 'monitor': return result === 'success' && !after.isVerified ? ' and confirms nothing' : isOpen(after) ? ' before it confirms the release' : left(before, after);
    case 'rollback': return left(before, after);
    case 'other': return '';
  }
}

function beforeTexts(step: BeforeStep | undefined): string[] {
  const texts: string[] = [];
  for (let one = step; one; one = one.from) {
    if (one.story) texts.unshift(...one.story());
    else texts.unshift(one.place === undefined || one.end === undefined ? CANCELLED : `{${one.place}} ${became(one.end)}`);
  }
  return texts;
}

const CANCELLED = 'the run is cancelled';

function became({ result, how }: End): string {
  if (how === 'rejected') return 'is rejected';
  if (how === 'stopped') return result === 'cancelled' ? 'is cancelled' : 'is cancelled or lost';
  return { success: 'succeeds', failure: 'fails', cancelled: 'is cancelled', skipped: 'is skipped' }[result];
}

function left(before: EnvironmentState | undefined, after: EnvironmentState): string {
  if (isOpen(after)) return after.record === 'confirming' ? ' after it promoted the release' : ' while the release is on the environment';
  return before && isOpen(before) && after.record === 'over' ? ' after it rolled back' : '';
}
