/** As interleavings.ci.ts, for canaries that are compared with Stable: their verdicts beside a rollback by hand, a second release, a cancellation, a lost runner. */
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { MEASURED } from '../../../tools/model-checker/interleavings/measured-scenarios';
import { sayExploration, Tally } from '../../../tools/model-checker/interleavings/tally';
import { wander } from '../../../tools/model-checker/interleavings/wander';
import { BY_WEIGHT } from '../../../tools/model-checker/strategies';

// What is cut short is said.
const MAX_STATES = Number(process.env.MEASURED_STATES ?? 4_000);
const WALKS = Number(process.env.MEASURED_WALKS ?? 100);
const SEED = Number(process.env.SEED ?? 20261129);
const tally = new Tally();
let code: DecisionCode;
beforeAll(async () => {
  code = await loadDecisionCode();
});
afterAll(() => tally.print());

/** Explored to the end. The others have hundreds of thousands of states. */
const COMPLETE = [
  'measured', 'measuredBack', 'measuredCancelled', 'measuredByHand', 'measuredToStable', 'measuredTwice', 'measuredTwiceCancelled',
] as const satisfies ReadonlyArray<keyof typeof MEASURED>;
const others = (Object.keys(MEASURED) as Array<keyof typeof MEASURED>).filter((name) => !(COMPLETE as readonly string[]).includes(name));
const withStrategy = <T>(names: readonly T[]) => BY_WEIGHT.flatMap((strategy) => names.map((name) => [strategy, name] as const));

test.each(withStrategy(COMPLETE))('%s: %s, whatever order the steps are in', async (strategy, name) => {
  const exploration = await explore(code, MEASURED[name](strategy));
  tally.add(exploration);
  process.stdout.write(`  ${exploration.scenario}: ${sayExploration(exploration)}\n`);
  expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  expect(exploration.isComplete).toBe(true);
});

test.each(withStrategy(others))('%s: %s, as far as the bound, and at random', async (strategy, name) => {
  const scenario = MEASURED[name](strategy);
  // a lost process may be paused again and again: the deepest way has no end
  const order = scenario.losses ? 'shortest' : 'deepest';
  const exploration = await explore(code, scenario, { maxStates: MAX_STATES, order });
  const walked = await wander(code, scenario, { seed: SEED, walks: WALKS });
  tally.add(exploration);
  tally.addWalks(walked);
  process.stdout.write(`  ${exploration.scenario}: ${sayExploration(exploration)}\n`);
  expect([...exploration.violations, ...walked.violations].map(sayCounterexample)).toEqual([]);
});

test('each measurement may show a good release, a bad one, or nothing, and each of them ends another way', async () => {
  const { finals, ends } = await explore(code, MEASURED.measured('canary'));
  // promoted; rolled back, or halted with most users on Stable
  expect([ends, finals]).toEqual([3, ['v1, Stable v1', 'v2, Stable v2']]);
});
