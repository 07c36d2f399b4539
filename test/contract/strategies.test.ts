/** What no type says of a strategy's data, and the state machine, the phases and the guarantees rely on. */
import { brokenRules, checkedStrategies, RolloutStrategy, STRATEGY_RULES, StrategyRule } from '../../src/contract/rollout-strategy';
import { BLUE_GREEN, CANARY, REDEPLOY, STRATEGIES } from '../../src/contract/strategies';
import { strategyOf } from '../../tools/model-checker/strategies';

/** For each rule a strategy that breaks it, and no other one. */
const PLANTED: Record<StrategyRule, RolloutStrategy> = {
  'steps: each step occurs once': { ...BLUE_GREEN, steps: ['deploying', 'verifying', 'promoting', 'promoting', 'baking'] },
  'steps: the first one is deploying, the last one baking': { ...REDEPLOY, steps: ['deploying', 'baking', 'verifying'] as unknown as RolloutStrategy['steps'] },
  'steps: verifying comes before promoting, so that nothing is promoted that was not verified':
    { ...BLUE_GREEN, steps: ['deploying', 'promoting', 'verifying', 'baking'], verifies: { verifying: 'users', baking: 'users' } },
  'exposes: promoting where it is a step, else deploying': { ...BLUE_GREEN, exposes: 'deploying', verifies: { verifying: 'users', baking: 'users' } },
  'promotes: at once or by weight where promoting is a step, else not defined': { ...REDEPLOY, promotes: 'atOnce' },
  'verifies: verifying and baking where they are steps, promoting by weight, and nothing else': { ...CANARY, verifies: { verifying: 'candidate', baking: 'users' } },
  'verifies: the candidate before the step that exposes the release, both while they share the traffic, what users see after it': { ...BLUE_GREEN, verifies: { verifying: 'users', baking: 'users' } },
  'slots: two or more where promoting is a step, else none':
    { ...BLUE_GREEN, slots: ['blue'] },
  'slots: each one once, and one that rollback.yml offers': { ...BLUE_GREEN, slots: ['blue', 'red'] },
  'restore.beforeExposure: nothing with slots, because users never left Stable; in place a deploy': { ...REDEPLOY, restore: { ...REDEPLOY.restore, beforeExposure: [] } },
  'restore.toStableSlot: a promote with slots; not defined in place': { ...BLUE_GREEN, restore: { ...BLUE_GREEN.restore, toStableSlot: undefined } },
  'restore.afresh: deploy, verify, promote with slots, so that users get only what was verified; in place a deploy':
    { ...BLUE_GREEN, restore: { ...BLUE_GREEN.restore, afresh: ['deploy', 'promote'] } },
};

test.each(Object.entries(PLANTED))('%s', (rule, planted) => {
  expect(brokenRules(planted)).toEqual([rule]);
  expect(() => checkedStrategies([REDEPLOY, { ...planted, kind: 'planted', title: 'planted' }])).toThrow(`the strategy "planted" in src/contract/strategies.ts breaks a rule: ${rule}`);
});

test.each([
  ['nothing restores Stable', { ...REDEPLOY, restore: { beforeExposure: ['deploy'], afresh: [] } }],
  ['in place, something is promoted in a rollback', { ...REDEPLOY, restore: { beforeExposure: ['deploy'], afresh: ['deploy', 'promote'] } }],
  ['in place, a slot of Stable', { ...REDEPLOY, restore: { ...REDEPLOY.restore, toStableSlot: ['promote'] } }],
  ['Stable is deployed over what users see', { ...BLUE_GREEN, restore: { ...BLUE_GREEN.restore, toStableSlot: ['deploy', 'promote'] } }],
  ['a verdict while all traffic moves at once', { ...BLUE_GREEN, verifies: CANARY.verifies }],
  ['a promotion, and nothing says how', { ...BLUE_GREEN, promotes: undefined }],
  ['a promotion without a slot', { ...BLUE_GREEN, slots: [] }],
  ['a slot that nothing moves traffic to', { ...REDEPLOY, slots: ['blue', 'green'] }],
  ['a slot twice', { ...BLUE_GREEN, slots: ['blue', 'blue'] }],
  ['a verdict on a step that a strategy does not have', { ...REDEPLOY, steps: ['deploying', 'baking'] }],
] as const satisfies [string, RolloutStrategy][])('also found: %s', (_, planted) => {
  expect(brokenRules(planted).length).toBeGreaterThan(0);
});

test('the types reject what the rules need not find', () => {
  const planted: RolloutStrategy[] = [
    // @ts-expect-error the bake ends every strategy
    { ...BLUE_GREEN, steps: ['deploying', 'verifying', 'promoting'] },
    // @ts-expect-error while the traffic moves, users see both
    { ...CANARY, verifies: { promoting: 'users', baking: 'users' } },
    // @ts-expect-error the bake verifies what users see
    { ...BLUE_GREEN, verifies: { verifying: 'candidate' } },
  ];
  expect(planted.map((one) => brokenRules(one).length > 0)).toEqual([true, true, true]);
});

test('a name belongs to one strategy', () => {
  expect(() => checkedStrategies([REDEPLOY, { ...REDEPLOY, title: 'again' }])).toThrow('two strategies in src/contract/strategies.ts have the same kind');
  expect(() => checkedStrategies([REDEPLOY, { ...REDEPLOY, kind: 'again' }])).toThrow('two strategies in src/contract/strategies.ts have the same title');
});

describe.each(STRATEGIES)('the strategy $kind', (strategy) => {
  it('keeps every rule', () => {
    expect(Object.keys(STRATEGY_RULES)).toEqual(Object.keys(PLANTED));
    expect(brokenRules(strategy)).toEqual([]);
  });

  it('has a factory of its name, and its time budget is what its steps take', () => {
    const { promotes, restore, steps, verifies } = strategy;
    const { kind, timeBudget, weights = [] } = strategyOf(strategy.kind)._definition.manifest;
    expect(kind).toBe(strategy.kind);
    const commands = steps.filter((step) => step === 'deploying' || step === 'promoting').length;
    // what users see is verified once before the bake, in a step of its own or when the bake begins
    const verdicts = steps.filter((step) => verifies[step] === 'candidate').length + 1;
    // of each weight before the last; the slot loses its traffic before the release is deployed to it, and first in a rollback
    const [onTrial, freed] = promotes === 'byWeight' ? [weights.length, 1] : [0, 0];
    expect(timeBudget.forward).toEqual({ commands: commands + onTrial + freed, verdicts: verdicts + onTrial });
    const restores = [restore.beforeExposure, restore.toStableSlot ?? [], restore.afresh];
    expect(timeBudget.restore).toEqual({
      commands: Math.max(...restores.map((actions) => actions.filter((action) => action !== 'verify').length)) + freed,
      verdicts: Math.max(...restores.map((actions) => actions.filter((action) => action === 'verify').length)) + 1,
    });
  });
});
