/** Deployments with HealthCheck.cloudWatchAlarm, through the bundled runtime, with the stand-in for the AWS CLI as a real process. More: alarms.ci.ts. */
import { join } from 'node:path';
import { AlarmWorld } from './alarm-world';

let alarms: AlarmWorld;
afterEach(() => alarms.world.destroy());

test('an alarm that fires while users see a release takes it back, and the rollback waits until the alarm is OK again', async () => {
  alarms = await AlarmWorld.create();
  const ended = await alarms.fireDuringBake();
  expect(ended.output).toMatch(/errors: in ALARM since \S+Z: Threshold Crossed \(2 in a row\)/);
  expect(ended.output).toContain('before this change: Threshold Crossed · waiting for it');
  expect(ended.code).toBe(1);
  expect(alarms.world.served).toBe('v1');
});

test.each<[string, (one: AlarmWorld) => NodeJS.ProcessEnv, string]>([
  ['it does not exist', ({ aws }) => { aws.setAlarms(); return aws.env; }, 'there is no alarm "shop-errors" in the default region of the AWS CLI. Create it, correct its name or region, or set createdByDeployment'],
  ['permission is missing', ({ aws }) => { aws.fails({ on: 'describe-alarms', nth: 1, times: 9, how: 'denied' }); return aws.env; }, 'the role may not read alarms (cloudwatch describe-alarms: AccessDeniedException'],
  ['the job is signed out', ({ aws }) => { aws.fails({ on: 'describe-alarms', nth: 1, times: 9, how: 'signedOut' }); return aws.env; }, 'the job is not signed in to AWS'],
  ['there is no CLI', () => ({ PATH: [join(process.execPath, '..'), '/usr/bin', '/bin'].join(':') }), 'the AWS CLI is missing or too old'],
])('an alarm that cannot be read is an error before anything changes: %s', async (_, prepare, message) => {
  alarms = await AlarmWorld.create();
  const ended = await alarms.ship('v1', undefined, prepare(alarms));
  expect(ended.output).toContain(`production: HealthCheck.cloudWatchAlarm ${message}`);
  expect(ended.code).toBe(2);
  expect(alarms.world.commands).toEqual([]);
});
