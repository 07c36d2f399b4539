import { PreviewCode } from './preview-code';
import { PreviewWorld } from './preview-world';
import { faultsAtTheEnd } from './rules';
import { beginScenario, Manifests, Scenario } from './scenarios';
import { Random } from '../../../test/random';

export interface Exploration {
  readonly states: number;
  readonly runs: number;
  readonly ends: number;
  /** Whether everything was visited. */
  readonly isComplete: boolean;
  /** Each fault, with the first way to it. */
  readonly faults: ReadonlyMap<string, readonly string[]>;
}

export interface ExploreOptions {
  readonly code: PreviewCode;
  readonly manifests: Manifests;
  /** @default - no limit */
  readonly mostRuns?: number;
  readonly untilFirst?: boolean;
}

/** Every order of the operations of a scenario. A state that was reached before in another way is not visited again. */
export async function explore(scenario: Scenario, options: ExploreOptions): Promise<Exploration> {
  const { code, manifests, mostRuns = Infinity, untilFirst = false } = options;
  const visited = new Set<string>();
  const ends = new Set<string>();
  const faults = new Map<string, string[]>();
  const left: number[][] = [[]];
  // with a limit, early and late orders are visited alike
  const random = new Random(1);
  let runs = 0;
  while (left.length > 0 && runs < mostRuns && !(untilFirst && faults.size > 0)) {
    runs += 1;
    const world = await beginScenario(scenario, code, manifests);
    const way = await follow(world, takenFrom(left, random), visited, left);
    if (way === undefined || ends.has(world.endKey)) continue;
    ends.add(world.endKey);
    for (const fault of await faultsAtTheEnd(world)) if (!faults.has(fault)) faults.set(fault, way);
  }
  return { states: visited.size, runs, ends: ends.size, isComplete: left.length === 0, faults };
}

function takenFrom(left: number[][], random: Random): number[] {
  const index = random.below(left.length);
  const way = left[index]!;
  left[index] = left.at(-1)!;
  left.pop();
  return way;
}

/** Follows a way, then always the first choice; the others are left for later. Undefined where it comes to a state that was visited. */
async function follow(world: PreviewWorld, way: readonly number[], visited: Set<string>, left: number[][]): Promise<string[] | undefined> {
  const taken: number[] = [];
  const labels: string[] = [];
  for (;;) {
    const choices = await world.turns.choices();
    if (choices.length === 0) return labels;
    if (taken.length >= way.length) {
      const { key } = world;
      if (visited.has(key)) return undefined;
      visited.add(key);
      for (let other = choices.length - 1; other > 0; other--) left.push([...taken, other]);
    }
    const choice = way[taken.length] ?? 0;
    taken.push(choice);
    labels.push(choices[choice]!.label);
    await choices[choice]!.go();
  }
}
