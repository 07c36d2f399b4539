import { AssemblyStack } from './cloud-assembly';

/** The stacks of an environment in the order in which they are deployed, or why they are not known. */
export type Selection =
  | { readonly stacks: readonly AssemblyStack[]; readonly problem?: undefined }
  | { readonly stacks?: undefined; readonly problem: string; readonly fix: string };

/**
 * Selects the stacks of an environment, and those that they depend on, as `cdk deploy` does.
 *
 * @param wanted ids, names or stages; undefined for the only stack or stage of the app
 */
export function selectStacks(all: readonly AssemblyStack[], wanted: readonly string[] | undefined): Selection {
  const list = all.map(shownStack).join(', ');
  if (all.length === 0) return { problem: 'the app has no stack', fix: 'Add one, or correct app' };
  if (wanted === undefined) {
    const [{ stage }] = all;
    const isOne = all.length === 1 || (stage !== undefined && all.every((stack) => isIn(stack, topOf(stage))));
    return isOne ? ordered(all, all) : { problem: `the app has several stacks (${list}), and which of them belong to this environment is not set`, fix: 'Set stacks: [\'...\']' };
  }
  const unknown = wanted.find((name) => matching(all, name).length === 0);
  if (unknown !== undefined) return { problem: `the app has no stack "${unknown}". It has ${list}`, fix: 'Correct stacks, or rename the stack' };
  return ordered(all, wanted.flatMap((name) => matching(all, name)));
}

function matching(all: readonly AssemblyStack[], name: string): AssemblyStack[] {
  const named = all.filter(({ id, stackName }) => id === name || stackName === name);
  return named.length > 0 ? named : all.filter((stack) => isIn(stack, name.replace(/\/\*$/, '')));
}

function isIn({ stage }: AssemblyStack, name: string): boolean {
  return stage !== undefined && (stage === name || stage.startsWith(`${name}/`));
}

function topOf(stage: string): string {
  return stage.split('/')[0]!;
}

/** Dependencies first; otherwise as the assembly lists them. */
function ordered(all: readonly AssemblyStack[], selected: readonly AssemblyStack[]): Selection {
  const stacks: AssemblyStack[] = [];
  const open = new Set<AssemblyStack>();
  const add = (stack: AssemblyStack): boolean => {
    if (stacks.includes(stack)) return true;
    if (open.has(stack)) return false;
    open.add(stack);
    const isComplete = stack.dependencies.every((id) => add(all.find((other) => other.id === id)!));
    open.delete(stack);
    stacks.push(stack);
    return isComplete;
  };
  const inOrder = all.filter((stack) => selected.includes(stack));
  if (!inOrder.every(add)) return { problem: 'its stacks depend on each other in a circle', fix: 'Remove one of the references' };
  const isSame = (one: AssemblyStack, other: AssemblyStack) => one !== other && one.stackName === other.stackName && one.region === other.region;
  const twice = stacks.find((stack) => stacks.some((other) => isSame(stack, other)));
  if (twice) return { problem: `several stacks have the name ${twice.stackName}`, fix: 'Give each stack a name of its own' };
  return { stacks };
}

/** A stack in messages: its id, and its name where that differs. */
export function shownStack({ id, stackName }: AssemblyStack): string {
  return id === stackName ? id : `${id} (${stackName})`;
}
