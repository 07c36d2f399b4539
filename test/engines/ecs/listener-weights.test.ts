/** What the driver of blue/green decides from a listener and its targets as AWS describes them. */
import { healthyIn, unhealthyReasons } from '../../../src/engines/ecs/runtime/listener-api';
import { describeTraffic, forwardIn, groupOf, isSticky, slotWithAll, trafficOf, trafficStep, withTraffic } from '../../../src/engines/ecs/runtime/listener-weights';

const GROUPS = { blue: 'arn:blue', green: 'arn:green' };
const weighted = (weights: Record<string, number>) => Object.entries(weights).map(([name, Weight]) => ({ TargetGroupArn: `arn:${name}`, Weight }));
const forward = (weights: Record<string, number>) => ({ Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: weighted(weights), TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } } });
const traffic = (weights: Record<string, number>) => trafficOf(forwardIn([forward(weights)])!, GROUPS);

describe('the target groups of a listener', () => {
  it('are those of the forward action, in either form', () => {
    expect(forwardIn([forward({ blue: 100, green: 0 })])).toEqual([{ group: 'arn:blue', weight: 100 }, { group: 'arn:green', weight: 0 }]);
    expect(forwardIn([{ Type: 'forward', TargetGroupArn: 'arn:blue' }])).toEqual([{ group: 'arn:blue', weight: 1 }]);
    expect(forwardIn([{ Type: 'forward', TargetGroupArn: 'arn:blue', ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'arn:blue' }] } }])).toEqual([{ group: 'arn:blue', weight: 1 }]);
    expect(forwardIn([{ Type: 'fixed-response' }])).toBeUndefined();
  });

  it('belong to the service that is behind them', () => {
    const found = forwardIn([forward({ blue: 100, green: 0 })])!;
    expect(groupOf(['arn:internal', 'arn:green'], found)).toBe('arn:green');
    // a stack update may have removed it from the listener
    expect(groupOf(['arn:other'], found)).toBe('arn:other');
    expect(groupOf(['arn:blue', 'arn:green'], found)).toBeUndefined();
    expect(groupOf(['arn:one', 'arn:two'], found)).toBeUndefined();
    expect(groupOf([], found)).toBeUndefined();
  });
});

describe('users', () => {
  it.each<[Record<string, number>, string | undefined, string]>([
    [{ blue: 100, green: 0 }, 'blue', 'blue'],
    [{ blue: 0, green: 1 }, 'green', 'green'],
    [{ blue: 3, green: 1 }, undefined, 'blue with 75 % and green with 25 %'],
    [{ blue: 1, green: 0, other: 1 }, undefined, 'blue with 50 % and target groups of neither slot with 50 %'],
    [{ other: 1 }, undefined, 'target groups of neither slot'],
    [{ blue: 0, green: 0 }, undefined, 'neither slot (all weights are 0)'],
  ])('%j: are on %s (%s)', (weights, slot, shown) => {
    expect(slotWithAll(traffic(weights))).toBe(slot);
    expect(describeTraffic(traffic(weights))).toBe(shown);
  });

  const all = { slot: 'green', percent: 100 } as const;
  const some = { slot: 'green', percent: 5 } as const;

  it('move from the other slot only, and back from everywhere', () => {
    expect(trafficStep(traffic({ blue: 100, green: 0 }), all, 'other')).toBe('move');
    expect(trafficStep(traffic({ blue: 0, green: 7 }), all, 'other')).toBe('done');
    expect(trafficStep(traffic({ blue: 50, green: 50 }), all, 'other')).toBe('elsewhere');
    expect(trafficStep(traffic({ blue: 0, green: 0 }), all, 'other')).toBe('elsewhere');
    expect(trafficStep(traffic({ other: 1 }), all, 'all')).toBe('move');
    expect(trafficStep(traffic({ blue: 50, green: 50 }), all, 'all')).toBe('move');
  });

  it.each<[Record<string, number>, string]>([
    [{ blue: 100, green: 0 }, 'move'],
    [{ blue: 95, green: 5 }, 'done'],
    [{ blue: 19, green: 1 }, 'done'],
    [{ blue: 949, green: 50 }, 'move'],
    [{ blue: 0, green: 1 }, 'move'],
    [{ blue: 94, green: 5, other: 1 }, 'elsewhere'],
    [{ blue: 0, green: 0 }, 'elsewhere'],
    [{ other: 1 }, 'elsewhere'],
  ])('of a canary move between both slots only: %j: %s', (weights, step) => {
    expect(trafficStep(traffic(weights), some, 'slots')).toBe(step);
  });
});

describe('the changed actions', () => {
  it('differ in the weights only', () => {
    const others = [{ Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig: { UserPoolArn: 'arn:pool' } }, { Type: 'jwt-validation', Order: 2 }];
    expect(withTraffic([...others, forward({ blue: 100, green: 0 })], GROUPS, { slot: 'green', percent: 100 })).toEqual([...others, forward({ blue: 0, green: 100 })]);
    expect(withTraffic([...others, forward({ green: 0, blue: 100 })], GROUPS, { slot: 'green', percent: 5 })).toEqual([...others, forward({ green: 5, blue: 95 })]);
  });

  it('keep the secret of a sign-in, which AWS does not show', () => {
    const sign = { Type: 'authenticate-oidc', AuthenticateOidcConfig: { Issuer: 'https://idp', ClientId: 'shop' } };
    expect(withTraffic([sign], GROUPS, { slot: 'blue', percent: 100 })).toEqual([{ ...sign, AuthenticateOidcConfig: { ...sign.AuthenticateOidcConfig, UseExistingClientSecret: true } }]);
  });

  it('hold both target groups, and give no other one users', () => {
    // AWS takes several target groups in ForwardConfig only
    expect(withTraffic([{ Type: 'forward', Order: 1, TargetGroupArn: 'arn:blue' }], GROUPS, { slot: 'green', percent: 100 })).toEqual([{ Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: weighted({ blue: 0, green: 100 }) } }]);
    expect(withTraffic([forward({ other: 5, green: 0 })], GROUPS, { slot: 'green', percent: 100 })).toEqual([forward({ other: 0, green: 100, blue: 0 })]);
  });
});

it('stickiness of the forward action is seen; that of an action without target groups of its own is not there', () => {
  expect(isSticky([{ Type: 'authenticate-oidc' }, forward({ blue: 1 })])).toBe(true);
  expect(isSticky([{ Type: 'forward', ForwardConfig: { TargetGroupStickinessConfig: { Enabled: false } } }])).toBe(false);
  expect(isSticky([{ Type: 'forward', TargetGroupArn: 'arn:blue' }])).toBe(false);
});

it('targets that leave are no reason', () => {
  const target = (state: string, reason = '', description = '') => ({ state, reason, description });
  const targets = [target('healthy'), target('draining', 'Target.DeregistrationInProgress'), target('unhealthy', 'Target.Timeout', 'Request timed out'), target('unhealthy', 'Target.Timeout', 'Request timed out')];
  expect(healthyIn(targets)).toBe(1);
  expect(unhealthyReasons(targets)).toBe('unhealthy, Target.Timeout, Request timed out');
  expect(unhealthyReasons([target('unhealthy.draining')])).toBe('no other target is registered');
});
