/** As alarms.test.ts. */
import { AlarmWorld } from './alarm-world';

let alarms: AlarmWorld;
afterEach(() => alarms.world.destroy());

test('with blue/green, an alarm that fires during the bake takes the release back', async () => {
  alarms = await AlarmWorld.create('blueGreen');
  const ended = await alarms.fireDuringBake();
  expect(ended.code).toBe(1);
  expect(alarms.world.served).toBe('v1');
  expect((await alarms.run(['status', 'production', '--json'])).output).toContain('"state": "rolledBack"');
});

describe('an alarm that was in ALARM before the deployment', () => {
  it('is named in the plan and before the first change, and the fix is deployed once it is OK', async () => {
    alarms = await AlarmWorld.create();
    await alarms.ship('v1');
    alarms.set('ALARM', 'Threshold Crossed');
    alarms.world.release('v2');
    const warning = /"shop-errors" is in ALARM since \S+Z, before this deployment: Threshold Crossed\. It does not count against the release for 30 s, and must be OK then/;
    expect((await alarms.run(['plan', 'production', '--release', 'v2'])).output).toMatch(warning);
    const ended = await alarms.run(['deploy', 'production', '--release', 'v2'], alarms.when([/before this change.*waiting for it/, 'OK']));
    expect(ended.output).toMatch(warning);
    expect(ended.code).toBe(0);
    expect(alarms.world.served).toBe('v2');
  });

  it('counts once the time to recover is over, and the message says since when', async () => {
    alarms = await AlarmWorld.create('redeploy', { propagationMs: 500 });
    await alarms.ship('v1');
    alarms.set('ALARM', 'Threshold Crossed');
    const ended = await alarms.ship('v2', alarms.when([/Roll back to v1/, 'OK']));
    expect(ended.output).toMatch(/errors: in ALARM since \S+Z, before this change: Threshold Crossed \(2 in a row, after a wait of 500 ms\)/);
    expect(ended.code).toBe(1);
    expect(alarms.world.served).toBe('v1');
  });
});

test('the plan names an alarm that does not exist', async () => {
  alarms = await AlarmWorld.create();
  alarms.aws.setAlarms();
  alarms.world.release('v1');
  expect((await alarms.run(['plan', 'production', '--release', 'v1'])).output).toContain('errors: there is no alarm "shop-errors" in the default region of the AWS CLI. Create it');
});

test('an alarm that does not exist does not stop a rollback by hand, which says so', async () => {
  alarms = await AlarmWorld.create();
  await alarms.ship('v1');
  await alarms.ship('v2');
  alarms.aws.setAlarms();
  alarms.shortenDeadline();
  const ended = await alarms.run(['rollback', 'production', '--release', 'v1', '--reason', 'a test']);
  expect(ended.output).toContain('nothing is known of the alarm, so 5 s gave no verdict; last: cannot probe: there is no alarm "shop-errors"');
  expect(alarms.world.served).toBe('v1');
  expect(ended.code).toBe(3);
});

test('an alarm may be created by the deployment', async () => {
  alarms = await AlarmWorld.create('redeploy', { createdByDeployment: true });
  alarms.aws.setAlarms();
  const ended = await alarms.ship('v1', alarms.when([/the deployment must create it/, 'OK']));
  expect(ended.output).toContain('there is no alarm "shop-errors" in the default region of the AWS CLI, and the deployment must create it');
  expect(ended.code).toBe(0);
});

describe('an alarm that fires after the bad release was left', () => {
  const late = (restore: RegExp) => alarms.when([restore, 'OK'], [/errors: OK.*healthy 1 of 5/, 'ALARM', 'Threshold Crossed'], [/errors: in ALARM.*waiting for it/, 'OK']);
  const remark = /errors: in ALARM since \S+Z, perhaps caused by the release before: Threshold Crossed · waiting for it/;

  it('does not count against the release that the deployment restored', async () => {
    alarms = await AlarmWorld.create('redeploy', { successThreshold: 5 });
    await alarms.ship('v1');
    alarms.world.release('v2', 'bad');
    const ended = await alarms.run(['deploy', 'production', '--release', 'v2'], late(/Roll back to v1/));
    expect(ended.output).toMatch(remark);
    expect(ended.code).toBe(1);
    expect(alarms.world.served).toBe('v1');
  });

  it('does not count against the release that a person restored', async () => {
    alarms = await AlarmWorld.create('blueGreen', { successThreshold: 5 });
    await alarms.ship('v1');
    await alarms.ship('v2');
    const ended = await alarms.run(['rollback', 'production', '--release', 'v1', '--reason', 'a test'], late(/Promote v1/));
    expect(ended.output).toMatch(remark);
    expect(ended.code).toBe(0);
    expect(alarms.world.served).toBe('v1');
  });

  it('counts once the time to recover is over', async () => {
    alarms = await AlarmWorld.create('redeploy', { successThreshold: 5, propagationMs: 20_000 });
    await alarms.ship('v1');
    alarms.world.release('v2', 'bad');
    const stays = alarms.when([/Roll back to v1/, 'OK'], [/errors: OK.*healthy 1 of 5/, 'ALARM', 'Threshold Crossed']);
    const ended = await alarms.run(['deploy', 'production', '--release', 'v2'], stays);
    expect(ended.output).toMatch(remark);
    expect(ended.code).toBe(3);
    expect(alarms.world.served).toBe('v1');
  });
});
