import { ALIKE, combinations, CommandName, isAlike, isExhaustive, isQuick, NAMES, together } from '../../../tools/model-checker/interleavings/combinations';
import { loadDecisionCode } from '../../../tools/model-checker/interleavings/decision-code';
import { ExploredOnce } from '../../../tools/model-checker/interleavings/explored-once';
import { explore, sayCounterexample } from '../../../tools/model-checker/interleavings/explorer';
import { QUICK, SCENARIOS } from '../../../tools/model-checker/interleavings/scenarios';
import { sayExploration, Tally } from '../../../tools/model-checker/interleavings/tally';
import { wander } from '../../../tools/model-checker/interleavings/wander';
import { hasWeights, STRATEGY_KINDS } from '../../../tools/model-checker/strategies';
import { IS_NIGHT } from '../../random';

// Takes minutes: npx jest --testMatch '**/test/tools/model-checker/interleavings.ci.ts', with MAX_STATES, WALKS and SEED. What is cut short is said.
const MAX_STATES = Number(process.env.MAX_STATES ?? 400_000);
const WALKS = Number(process.env.WALKS ?? 3000);
const SEED = Number(process.env.SEED ?? 20261125);
/** With weights there are more steps in the same order: what is not explored to the end gets this part of the bounds. */
const OF_WEIGHTS = 4;
/** There are many threes: each of them gets this part of the bounds. */
const OF_A_THREE = 20;

const names = (Object.keys(SCENARIOS) as Array<keyof typeof SCENARIOS>).filter((name) => !['everything', 'everyCommand'].includes(name));
/** What is explored to the end, with weights too. */
const isQuickScenario = (name: string) => (QUICK as readonly string[]).includes(name);
/** What deploys nothing is the same in every strategy. */
const isExploredIn = (strategy: string, pair: readonly CommandName[]) => IS_NIGHT || strategy === STRATEGY_KINDS[0] || !isAlike(pair);

let once: ExploredOnce;
beforeAll(async () => {
  once = new ExploredOnce(await loadDecisionCode());
});

describe.each(STRATEGY_KINDS)('commands side by side: %s', (strategy) => {
  const tally = new Tally();
  afterAll(() => tally.print());

  const maxStates = MAX_STATES / (hasWeights(strategy) ? OF_WEIGHTS : 1);
  const bad = { behaviours: { v3: 'badLive', v4: 'badLive' } } as const;
  const pairs = combinations(2).filter((pair) => isExploredIn(strategy, pair));
  const deploys = combinations(2).filter((pair) => pair.includes('deploy'));
  const named = (commands: readonly CommandName[]) => [commands.join(' + '), commands] as const;

  it.each(pairs.map(named))('%s', async (_, pair) => {
    const isToTheEnd = isQuick(pair) || (isExhaustive(pair) && !hasWeights(strategy));
    const exploration = await once.explore(together(pair)(strategy), isToTheEnd ? {} : { maxStates });
    tally.add(exploration);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
    if (isToTheEnd) expect(exploration.isComplete).toBe(true);
  }, 1_800_000);

  it.each(deploys.map(named))('%s, the release is bad', async (_, pair) => {
    const exploration = await once.explore(together(pair, bad)(strategy), { maxStates });
    tally.add(exploration);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
  }, 1_800_000);

  if (!hasWeights(strategy)) {
    it.each(combinations(3).map(named))('%s', async (_, three) => {
      const scenario = together(three)(strategy);
      const code = await loadDecisionCode();
      const exploration = await explore(code, scenario, { maxStates: MAX_STATES / OF_A_THREE, order: 'deepest' });
      const walked = await wander(code, scenario, { seed: SEED, walks: WALKS / OF_A_THREE });
      tally.add(exploration);
      tally.addWalks(walked);
      expect([...exploration.violations, ...walked.violations].map(sayCounterexample)).toEqual([]);
    }, 1_800_000);
  }
});

const CHANGING = NAMES.filter((name) => !['unblock', 'unfreeze', 'newer deploy', 'resolve'].includes(name));
/** As the pairs above are called. */
const beside = (name: CommandName, other: CommandName) => together(NAMES.filter((one) => [name, other].includes(one)));

describe.each(STRATEGY_KINDS)('what a decision does not concern ends as without it: %s', (strategy) => {
  it.each(CHANGING)('%s beside unblock of another release', async (name) => {
    const both = await once.explore(beside(name, 'unblock')(strategy));
    const alone = await once.explore(together([name], { begins: 'confirmed' })(strategy));
    expect(both.finals).toEqual(alone.finals);
  });

  it.each(CHANGING)('%s beside unfreeze ends as in a freeze, or as without one', async (name) => {
    const both = await once.explore(beside(name, 'unfreeze')(strategy));
    const frozen = await once.explore(together([name], { frozen: true })(strategy));
    const free = await once.explore(together([name], { frozen: false })(strategy));
    expect([...new Set([...frozen.finals, ...free.finals])]).toEqual(expect.arrayContaining([...both.finals]));
  });
});

if (IS_NIGHT) {
  test.each(ALIKE)('%s deploys nothing, so that it is the same in every strategy', async (name) => {
    const pair = combinations(2).find((one) => one.join(' + ') === name)!;
    const all = await Promise.all(STRATEGY_KINDS.map((strategy) => once.explore(together(pair)(strategy))));
    // positions and starts depend on what the explorations before had seen
    const [first, ...others] = all.map(({ ends, finals, interleavings, outcomes, states, transitions }) => (
      { ends, finals, interleavings, outcomes, states, transitions }
    ));
    expect(others).toEqual(others.map(() => first));
  });
}

describe.each(STRATEGY_KINDS)('whatever order the steps of processes are in, the rules hold: %s', (strategy) => {
  it.each(names)('%s', async (name) => {
    const maxStates = MAX_STATES / (hasWeights(strategy) ? OF_WEIGHTS : 1);
    const scenario = SCENARIOS[name](strategy);
    const exploration = await once.explore(scenario, isQuickScenario(name) ? {} : { maxStates });
    process.stdout.write(`  ${exploration.scenario}: ${sayExploration(exploration)}\n`);
    expect(exploration.violations.map(sayCounterexample)).toEqual([]);
    if (isQuickScenario(name)) expect(exploration.isComplete).toBe(true);
  }, 1_800_000);

  it.each(['everything', 'everyCommand'] as const)('%s at once, at random', async (name) => {
    const { violations, ...went } = await wander(await loadDecisionCode(), SCENARIOS[name](strategy), { seed: SEED, walks: WALKS });
    process.stdout.write(`  ${JSON.stringify({ ...went, seed: SEED })}\n`);
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
