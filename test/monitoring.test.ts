import { Alert, AlertEvent, DeliveryOptions, Duration, HealthCheck, HealthCheckUse, MonitoringOptions, Trigger } from '../src';
import { deliver, environment, plainProject, synthesize, Synthesized, warningsOf } from './test-project';
import { validate } from './validators/validate';

function watched(monitoring: MonitoringOptions = {}, rest: Partial<DeliveryOptions> = {}): Synthesized {
  const project = plainProject();
  deliver(project, { monitoring, ...rest });
  return synthesize(project);
}

const secretCheck = (name: string) => HealthCheck.http(`https://${name}.example.com/health`, { secretRequestHeaders: { authorization: 'HEALTH_TOKEN' } });
const production = environment('production', { trigger: Trigger.tag('v*') });
const guarded = environment('guarded', { trigger: Trigger.tag('w*'), healthChecks: [secretCheck('guarded')], monitorEnvironment: 'guarded-monitor' });

describe('the schedule', () => {
  const cron = (interval: Duration) => (watched({ interval }).monitor.on!.schedule as unknown as { cron: string }[])[0].cron;

  it.each([5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440])('of %i minutes is even all day long, and never at the full hour', (minutes) => {
    const [minute, hour, ...rest] = cron(Duration.minutes(minutes)).split(' ');
    const list = (field: string, all: number) => (field === '*' ? Array.from({ length: all }, (_, i) => i) : field.split(',').map(Number));
    const times = list(hour, 24).flatMap((h) => list(minute, 60).map((m) => 60 * h + m));
    expect(rest).toEqual(['*', '*', '*']);
    expect(times.map((time, i) => (times[i + 1] ?? times[0] + 1440) - time)).toEqual(times.map(() => minutes));
    expect(times.filter((time) => time % 60 === 0)).toEqual([]);
  });

  it('is another one in another project', () => {
    const minutes = ['shop', 'search', 'mail', 'bank'].map((name) => {
      const project = plainProject();
      Object.defineProperty(project, 'name', { value: name });
      deliver(project, { monitoring: { interval: Duration.hours(1) } });
      return (synthesize(project).monitor.on!.schedule as unknown as { cron: string }[])[0].cron;
    });
    expect(new Set(minutes).size).toBe(4);
  });
});

describe('the jobs', () => {
  it('are one for all environments, which may do no more than it must', async () => {
    const synthesized = watched({}, { environments: [environment('staging'), production] });
    const { jobs } = synthesized.monitor;
    expect(Object.keys(jobs)).toEqual(['watch']);
    expect(jobs.watch).toMatchObject({ permissions: { contents: 'read', deployments: 'write', actions: 'read' }, concurrency: { 'cancel-in-progress': false } });
    expect(jobs.watch.steps!.map(({ id }) => id)).toEqual(['checkout', 'watch']);
    expect(jobs.watch.steps![0].with).toMatchObject({ 'sparse-checkout': '.projen' });
    expect(jobs.watch.steps![1].run).toBe('exec node .projen/delivery.cjs watch');
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });

  it('may start rollback.yml only where that is asked for, and write issues only where a channel does', () => {
    const { jobs } = watched({ rollback: { within: Duration.hours(1) } }, { alerts: [Alert.githubIssue()] }).monitor;
    expect(jobs.watch.permissions).toEqual({ contents: 'read', deployments: 'write', actions: 'write', issues: 'write' });
  });

  it('get the secrets of the channels and of the heartbeat at the step that watches', () => {
    const { jobs } = watched({ heartbeat: 'HEARTBEAT_URL' }, { alerts: [Alert.slack('SLACK_WEBHOOK')] }).monitor;
    expect(jobs.watch.steps![1].env).toMatchObject({ SLACK_WEBHOOK: '${{ secrets.SLACK_WEBHOOK }}', HEARTBEAT_URL: '${{ secrets.HEARTBEAT_URL }}' });
    expect(JSON.stringify(jobs.watch.steps![0])).not.toContain('secrets.');
  });

  it('are several where environments read secrets of their own; the heartbeat comes after all of them', async () => {
    const synthesized = watched({ heartbeat: 'HEARTBEAT_URL' }, { environments: [guarded, environment('staging'), production] });
    const { jobs } = synthesized.monitor;
    expect(Object.keys(jobs).sort()).toEqual(['heartbeat', 'watch', 'watch_guarded']);
    expect(jobs.watch.steps![1]).toMatchObject({ run: 'exec node .projen/delivery.cjs watch --environments staging,production --heartbeat none' });
    expect(JSON.stringify(jobs.watch)).not.toContain('HEALTH_TOKEN');
    expect(jobs.watch_guarded).toMatchObject({ environment: { name: 'guarded-monitor', deployment: false } });
    expect(jobs.watch_guarded.steps![1].env).toMatchObject({ HEALTH_TOKEN: '${{ secrets.HEALTH_TOKEN }}' });
    expect(jobs.heartbeat).toMatchObject({ needs: ['watch', 'watch_guarded'], if: '${{ needs.watch.outputs.verdict == \'healthy\' && needs.watch_guarded.outputs.verdict == \'healthy\' }}' });
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });

  it('know environments that are added later', () => {
    const project = plainProject();
    const delivery = deliver(project, { environments: [guarded], monitoring: {} });
    delivery.addEnvironment('production', production);
    const { jobs } = synthesize(project).monitor;
    expect(jobs.watch.steps![1].run).toContain('--environments production ');
    expect(jobs.watch_guarded.environment).toMatchObject({ name: 'guarded-monitor' });
  });

  it('set up what the project\'s commands need only where a channel runs one', () => {
    const { jobs } = watched({}, { alerts: [Alert.command({ task: 'ship', on: [AlertEvent.FIRING] })], setupSteps: [{ id: 'login', name: 'log in', run: 'true' }] }).monitor;
    expect(jobs.watch.steps!.map(({ id }) => id)).toEqual(['checkout', 'login', 'watch']);
    expect(jobs.watch.steps![0].with).not.toHaveProperty('sparse-checkout');
  });

  it('are none without the option', () => {
    const project = plainProject();
    deliver(project);
    const synthesized = synthesize(project);
    expect(synthesized.workflows).not.toContain('monitor');
    expect(synthesized.manifest.monitoring).toBeUndefined();
  });
});

