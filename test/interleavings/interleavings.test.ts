import { DecisionCode, loadDecisionCode } from './decision-code';
import { explore, sayCounterexample } from './explorer';
import { MUTATIONS } from './mutations';
import { RULES } from './rules';
import { QUICK, SCENARIOS, STRATEGIES } from './scenarios';
import { sayExploration, Tally } from './tally';
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

describe('a rule sees it when the code is broken', () => {
  it.each(MUTATIONS)('$name', async ({ scenario, strategy, seenBy, ...mutation }) => {
    const broken = await loadDecisionCode([mutation]);
    const exploration = await explore(broken, SCENARIOS[scenario](strategy), { untilViolation: true, maxStates: 30_000 });
    const seen = exploration.violations.map(({ rule }) => rule);
    tally.note(`${mutation.name}: ${seen.map((rule) => RULES[rule]).join('; ')} (${sayExploration(exploration)})`);
    expect(seenBy).toEqual(expect.arrayContaining(seen));
    expect(seen).not.toEqual([]);
  });
});

it('a process that remembers the same goes on the same: nothing is lost where such positions count as one', async () => {
  const scenario = SCENARIOS.rerunBad('redeploy');
  const [merged, apart] = [await explore(code, scenario), await explore(code, scenario, { forgets: false })];
  expect(apart.states).toBeGreaterThan(merged.states);
  expect({ ends: merged.ends, outcomes: merged.outcomes, interleavings: merged.interleavings })
    .toEqual({ ends: apart.ends, outcomes: apart.outcomes, interleavings: apart.interleavings });
});
