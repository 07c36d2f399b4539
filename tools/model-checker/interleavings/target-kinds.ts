import type { CommandStep, ModelResponse } from './request';
import { runCommand, served, World } from './world-model';

/**
 * What differs between targets where a command of the runtime has several steps, and others may go between them:
 * - `pointer`: read, then moved only if no one else moved it meanwhile (the branch of GitHub Pages, a Service). A deployment gives way to
 *   someone else's move, a rollback does not; and it moves the pointer even where that is right already.
 * - `hosts`: two of them, one after the other (servers). Users reach both.
 * - `engine`: it gets a wish, and fulfils it at any time, also after the process died (Argo Rollouts, Kubernetes). The process waits for it.
 */
export type TargetKind = 'pointer' | 'hosts' | 'engine';

/** A fault of an abstract target that the rules must see. */
export type TargetFault =
  /** A rollback moves no pointer that is right already. */
  | 'noFence'
  /** A host that has the release already counts for all. */
  | 'firstHost';

export interface TargetBehaviour {
  readonly target?: TargetKind;
  /** @default - none */
  readonly fault?: TargetFault;
}

const HOSTS = ['only', 'other'] as const;
const DONE: ModelResponse = { done: true };
const REFUSED: ModelResponse = { refused: true };

interface Stepped {
  readonly world: World;
  readonly response: ModelResponse;
}

/** One step of a command. */
export function commandStep(world: World, command: CommandStep, { fault, target }: TargetBehaviour): Stepped {
  const isMove = command.command === 'deploy';
  if (target === undefined || !isMove) return { world: runCommand(world, command), response: DONE };
  switch (target) {
    case 'hosts': return onHost(world, command, fault === 'firstHost');
    case 'pointer': return atPointer(world, command, fault !== 'noFence');
    case 'engine': return atEngine(world, command);
  }
}

function onHost(world: World, { step = '0', version }: CommandStep, isFirstEnough: boolean): Stepped {
  const at = Number(step);
  if (isFirstEnough && at === 0 && world.slots[HOSTS[0]] === version) return { world, response: DONE };
  const slots: Readonly<Record<string, string>> = { ...world.slots, [HOSTS[at]]: version };
  const { shared: _, ...alone } = world;
  const isMixed = slots[HOSTS[0]] !== slots[HOSTS[1]];
  return { world: { ...alone, slots, ...(isMixed && { shared: HOSTS[1] }) }, response: at + 1 < HOSTS.length ? { more: String(at + 1) } : DONE };
}

function atPointer(world: World, command: CommandStep, fences: boolean): Stepped {
  const { leaving, step, version } = command;
  const moves = world.moves ?? 0;
  const isRestore = leaving !== undefined;
  const reads = { world, response: { more: `from ${moves}` } };
  if (step === undefined) return served(world) === version && !(isRestore && fences) ? { world, response: DONE } : reads;
  if (step !== `from ${moves}`) return isRestore ? reads : { world, response: REFUSED };
  return { world: { ...runCommand(world, command), moves: moves + 1 }, response: DONE };
}

const AWAITS = 'awaits';

function atEngine(world: World, { slot = 'only', step, version }: CommandStep): Stepped {
  if (step === undefined) return { world: { ...world, wishes: { ...world.wishes, [slot]: version } }, response: { more: AWAITS } };
  return { world, response: world.slots[slot] === version ? DONE : REFUSED };
}

/** Whether a process has to wait for the engine. */
export function isAwaited({ wishes }: World, { slot = 'only', step }: CommandStep): boolean {
  return step === AWAITS && wishes?.[slot] !== undefined;
}

/** The engine fulfils all wishes. */
export function fulfilled(world: World): World {
  const { wishes = {}, ...rest } = world;
  return Object.entries(wishes).reduce<World>((before, [slot, version]) => runCommand(before, { command: 'deploy', slot, version }), rest);
}
