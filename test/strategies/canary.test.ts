/** What synthesis makes of Strategy.canary, and what it rejects, with option, value and fix. */
import { CanaryStep, Duration, HealthCheck, Strategy, Target } from '../../src';
import { longestForwardMs, longestRestoreMs } from '../../src/contract/time-budget';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const STEPS = [CanaryStep.weight(5, { atLeast: Duration.minutes(2) }), CanaryStep.weight(25)];
const SPLITS = Target.commands({ deploy: './deploy', setWeight: './set-weight' });
const anything = (value: unknown) => value as never;

function manifestOf(strategy: Strategy, target = SPLITS) {
  const project = plainProject();
  deliver(project, { target, environments: [environment('production', { strategy })] });
  return synthesize(project).manifest.environments[0]!;
}

function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  throw new Error('nothing was rejected');
}

it('the manifest has the weights, and the command that sets them', () => {
  const { strategy, target } = manifestOf(Strategy.canary({ steps: STEPS, candidateUrl: 'https://{slot}.example.com' }));
  expect(strategy).toMatchObject({
    kind: 'canary',
    candidateUrl: 'https://{slot}.example.com',
    weights: [{ percent: 5, atLeastMs: 120_000 }, { percent: 25, atLeastMs: 60_000 }],
    timeBudget: {
      forward: { commands: 5, verdicts: 4, atLeastMs: 180_000 }, restore: { commands: 3, verdicts: 2 }, rollbackCommand: { commands: 3, verdicts: 1 },
    },
  });
  expect(target.setWeight).toEqual({ kind: 'bash', line: './set-weight' });
});

it('the time limits count each step, and the weight 0 of a rollback, before its command and after it', () => {
  const [first, second] = [CanaryStep.weight(5, { atLeast: Duration.minutes(7) }), CanaryStep.weight(50, { atLeast: Duration.minutes(20) })];
  const [one, two] = [[first], [first, second]].map((steps) => manifestOf(Strategy.canary({ steps })));
  const verdict = longestForwardMs(two) - longestForwardMs(one) - 20 * 60_000 - two.strategy.commandTimeoutMs;
  expect(verdict).toBeGreaterThanOrEqual(two.healthChecks[0]!.deadlineMs);
  const { rollbackCommand, ...timeBudget } = one.strategy.timeBudget;
  const with0 = longestRestoreMs({ ...one, target: { rollback: true } });
  const without = longestRestoreMs({ ...one, strategy: { ...one.strategy, timeBudget }, target: { rollback: true } });
  expect(with0 - without).toBe(2 * one.strategy.commandTimeoutMs);
  expect(rollbackCommand).toBeDefined();
});

it('a canary that takes longer than a job may is rejected', () => {
  const steps = [CanaryStep.weight(5, { atLeast: Duration.hours(6) })];
  expect(rejection(() => manifestOf(Strategy.canary({ steps })))).toMatch(
    /^environment 'production' strategy: with its times \(bake 15 s, steps 6 h, .*GitHub ends a job after 6 h\. Shorten bake, steps, commandTimeout or/,
  );
});

it('a Lambda function can split its traffic', () => {
  const target = Target.lambda({ functionName: 'shop', alias: 'live', code: 'dist/function.zip' });
  expect(manifestOf(Strategy.canary({ steps: STEPS }), target).target.setWeight).toEqual({ kind: 'driver', call: 'setWeight' });
});

it.each([
  ['without steps', () => Strategy.canary(anything({})), 'Strategy.canary steps: they are missing. Write Strategy.canary({ steps: [CanaryStep.weight(5), CanaryStep.weight(25)] })'],
  ['with no step', () => Strategy.canary({ steps: [] }), 'Strategy.canary steps: there is none, so the release would get all traffic at once. Write '],
  ['with numbers', () => Strategy.canary({ steps: anything([5, 25]) }), 'Strategy.canary steps: 5 is not a CanaryStep. Write CanaryStep.weight(5)'],
  ['with one step that is not in a list', () => Strategy.canary({ steps: anything(CanaryStep.weight(5)) }), 'is not a list. Write [CanaryStep.weight(5)]'],
  ['with a weight twice', () => Strategy.canary({ steps: [CanaryStep.weight(5), CanaryStep.weight(5)] }), 'Strategy.canary steps: 5 per cent comes after 5 per cent. Write them in ascending order, each one once'],
  ['that goes down', () => Strategy.canary({ steps: [CanaryStep.weight(25), CanaryStep.weight(5)] }), 'Strategy.canary steps: 5 per cent comes after 25 per cent.'],
  ['with all traffic', () => CanaryStep.weight(100), 'CanaryStep.weight percent: 100 is out of range. Set a whole number from 1 to 99'],
  ['with a share of 1', () => CanaryStep.weight(0.05), 'CanaryStep.weight percent: 0.05 is out of range.'],
  ['with a time that is a number', () => CanaryStep.weight(5, { atLeast: anything(2) }), 'CanaryStep.weight atLeast: 2 is not a Duration. Write Duration.minutes(2)'],
])('a canary %s is rejected', (_, act, message) => {
  expect(rejection(act)).toContain(message);
});

it.each([
  ['Target.commands', Target.commands({ deploy: './deploy', promote: './switch' })],
  ['Target.tasks', Target.tasks({ deploy: 'ship' })],
  ['Target.staticSite', Target.staticSite({ bucket: 'acme-site', directory: 'site', releaseCheck: false })],
])('%s without a setWeight is rejected', (_, target) => {
  expect(rejection(() => manifestOf(Strategy.canary({ steps: STEPS }), target))).toBe(
    'environment \'production\' strategy: Strategy.canary() splits the traffic with the target\'s setWeight, and the target has none. '
    + 'Add it: Target.commands({ deploy: ..., setWeight: \'./set-weight\' }), use Target.lambda(...), or use Strategy.redeploy()',
  );
});

it('a candidateUrl needs a check that can probe it', () => {
  const project = plainProject();
  const act = () => deliver(project, {
    target: SPLITS,
    environments: [environment('production', {
      healthChecks: [HealthCheck.cloudWatchAlarm('errors')],
      strategy: Strategy.canary({ steps: STEPS, candidateUrl: 'https://{slot}.example.com' }),
    })],
  });
  expect(rejection(act)).toContain('healthChecks: none of them can probe a candidate, and candidateUrl is set. Add HealthCheck.http(...)');
});
