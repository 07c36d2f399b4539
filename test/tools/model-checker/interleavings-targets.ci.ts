/** As interleavings.ci.ts, for what differs per kind of target: a pointer that is compared and moved, hosts one by one, an engine that goes on by itself. */
import { DecisionCode, loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { Tally } from '../../../tools/model-checker/interleavings/tally';
import { AT_RANDOM, COMPLETE, TARGETS } from '../../../tools/model-checker/interleavings/target-scenarios';
import { wander } from '../../../tools/model-checker/interleavings/wander';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

/** What is cut short is said. */
const MAX_STATES = Number(process.env.TARGET_STATES ?? 4_000);
const WALKS = Number(process.env.TARGET_WALKS ?? 100);
const SEED = Number(process.env.SEED ?? 20261129);
const tally = new Tally();
let code: DecisionCode;
beforeAll(async () => {
  code = await loadDecisionCode();
});
afterAll(() => tally.print());

const [redeploy] = IN_PLACE;

describe.each(Object.entries(TARGETS))('whatever order the steps are in, the rules hold: %s', (_, scenarios) => {
  const isAtRandom = (name: string) => (AT_RANDOM as readonly string[]).includes(name);

  it.each(Object.entries(scenarios).filter(([name]) => isAtRandom(name)))('%s, at random', async (_name, make) => {
    const walked = await wander(code, make(redeploy!), { seed: SEED, walks: WALKS });
    tally.addWalks(walked);
    expect(walked.violations.map(sayCounterexample)).toEqual([]);
  });

  it.each(Object.entries(scenarios).filter(([name]) => !isAtRandom(name)))('%s', async (name, make) => {
    const isToTheEnd = (COMPLETE as readonly string[]).includes(name);
    const exploration = await explore(code, make(redeploy!), isToTheEnd ? {} : { maxStates: MAX_STATES });
    tally.add(exploration);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
    if (isToTheEnd) expect(exploration.isComplete).toBe(true);
  });
});
