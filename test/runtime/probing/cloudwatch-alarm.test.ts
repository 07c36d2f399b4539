/** HealthCheck.cloudWatchAlarm, with the stand-in for the AWS CLI as a real process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Circumstances, lookOnce, TIMES } from './probe-once';
import { CloudWatchAlarmCheckManifest } from '../../../src/contract/manifest';
import { InterruptedError } from '../../../src/runtime/errors';
import { AwsStandIn, FaultKind, StandInAlarm } from '../../../tools/aws-cli-stand-in/stand-in';

let folder: string;
let aws: AwsStandIn;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-alarm-'));
  aws = new AwsStandIn(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const CHANGED = '2026-11-28T11:58:03.123000+00:00';

function look(alarm: Partial<StandInAlarm> = {}, changes: Partial<CloudWatchAlarmCheckManifest> = {}, { target, ...rest }: Circumstances = {}) {
  aws.setAlarms({ name: 'shop errors', value: 'OK', changed: CHANGED, ...alarm }, { name: 'another', value: 'ALARM' });
  const check: CloudWatchAlarmCheckManifest = {
    ...TIMES, kind: 'cloudWatchAlarm', url: 'cloudwatch:shop', alarm: 'shop errors', insufficientData: 'inconclusive', liveOnly: true, ...changes,
  };
  return lookOnce(check, { ...rest, target: { env: { ...aws.env }, ...target } });
}

describe.each(['MetricAlarm', 'CompositeAlarm'] as const)('a %s', (type) => {
  test('that is OK is healthy', async () => {
    expect(await look({ type })).toMatchObject({ outcome: 'healthy', saw: 'OK since 2026-11-28T11:58:03Z' });
    expect(aws.calls).toEqual(['describe-alarms']);
  });

  test('in ALARM is unhealthy, and says since when and why', async () => {
    expect(await look({ type, value: 'ALARM', reason: 'Threshold Crossed: 1 datapoint [5.0]\n::error::x' }))
      .toMatchObject({ outcome: 'unhealthy', saw: 'in ALARM since 2026-11-28T11:58:03Z: Threshold Crossed: 1 datapoint [5.0] ::error::x' });
  });

  test('that is in ALARM since before the release was live is about what was there before', async () => {
    const at = (text: string) => ({ target: { env: { ...aws.env }, liveSince: Date.parse(text) } });
    expect(await look({ type, value: 'ALARM' }, {}, at('2026-11-28T11:58:04Z')))
      .toMatchObject({ outcome: 'stale', saw: 'in ALARM since 2026-11-28T11:58:03Z, before this change' });
    expect(await look({ type, value: 'ALARM' }, {}, at('2026-11-28T11:58:02Z'))).toMatchObject({ outcome: 'unhealthy' });
    // as version 1 of the CLI prints it
    const inSeconds = { type, value: 'ALARM', changed: 1_795_867_083.5 } as const;
    expect(await look(inSeconds, {}, at('2026-11-28T11:58:04Z'))).toMatchObject({ outcome: 'stale', saw: 'in ALARM since 2026-11-28T11:58:03Z, before this change' });
    expect(await look({ type, value: 'ALARM', changed: undefined }, {}, at('2026-11-28T11:58:02Z'))).toMatchObject({ outcome: 'unhealthy' });
  });

  test('that fires after a restore may be about the release that was left', async () => {
    const restored = { target: { env: { ...aws.env }, isRestored: true, liveSince: Date.parse('2026-11-28T11:58:02Z') } };
    expect(await look({ type, value: 'ALARM' }, {}, restored))
      .toMatchObject({ outcome: 'stale', saw: 'in ALARM since 2026-11-28T11:58:03Z, perhaps caused by the release before' });
    expect(await look({ type }, {}, restored)).toMatchObject({ outcome: 'healthy' });
  });

  test('without enough data says nothing, or counts as OK', async () => {
    expect(await look({ type, value: 'INSUFFICIENT_DATA', reason: 'Unchecked' })).toMatchObject({ outcome: 'blind', saw: 'INSUFFICIENT_DATA since 2026-11-28T11:58:03Z: Unchecked' });
    expect(await look({ type, value: 'INSUFFICIENT_DATA' }, { insufficientData: 'ok' })).toMatchObject({ outcome: 'healthy' });
  });
});

describe('what says nothing about the service', () => {
  test.each<[FaultKind, string]>([
    ['denied', 'cannot probe: the role may not read alarms (cloudwatch describe-alarms: AccessDeniedException: '],
    ['expired', 'cannot probe: the job is not signed in to AWS (cloudwatch describe-alarms: ExpiredTokenException: '],
    ['signedOut', 'cannot probe: the job is not signed in to AWS (cloudwatch describe-alarms: Unable to locate credentials.'],
  ])('is an alarm that is not shown: %s', async (how, saw) => {
    aws.fails({ on: 'describe-alarms', nth: 1, how });
    expect(await look({ value: 'ALARM' })).toMatchObject({ outcome: 'blind', saw: expect.stringContaining(saw) });
  });

  test.each<FaultKind>(['throttled', 'unavailable', 'hangs'])('is a CloudWatch that does not respond: %s', async (how) => {
    aws.fails({ on: 'describe-alarms', nth: 1, times: 9, how });
    expect(await look({ value: 'ALARM' }, { timeoutMs: 1_000 })).toMatchObject({ outcome: 'blind', saw: expect.stringMatching(/^cannot probe: /) });
  });

  test('is an alarm that does not exist, or is in another region', async () => {
    expect(await look({}, { alarm: 'shop error' })).toMatchObject({ outcome: 'blind', saw: 'cannot probe: there is no alarm "shop error" in the default region of the AWS CLI' });
    expect(await look({ region: 'eu-central-1' }, { region: 'us-east-1' })).toMatchObject({ outcome: 'blind', saw: 'cannot probe: there is no alarm "shop errors" in us-east-1' });
    expect(await look({ region: 'eu-central-1' }, { region: 'eu-central-1' })).toMatchObject({ outcome: 'healthy' });
  });

  test('is a machine without the CLI', async () => {
    expect(await look({}, {}, { target: { env: { PATH: '/nowhere' } } })).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('cannot probe: the AWS CLI is missing or too old') });
  });
});

test('a throttled call is made again within the time of the probe', async () => {
  aws.fails({ on: 'describe-alarms', nth: 1, how: 'throttled' });
  expect(await look()).toMatchObject({ outcome: 'healthy' });
  expect(aws.calls).toHaveLength(2);
});

test('an interrupted probe ends at once', async () => {
  const end = new AbortController();
  aws.fails({ on: 'describe-alarms', nth: 1, how: 'hangs' });
  setTimeout(() => end.abort(), 300);
  await expect(look({}, {}, { signal: end.signal })).rejects.toThrow(InterruptedError);
});
