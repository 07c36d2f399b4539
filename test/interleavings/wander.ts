import { DecisionCode } from './decision-code';
import { Counterexample, epilogues, MAX_DEPTH } from './explorer';
import { Rules } from './rules';
import { Scenario, System } from './system';

export interface Wandering {
  readonly scenario: string;
  readonly walks: number;
  readonly steps: number;
  readonly windows: number;
  readonly violations: readonly Counterexample[];
}

/** Goes single ways at random through what is too large to go every way; the same seed goes the same ways. */
export async function wander(
  code: DecisionCode, scenario: Scenario, { seed, walks }: { readonly seed: number; readonly walks: number },
): Promise<Wandering> {
  const rules = new Rules();
  const system = new System(code, scenario, rules);
  const afterwards = epilogues(code, scenario, rules, system);
  const random = mulberry32(seed);
  const violations = new Map<string, Counterexample>();
  let steps = 0;
  for (let walk = 0; walk < walks; walk++) {
    const way: string[] = [];
    let state = await system.initial();
    for (;;) {
      const { all, isQuiet } = system.transitions(state);
      // what is left are processes on lost runners: often enough they never wake up
      if (all.length === 0 || (isQuiet && random() < 0.3)) break;
      const transition = all[Math.floor(random() * all.length)];
      way.push(system.say(state, transition));
      state = await system.apply(state, transition);
      if (way.length > MAX_DEPTH) throw new Error(`${scenario.name}: a way has more than ${MAX_DEPTH} steps`);
    }
    steps += way.length;
    await rules.idle(system, state);
    rules.quiet(system, state);
    await afterwards(state);
    for (const { rule, what } of rules.drain()) {
      if (!violations.has(rule)) violations.set(rule, { scenario: scenario.name, rule, what, steps: [...way] });
    }
  }
  return { scenario: scenario.name, walks, steps, windows: rules.windows, violations: [...violations.values()] };
}

/** Random numbers from 0 to 1 that a seed makes again. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let a = seed;
  /* eslint-disable no-bitwise -- that is how it is reckoned */
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  /* eslint-enable no-bitwise */
}