describe('the manifest', () => {
  it('says everything that was left to the defaults', () => {
    const { manifest } = watched();
    expect(manifest.monitoring).toEqual({
      environments: ['staging'], intervalMs: 300_000, retries: 2, firesAfter: 3, resolvesAfter: 2, workflow: 'monitor.yml', deployWorkflows: ['deploy.yml'],
    });
    expect(manifest.runtime.monitoringSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps what only a deployment asks from the watch, and the other way round', () => {
    const url = 'https://staging.example.com';
    const checks = [
      HealthCheck.http(`${url}/a`, { name: 'both' }), HealthCheck.http(`${url}/b`, { name: 'gate', use: HealthCheckUse.GATE }), HealthCheck.http(`${url}/c`, { name: 'watch', use: HealthCheckUse.WATCH }),
    ];
    const [{ healthChecks, watchChecks }] = watched({}, { environments: [environment('staging', { healthChecks: checks })] }).manifest.environments;
    expect(healthChecks.map(({ name, gateOnly }) => [name, gateOnly])).toEqual([['both', undefined], ['gate', true]]);
    expect(watchChecks!.map(({ name }) => name)).toEqual(['watch']);
  });

  it('names only the environments that are watched', () => {
    expect(watched({ environments: ['production'] }, { environments: [environment('staging'), production] }).manifest.monitoring!.environments).toEqual(['production']);
  });
});

describe('what is said', () => {
  it('a schedule that nobody would miss is warned about', () => {
    const project = plainProject();
    deliver(project, { monitoring: {} });
    expect(warningsOf(project).filter((text) => text.includes('60 days'))).toHaveLength(1);
    const other = plainProject();
    deliver(other, { monitoring: { heartbeat: 'HEARTBEAT_URL' } });
    expect(warningsOf(other).filter((text) => text.includes('60 days'))).toEqual([]);
  });

  const REFUSALS: Record<string, [MonitoringOptions, RegExp]> = {
    'an interval that GitHub does not know': [{ interval: Duration.minutes(4) }, /^Delivery monitoring\.interval: 4 min is shorter than 5 min, and GitHub starts no workflow more often\. Give Duration\.minutes\(5\) or more/],
    'an interval that cron cannot say': [{ interval: Duration.minutes(7) }, /interval: 7 min does not divide an hour or a day.*Give Duration\.minutes\(6\)/],
    'an interval of many hours that does not fit': [{ interval: Duration.hours(5) }, /Give Duration\.hours\(4\)/],
    'an interval that is no Duration': [{ interval: 300 as never }, /interval: 300 is not a Duration/],
    'no environment': [{ environments: [] }, /environments: it names none/],
    'an environment twice': [{ environments: ['staging', 'staging'] }, /'staging' is there twice/],
    'a number that is none': [{ retries: -1 }, /retries: -1 is out of range/],
    'thresholds of nothing': [{ firesAfter: 0 }, /firesAfter: 0 is out of range/],
    'a reminder within the interval': [{ remindEvery: Duration.minutes(1) }, /remindEvery: 1 min is shorter than the interval of 5 min/],
    'a rollback that nothing is young enough for': [{ rollback: { within: Duration.seconds(5) } }, /rollback\.within: 5 s is shorter than the interval/],
    'a heartbeat over plain http': [{ heartbeat: 'http://x.example.com' }, /heartbeat: 'http:\/\/x.example.com' is plain http/],
    'a heartbeat that is no name': [{ heartbeat: 'GITHUB_BEAT' }, /heartbeat: 'GITHUB_BEAT' is no name that GitHub accepts for a secret/],
  };

  it.each(Object.entries(REFUSALS))('%s is refused', (_, [options, message]) => {
    expect(() => deliver(plainProject(), { monitoring: options })).toThrow(message);
  });

  it('an environment that there is not is refused, with the nearest', () => {
    expect(() => watched({ environments: ['stagin'] })).toThrow('Delivery monitoring.environments: there is no environment \'stagin\'. Did you mean \'staging\'?');
  });

  it('a secret header of the watch without an environment to read it from is refused', () => {
    const check = HealthCheck.http('https://staging.example.com', { use: HealthCheckUse.WATCH, secretRequestHeaders: { a: 'TOKEN' } });
    expect(() => deliver(plainProject(), { environments: [environment('staging', { healthChecks: [HealthCheck.http('https://staging.example.com/a'), check] })], monitoring: {} }))
      .toThrow(/they need the secret TOKEN.*monitorEnvironment: 'staging-monitor'/);
  });

  it('an environment whose checks are all the watch\'s is refused', () => {
    const checks = [HealthCheck.http('https://staging.example.com', { use: HealthCheckUse.WATCH })];
    expect(() => deliver(plainProject(), { environments: [environment('staging', { healthChecks: checks })] })).toThrow(/all of them are HealthCheckUse\.WATCH/);
  });
});
