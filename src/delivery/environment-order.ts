import { RefPattern } from './ref-pattern';
import { TriggerManifest } from '../contract/manifest';
import { didYouMean, invalid, show } from '../validation/validation-error';

/** What the order of environments depends on. */
interface Triggered {
  readonly name: string;
  readonly trigger: TriggerManifest;
}

/** Returns the environment that must come first, in the same run or in an earlier one. */
function predecessor(trigger: TriggerManifest): string | undefined {
  if (trigger.kind === 'after') return trigger.environment;
  return trigger.kind === 'tag' ? trigger.requires : undefined;
}

/** Sorts environments after their predecessors. Rejects unknown predecessors and cycles. `known` were added before. */
export function inOrder<T extends Triggered>(added: T[], known: Triggered[]): T[] {
  const all = new Map<string, Triggered>([...known, ...added].map((environment) => [environment.name, environment]));
  const sorted = new Set<string>(known.map(({ name }) => name));
  const result: T[] = [];
  const visit = (environment: T, path: string[]) => {
    if (sorted.has(environment.name)) return;
    if (path.includes(environment.name)) circle(environment, [...path.slice(path.indexOf(environment.name)), environment.name]);
    const before = predecessor(environment.trigger);
    if (before !== undefined && !all.has(before)) unknown(environment, before, [...all.keys()]);
    const next = added.find(({ name }) => name === before);
    if (next) visit(next, [...path, environment.name]);
    sorted.add(environment.name);
    result.push(environment);
  };
  for (const environment of added) visit(environment, []);
  return result;
}

/** Rejects two environments to which one push would deploy concurrently. */
export function checkDisjoint(environment: Triggered, others: Triggered[]): void {
  for (const other of others) {
    const shared = sharedRef(environment.trigger, other.trigger);
    if (shared === undefined) continue;
    invalid(`environment ${show(environment.name)} trigger`,
      `${shared} would deploy to ${show(other.name)} and to ${show(environment.name)} at once, in no order`,
      `Let one follow the other: Trigger.after(${show(other.name)})`);
  }
}

function sharedRef(a: TriggerManifest, b: TriggerManifest): string | undefined {
  if (a.kind === 'branch' && b.kind === 'branch') {
    return a.branch.toLowerCase() === b.branch.toLowerCase() ? `a push to the branch ${show(a.branch)}` : undefined;
  }
  if (a.kind === 'release' && b.kind === 'release') return sharedRelease(a, b);
  if (a.kind !== 'tag' || b.kind !== 'tag') return undefined;
  const shared = new RefPattern(a.pattern).intersection(new RefPattern(b.pattern));
  if (!shared) return undefined;
  const excepted = [a.except, b.except].some((except) => except !== undefined && new RefPattern(except).covers(shared));
  return excepted ? undefined : `the tag ${show(shared.example())}`;
}

type ReleaseTrigger = Extract<TriggerManifest, { kind: 'release' }>;

/** Without branches, a trigger stands for the only release branch. */
function sharedRelease(a: ReleaseTrigger, b: ReleaseTrigger): string | undefined {
  if (a.branches === undefined || b.branches === undefined) return 'a release';
  const shared = a.branches.find((branch) => b.branches?.includes(branch));
  return shared === undefined ? undefined : `a release of the branch ${show(shared)}`;
}

function unknown({ name, trigger }: Triggered, before: string, names: string[]): never {
  const option = `environment ${show(name)} trigger ${trigger.kind === 'after' ? 'after' : 'requires'}`;
  const others = names.filter((other) => other !== name);
  invalid(option, `there is no environment ${show(before)} before it`, didYouMean(before, others) ?? `Add ${show(before)} first`);
}

function circle({ name }: Triggered, path: string[]): never {
  invalid(`environment ${show(name)} trigger`, `it waits for itself: ${path.map((step) => show(step)).join(' after ')}`,
    'Let one of them start from Trigger.branch, Trigger.tag without requires, or Trigger.manual');
}
