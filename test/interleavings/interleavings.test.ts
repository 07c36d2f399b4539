import { DecisionCode, loadDecisionCode } from './decision-code';
import { explore, sayCounterexample } from './explorer';
import { QUICK, SCENARIOS, STRATEGIES } from './scenarios';
import { Tally } from './tally';

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
});
