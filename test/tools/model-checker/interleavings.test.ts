/**
 * Several commands against one ledger, in every order of their operations, through the real decisions of the runtime. Here: a few pairs of commands, a lost
 * runner and a ledger that refuses writes. All pairs and scenarios, in every strategy: interleavings.ci.ts.
 */
import { CommandName, COMMANDS, NAMES, together } from '../../../tools/model-checker/interleavings/combinations';
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { SCENARIOS } from '../../../tools/model-checker/interleavings/scenarios';
import { Tally } from '../../../tools/model-checker/interleavings/tally';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

let code: DecisionCode;
const tally = new Tally();

beforeAll(async () => {
  code = await loadDecisionCode();
});

afterAll(() => tally.print());

const [strategy] = AT_ONCE;
const PAIRS: readonly (readonly [CommandName, CommandName])[] = [
  ['deploy', 'unblock'], ['deploy', 'unfreeze'], ['rollback by hand', 'unfreeze'], ['drill', 'unblock'], ['adopt', 'unblock'], ['resolve', 'unfreeze'], ['resolve', 'watch'],
  ['unblock', 'watch'], ['unfreeze', 'watch'],
];
const few = [...PAIRS.map((pair) => together(pair)(strategy!)), ...(['lostRollback', 'around', 'rejectedBad'] as const).map((name) => SCENARIOS[name](strategy!))];

test.each(few.map((scenario) => [scenario.name, scenario] as const))('whatever order the steps of processes are in, the rules hold: %s', async (_, scenario) => {
  const exploration = await explore(code, scenario);
  tally.add(exploration);
  expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  expect(exploration.isComplete).toBe(true);
});

/** A reader gets the entries of a record without the last one, twice at any time: each run ends as it does without that. */
test.each(['lagsAlone', 'lagsBad', 'lagsByHand'] as const)('lists that lag change no end: %s', async (name) => {
  const exploration = await explore(code, SCENARIOS[name](strategy!));
  tally.add(exploration);
  expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  expect([exploration.isComplete, exploration.finals.length]).toEqual([true, 1]);
});

test('a process that does not wait until its own entry is listed ends otherwise', async () => {
  const impatient = await loadDecisionCode([{ name: 'no wait', file: 'deployment/lease.ts', find: 'if (clock.now() >= giveUpAt) throw', replace: 'throw' }]);
  const [hasty, patient] = [await explore(impatient, SCENARIOS.lagsAlone(strategy!)), await explore(code, SCENARIOS.lagsAlone(strategy!))];
  expect(hasty.outcomes).toBeGreaterThan(patient.outcomes);
});

/** These have thousands of states: the first ones, or those of the deepest ways. */
const BEGUN = [['lostAlone', 'shortest'], ['byHand', 'shortest'], ['lower', 'deepest'], ['deployAndAdopt', 'deepest']] as const;

test.each(BEGUN)('as far as a bound, the rules hold: %s', async (name, order) => {
  const exploration = await explore(code, SCENARIOS[name](IN_PLACE[0]!), { maxStates: 500, order });
  tally.add(exploration);
  expect(exploration.violations.map(sayCounterexample)).toEqual([]);
});

test('every command that writes a record is among them', () => {
  const kinds = NAMES.flatMap((name) => COMMANDS[name].map(({ kind }) => kind));
  expect([...new Set(kinds)].sort()).toEqual(['adopt', 'deploy', 'drill', 'resolve', 'rollback', 'unblock', 'unfreeze', 'watch']);
  expect(NAMES.filter((name) => name !== 'newer deploy' && !PAIRS.flat().includes(name))).toEqual([]);
});
