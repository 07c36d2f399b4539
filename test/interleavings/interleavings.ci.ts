import { loadDecisionCode } from './decision-code';
import { explore, sayCounterexample } from './explorer';
import { QUICK, SCENARIOS, STRATEGIES } from './scenarios';
import { sayExploration } from './tally';
import { wander } from './wander';

// Takes minutes: npx jest --testMatch '**/test/interleavings/interleavings.ci.ts', with MAX_STATES, WALKS and SEED. What is cut short is said.
const MAX_STATES = Number(process.env.MAX_STATES ?? 400_000);

const names = (Object.keys(SCENARIOS) as Array<keyof typeof SCENARIOS>)
  .filter((name) => !(QUICK as readonly string[]).includes(name) && name !== 'everything');

describe.each(STRATEGIES)('whatever order the steps of processes are in, the rules hold: %s', (strategy) => {
  it.each(names)('%s', async (name) => {
    const exploration = await explore(await loadDecisionCode(), SCENARIOS[name](strategy), { maxStates: MAX_STATES });
    process.stdout.write(`  ${exploration.scenario}: ${sayExploration(exploration)}\n`);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  }, 1_800_000);

  it('everything at once, at random', async () => {
    const seed = Number(process.env.SEED ?? 20261125);
    const walks = Number(process.env.WALKS ?? 3000);
    const { violations, ...went } = await wander(await loadDecisionCode(), SCENARIOS.everything(strategy), { seed, walks });
    process.stdout.write(`  ${JSON.stringify({ ...went, seed })}\n`);
    expect(violations.map(sayCounterexample)).toEqual([]);
  }, 1_800_000);
});

it('a process that remembers the same goes on the same: nothing is lost where such positions count as one', async () => {
  const code = await loadDecisionCode();
  const scenario = SCENARIOS.rerunBad('redeploy');
  const [merged, apart] = [await explore(code, scenario), await explore(code, scenario, { forgets: false })];
  expect(apart.states).toBeGreaterThan(merged.states);
  expect({ ends: merged.ends, outcomes: merged.outcomes, interleavings: merged.interleavings })
    .toEqual({ ends: apart.ends, outcomes: apart.outcomes, interleavings: apart.interleavings });
});
