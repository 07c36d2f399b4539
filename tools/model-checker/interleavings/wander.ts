import { DecisionCode } from './decision-code';
import { Counterexample, epilogues, MAX_DEPTH } from './explorer';
import { Rules } from './rules';
import { Scenario, System } from './system';
import { Random } from '../../../test/random';

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
  const random = new Random(seed);
  const violations = new Map<string, Counterexample>();
  let steps = 0;
  for (let walk = 0; walk < walks; walk++) {
    const way: string[] = [];
    let state = await system.initial();
    for (;;) {
      const { all, isQuiet } = system.transitions(state);
      // what is left are processes on lost runners: often enough they never wake up
      if (all.length === 0 || (isQuiet && random.chance(0.3))) break;
      const transition = random.oneOf(all);
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
