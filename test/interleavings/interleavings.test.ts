import { DecisionCode, loadDecisionCode } from './decision-code';
import { explore, sayCounterexample } from './explorer';
import { QUICK, SCENARIOS, STRATEGIES } from './scenarios';
import { Tally } from './tally';
import { wander } from './wander';

let code: DecisionCode;
const tally = new Tally();

beforeAll(async () => {
  code = await loadDecisionCode();
});

afterAll(() => tally.print());

describe('whatever order the steps of processes are in, the rules hold', () => {
  for (const strategy of STRATEGIES) {
    for (const name of QUICK) {
      const scenario = SCENARIOS[name](strategy);
      it(scenario.name, async () => {
        const exploration = await explore(code, scenario);
        tally.add(exploration);
        expect(exploration.violations.map(sayCounterexample)).toEqual([]);
        expect(exploration.isComplete).toBe(true);
      });
    }
  }

  it.each(STRATEGIES)('%s: two deploys, a rollback by hand, a re-run, a watch and lost runners, at random', async (strategy) => {
    const { violations } = await wander(code, SCENARIOS.everything(strategy), { seed: 20261125, walks: 20 });
    expect(violations.map(sayCounterexample)).toEqual([]);
  });
});

it('a process that remembers the same goes on the same: nothing is lost where such positions count as one', async () => {
  const scenario = SCENARIOS.rerunBad('redeploy');
  const [merged, apart] = [await explore(code, scenario), await explore(code, scenario, { forgets: false })];
  expect(apart.states).toBeGreaterThan(merged.states);
  expect({ ends: merged.ends, outcomes: merged.outcomes, interleavings: merged.interleavings })
    .toEqual({ ends: apart.ends, outcomes: apart.outcomes, interleavings: apart.interleavings });
});
