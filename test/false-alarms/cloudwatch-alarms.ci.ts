/** A healthy release whose health checks are an HTTP check and an alarm of CloudWatch, at the defaults: through the runtime's own gates, on a virtual clock. */
import { AlarmOfDeployment, DeploymentOptions, deployHealthy, Ending, STARTS_AT } from '../../bench/healthy-deployment';
import { Network, PROMPT_MS, Random, seeded } from '../../bench/network-loss';
import { binomialInterval } from '../../bench/statistics';
import { HealthCheck } from '../../src';
import { CloudWatchAlarmCheckManifest } from '../../src/contract/manifest';

const STRATEGIES = ['redeploy', 'blueGreen'] as const;
const CHECK = HealthCheck.cloudWatchAlarm('shop-errors')._manifest as CloudWatchAlarmCheckManifest;
const MINUTE = 60_000;

const lossless: Network = () => ({ isResponse: true, takesMs: PROMPT_MS });
const ok = { value: 'OK', since: STARTS_AT - 60 * MINUTE, reason: '' } as const;
const throttled = { problem: 'Rate exceeded', fix: '' };

function deploy(strategy: DeploymentOptions['strategy'], at: AlarmOfDeployment['at']): Promise<Ending> {
  return deployHealthy({ strategy, hasControl: false, alarm: { check: CHECK, at } }, lossless);
}

/** Many deployments, and what became of them. */
async function endsOf(count: number, strategy: DeploymentOptions['strategy'], alarmOf: (random: Random) => AlarmOfDeployment['at']): Promise<Ending['state'][]> {
  const random = seeded(11);
  const ends: Ending['state'][] = [];
  for (let number = 0; number < count; number += 1) ends.push((await deploy(strategy, alarmOf(random))).state);
  return ends;
}

describe.each(STRATEGIES)('%s', (strategy) => {
  test('with an alarm that is OK, the release is Stable', async () => {
    expect(await deploy(strategy, () => ok)).toEqual({ state: 'stable' });
  });

  test.each([0.05, 0.2])('an alarm that cannot be read in %d of all cases rolls nothing back, and halts nothing', async (share) => {
    const ends = await endsOf(200, strategy, (random) => () => (random() < share ? throttled : ok));
    expect(new Set(ends)).toEqual(new Set(['stable']));
    expect(binomialInterval(0, ends.length, 0.95)[1]).toBeLessThan(0.02);
  });

  test('an alarm that fired because of an earlier release, and recovers within 4 minutes, rolls nothing back', async () => {
    const ends = await endsOf(100, strategy, (random) => {
      const [firedAt, recoversAt] = [STARTS_AT - random() * 10 * MINUTE, STARTS_AT + random() * 4 * MINUTE];
      return (now) => (now < recoversAt ? { value: 'ALARM', since: firedAt, reason: 'Threshold Crossed' } : { ...ok, since: recoversAt });
    });
    expect(new Set(ends)).toEqual(new Set(['stable']));
  });

  test('an alarm without data for some minutes after the deployment rolls nothing back', async () => {
    const ends = await endsOf(100, strategy, (random) => {
      const knownAt = STARTS_AT + random() * 4 * MINUTE;
      return (now) => (now < knownAt ? { value: 'INSUFFICIENT_DATA', since: STARTS_AT, reason: '' } : { ...ok, since: knownAt });
    });
    expect(new Set(ends)).toEqual(new Set(['stable']));
  });

  test('an alarm that fires after users got the release rolls it back: that is what it is for', async () => {
    const firesAt = STARTS_AT + MINUTE / 2 + 5_000;
    expect(await deploy(strategy, (now) => (now < firesAt ? ok : { value: 'ALARM', since: firesAt, reason: 'Threshold Crossed' }))).toMatchObject({ state: 'rolledBack' });
  });
});
