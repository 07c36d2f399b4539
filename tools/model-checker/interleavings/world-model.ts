import type { Outcome } from '../../../src/runtime/probing/observation';

/** What users reach. Never changed; a command makes a new one. */
export interface World {
  /** The slot that users are on, or most of them. */
  readonly live?: string;
  /** The slot that shares the traffic with it; undefined where users see one release. */
  readonly shared?: string;
  /** What each slot holds; a strategy that replaces releases in place has one, called `only`. */
  readonly slots: Readonly<Record<string, string>>;
  /** Slots whose release was seen healthy since it came there. */
  readonly verified: readonly string[];
  /** The release that `afterPromote` ran for last; undefined until it ran. */
  readonly announced?: string;
  /** A release that was good, and is so no more. */
  readonly turned?: string;
  /** How often the pointer was moved. @see TargetKind */
  readonly moves?: number;
  /** By slot: what the engine has not fulfilled yet. @see TargetKind */
  readonly wishes?: Readonly<Record<string, string>>;
}

/** How a release behaves: `bad` fails before users and as a candidate, `badLive` only before users. */
export type Behaviour = 'good' | 'bad' | 'badLive';

export function served(world: World): string | undefined {
  return world.live === undefined ? undefined : world.slots[world.live];
}

const OTHER: Readonly<Record<string, string>> = { blue: 'green', green: 'blue' };

/** Idempotent, as the contract requires of the user's commands. */
export function runCommand(world: World, { command, slot = 'only', version, weight }: { command: string; slot?: string; version: string; weight?: number }): World {
  if (command === 'promote') return { ...world, live: slot };
  if (command === 'setWeight') {
    const { shared: _, ...alone } = world;
    if (weight === 100) return { ...alone, live: slot };
    return { ...alone, live: OTHER[slot], ...(weight !== 0 && { shared: slot }) };
  }
  if (command === 'afterPromote') return { ...world, announced: version };
  if (command === 'beforeDeploy') return world;
  const slots = { ...world.slots, [slot]: version };
  return { ...world, live: slot === 'only' ? 'only' : world.live, slots, verified: world.verified.filter((one) => one !== slot) };
}

export function probe(
  world: World, behaviours: Readonly<Record<string, Behaviour>>,
  { sharedWith, slot, version }: { sharedWith?: string; slot?: string; version: string },
): Outcome {
  // where two releases share the traffic, either may respond: the worse one counts
  if (slot === undefined && world.shared !== undefined) {
    const { shared, ...alone } = world;
    const each = [alone, { ...alone, live: shared }].map((one) => probe(one, behaviours, { sharedWith, version }));
    return WORST_FIRST.find((outcome) => each.includes(outcome))!;
  }
  const found = slot === undefined ? served(world) : world.slots[slot];
  if (found === undefined) return 'unreachable';
  const behaviour = found === world.turned ? 'badLive' : behaviours[found] ?? 'good';
  if (behaviour === 'bad' || (behaviour === 'badLive' && slot === undefined)) return 'unhealthy';
  return found === version || found === sharedWith ? 'healthy' : 'stale';
}

const WORST_FIRST: readonly Outcome[] = ['unreachable', 'unhealthy', 'stale', 'healthy'];

/** What a verdict on a slot makes of it. */
export function seen(world: World, slot: string | undefined, outcome: Outcome): World {
  if (slot === undefined || outcome !== 'healthy' || world.verified.includes(slot)) return world;
  return { ...world, verified: [...world.verified, slot].sort() };
}
