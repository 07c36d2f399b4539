import { combinations, COMMANDS, CommandName, isQuick, NAMES, together } from '../../../tools/model-checker/interleavings/combinations';
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { Exploration, explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { QUICK, SCENARIOS } from '../../../tools/model-checker/interleavings/scenarios';
import { Scenario } from '../../../tools/model-checker/interleavings/system';
import { Tally } from '../../../tools/model-checker/interleavings/tally';
import { AT_ONCE, IN_PLACE, STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

let code: DecisionCode;
const tally = new Tally();

beforeAll(async () => {
  code = await loadDecisionCode();
});

afterAll(() => tally.print());

async function holds(scenario: Scenario): Promise<Exploration> {
  const exploration = await explore(code, scenario);
  tally.add(exploration);
  expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  expect(exploration.isComplete).toBe(true);
  return exploration;
}

// with weights there are more steps in the same order: interleavings.ci.ts
describe.each([...IN_PLACE, ...AT_ONCE])('whatever order the steps of processes are in, the rules hold: %s', (strategy) => {
  it.each(QUICK)('%s', async (name) => {
    await holds(SCENARIOS[name](strategy));
  });

  it.each(combinations(2).filter(isQuick).map((pair) => [pair.join(' + '), pair] as const))('%s', async (_, pair) => {
    await holds(together(pair)(strategy));
  });
});

const CHANGING = NAMES.filter((name): name is Exclude<CommandName, 'unblock' | 'unfreeze'> => !['unblock', 'unfreeze', 'newer deploy', 'resolve'].includes(name));

describe.each(STRATEGY_KINDS)('what a decision does not concern ends as without it: %s', (strategy) => {
  it.each(CHANGING)('%s beside unblock of another release', async (name) => {
    const beside = await explore(code, together([name, 'unblock'])(strategy));
    const alone = await explore(code, together([name], { begins: 'confirmed' })(strategy));
    expect(beside.finals).toEqual(alone.finals);
  });

  it.each(CHANGING)('%s beside unfreeze ends as in a freeze, or as without one', async (name) => {
    const beside = await explore(code, together([name, 'unfreeze'])(strategy));
    const [frozen, free] = await Promise.all([true, false].map((isFrozen) => explore(code, together([name], { frozen: isFrozen })(strategy))));
    expect([...new Set([...frozen.finals, ...free.finals])]).toEqual(expect.arrayContaining([...beside.finals]));
  });
});

test('every command that writes a record is among them', () => {
  const kinds = NAMES.flatMap((name) => COMMANDS[name].map(({ kind }) => kind));
  expect([...new Set(kinds)].sort()).toEqual(['adopt', 'deploy', 'drill', 'resolve', 'rollback', 'unblock', 'unfreeze', 'watch']);
});
