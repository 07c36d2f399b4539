import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { github } from 'projen';
import { parse } from 'yaml';
import { Alert, AlertEvent, DeliveryOptions, Duration, HealthCheck, HealthCheckUse, MonitorExport, MonitoringOptions, PrometheusCondition, StatusPage, Trigger } from '../../src';
import { deliver, environment, plainProject, synthesize, Synthesized, warningsOf } from '../test-project';
import { validate } from '../validators/validate';

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

  /** Of an hourly watch. */
  const cronIn = (name: string) => {
    const project = plainProject();
    Object.defineProperty(project, 'name', { value: name });
    deliver(project, { monitoring: { interval: Duration.hours(1) } });
    return (synthesize(project).monitor.on!.schedule as unknown as { cron: string }[])[0].cron;
  };

  it('is another one in another project', () => {
    expect(new Set(['shop', 'search', 'mail', 'bank'].map(cronIn)).size).toBe(4);
  });

  it('avoids the full hour whatever the project is called', () => {
    // a multiple of 59 and of 60 is made of this name
    expect(cronIn('service-994')).toBe('1 * * * *');
  });
});

describe('the jobs', () => {
  it('are one for all environments, which may do no more than it must', async () => {
    const synthesized = watched({}, { environments: [environment('staging'), production] });
    const { jobs } = synthesized.monitor;
    expect(Object.keys(jobs)).toEqual(['watch']);
    expect(jobs.watch).toMatchObject({ permissions: { contents: 'read', deployments: 'write', actions: 'write' }, concurrency: { 'cancel-in-progress': false } });
    expect(jobs.watch.steps!.map(({ id }) => id)).toEqual(['checkout', 'watch']);
    expect(jobs.watch.steps![0].with).toMatchObject({ 'sparse-checkout': '.projen' });
    expect(jobs.watch.steps![1].run).toBe('exec node .projen/delivery.cjs watch');
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });

  it('may write issues only where a channel does', () => {
    const { jobs } = watched({}, { alerts: [Alert.githubIssue()] }).monitor;
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
    const { jobs } = watched({}, { alerts: [Alert.command({ task: 'ship', on: [AlertEvent.FIRING] })], toolchainSteps: [{ id: 'login', name: 'log in', run: 'true' }] }).monitor;
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
      environments: ['staging'],
      intervalMs: 300_000,
      retries: 2,
      firesAfter: 3,
      resolvesAfter: 2,
      workflow: 'monitor.yml',
      deploymentWorkflows: [
        { file: 'deploy.yml', deployments: { 'deploy staging': 'staging' }, rollbacks: { 'rollback staging (if needed)': 'staging' } },
        { file: 'rollback.yml', deployments: {}, rollbacks: { 'recover staging (if needed)': 'staging', 'rollback staging': 'staging' } },
      ],
    });
  });

  it('separates the checks of deployments and of the watch', () => {
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

describe('without a schedule', () => {
  const gatus = { schedule: false, exports: [MonitorExport.gatus({ alerts: ['slack'] }), MonitorExport.blackbox()] };
  const only = (use: HealthCheckUse) => [HealthCheck.http('https://staging.example.com/a'), HealthCheck.http('https://staging.example.com/b', { name: 'it', use })];
  const one = (healthChecks: HealthCheck[], rest = {}) => ({ environments: [environment('staging', { healthChecks, ...rest })] });

  it('there is no workflow, and all that it would need is gone: only the exports are written', () => {
    const project = plainProject();
    const delivery = deliver(project, { monitoring: gatus });
    const synthesized = synthesize(project);
    expect(synthesized.workflows).toEqual(['deploy', 'rollback']);
    expect(delivery.monitorWorkflow).toBeUndefined();
    expect(synthesized.manifest).not.toHaveProperty('monitoring');
    expect(existsSync(join(project.outdir, 'monitoring/gatus.yml'))).toBe(true);
  });

  it('there is no warning that it may stop', () => {
    const project = plainProject();
    deliver(project, { monitoring: gatus });
    expect(warningsOf(project).filter((text) => text.includes('60 days'))).toEqual([]);
  });

  it('a workflow called monitor is the user\'s own', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'monitor');
    expect(() => deliver(project, { monitoring: gatus })).not.toThrow();
  });

  it('a check for other systems only needs no environment for its secrets', () => {
    const check = HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0), { use: HealthCheckUse.WATCH, secretRequestHeaders: { a: 'TOKEN' } });
    const project = plainProject();
    deliver(project, { monitoring: gatus, ...one([...only(HealthCheckUse.WATCH), check]) });
    const { manifest } = synthesize(project);
    expect(manifest.environments[0]).not.toHaveProperty('watchChecks');
    expect(parse(readFileSync(join(project.outdir, 'monitoring/gatus.yml'), 'utf8')).endpoints.map(({ name }: { name: string }) => name)).toContain('it');
    expect(readFileSync(join(project.outdir, 'monitoring/prometheus-rules.yml'), 'utf8')).toContain('check: up\n');
  });

  it('the exports go on counting, and know what is watched', () => {
    const project = plainProject();
    deliver(project, { monitoring: { ...gatus, firesAfter: 4, resolvesAfter: 5, environments: ['production'] }, environments: [environment('staging'), production] });
    synthesize(project);
    const { endpoints } = parse(readFileSync(join(project.outdir, 'monitoring/gatus.yml'), 'utf8'));
    expect(endpoints).toMatchObject([{ group: 'plain production', alerts: [{ 'failure-threshold': 4, 'success-threshold': 5 }] }]);
    const [rule] = parse(readFileSync(join(project.outdir, 'monitoring/prometheus-rules.yml'), 'utf8')).groups[0].rules;
    expect(rule).toMatchObject({ for: '30s', keep_firing_for: '40s' });
  });

  it.each<[string, MonitoringOptions]>([
    ['interval', { interval: Duration.minutes(5) }], ['retries', { retries: 2 }], ['remindEvery', { remindEvery: Duration.hours(1) }],
    ['heartbeat', { heartbeat: 'HEARTBEAT_URL' }], ['rollback', { rollback: { within: Duration.hours(1) } }], ['statusPage', { statusPage: StatusPage.artifact() }],
  ])('%s is rejected: nothing would read it', (name, options) => {
    expect(() => deliver(plainProject(), { monitoring: { ...gatus, ...options } }))
      .toThrow(`Delivery monitoring.${name}: with schedule: false no workflow uses it. Remove ${name}, or remove schedule`);
  });

  it.each<[string, MonitoringOptions]>([
    ['firesAfter', { exports: [MonitorExport.argoAnalysis()], firesAfter: 2 }],
    ['resolvesAfter', { exports: [MonitorExport.argoAnalysis()], resolvesAfter: 2 }],
    ['environments', { exports: [MonitorExport.argoAnalysis(), MonitorExport.gatus({ environments: ['staging'] })], environments: ['staging'] }],
  ])('%s is refused where no export looks at it either', (name, options) => {
    expect(() => deliver(plainProject(), { monitoring: { schedule: false, ...options } })).toThrow(`Delivery monitoring.${name}: with schedule: false it has no effect`);
  });

  it.each<[string, MonitoringOptions, string]>([
    ['no exports', { schedule: false }, 'it is false and there are no exports, so monitoring would do nothing. Add exports: [MonitorExport.gatus()], or remove monitoring'],
    ['an empty list of exports', { schedule: false, exports: [] }, 'it is false and there are no exports'],
    ['a schedule that is none', { schedule: '*/5 * * * *' as never }, '\'*/5 * * * *\' is neither true nor false. Set the time between runs with interval: Duration.minutes(5)'],
  ])('%s is refused', (_, options, message) => {
    expect(() => deliver(plainProject(), { monitoring: options })).toThrow(`Delivery monitoring.schedule: ${message}`);
  });
});

describe('a health check that nothing runs', () => {
  const watchOnly = [HealthCheck.http('https://staging.example.com/a'), HealthCheck.http('https://staging.example.com/b', { name: 'it', use: HealthCheckUse.WATCH })];
  const environments = [environment('staging', { healthChecks: watchOnly }), production];
  const check = 'environment \'staging\' healthChecks: only a watch runs \'it\' (HealthCheckUse.WATCH), and nothing watches \'staging\'. ';

  it.each<[string, MonitoringOptions | undefined, string]>([
    ['nothing is watched', undefined, 'Set monitoring: {} in the delivery\'s options, or set use: HealthCheckUse.BOTH'],
    ['others are watched', { environments: ['production'] }, 'Let the schedule, MonitorExport.gatus() or .blackbox() watch it, or set use: HealthCheckUse.BOTH'],
    ['others are watched elsewhere', { schedule: false, exports: [MonitorExport.gatus({ environments: ['production'] })] }, 'Let the schedule'],
    ['there is only a gate elsewhere', { schedule: false, exports: [MonitorExport.argoAnalysis()] }, 'Let the schedule'],
  ])('a check of the watch is refused where %s', (_, monitoring, fix) => {
    expect(() => deliver(plainProject(), { environments, monitoring })).toThrow(check + fix);
    const delivery = deliver(plainProject(), { environments: [production], monitoring });
    expect(() => delivery.addEnvironment('staging', environments[0])).toThrow(check + fix);
  });

  it('so is a certificate, with a word for those who never said use', () => {
    const healthChecks = [HealthCheck.http('https://staging.example.com'), HealthCheck.certificate('staging.example.com')];
    expect(() => deliver(plainProject(), { environments: [environment('staging', { healthChecks })] })).toThrow(
      'environment \'staging\' healthChecks: only a watch runs \'certificate staging.example.com:443\' (HealthCheckUse.WATCH by default), and nothing watches \'staging\'. '
      + 'Set monitoring: {} in the delivery\'s options, or set use: HealthCheckUse.BOTH, then deployments run it, too');
  });

  it.each<[string, MonitoringOptions]>([
    ['the schedule', {}],
    ['the schedule, it among others', { environments: ['staging'] }],
    ['another system', { schedule: false, exports: [MonitorExport.gatus()] }],
    ['another system, and the schedule watches others', { environments: ['production'], exports: [MonitorExport.blackbox({ environments: ['staging'] })] }],
  ])('it is welcome where it is watched by %s', (_, monitoring) => {
    expect(() => deliver(plainProject(), { environments, monitoring })).not.toThrow();
  });

  const firing = (names?: string[]) => [Alert.slack('SLACK_WEBHOOK', { on: [AlertEvent.FIRING, AlertEvent.RESOLVED], environments: names })];

  it.each<[string, MonitoringOptions | undefined, string[] | undefined, string, string]>([
    ['nothing is watched', undefined, undefined, 'staging, production', 'Set monitoring: {} in the delivery\'s options'],
    ['nothing is watched on a schedule', { schedule: false, exports: [MonitorExport.gatus()] }, undefined, 'staging, production', 'Remove schedule: false from the delivery\'s monitoring'],
    ['others are watched', { environments: ['staging'] }, ['production'], 'production', 'Add production to monitoring.environments'],
  ])('a channel that gets nothing else is rejected where %s', (_, monitoring, names, unwatched, fix) => {
    const project = plainProject();
    deliver(project, { environments: [environment('staging'), production], monitoring, alerts: firing(names) });
    expect(() => synthesize(project)).toThrow(
      `Alert.slack on: it names only FIRING or RESOLVED, and no schedule watches ${unwatched}, so no notification would be sent. ${fix}, or add other events`);
  });

  it('a channel is accepted if it can receive a notification', () => {
    const variants: [MonitoringOptions | undefined, Alert[]][] = [
      [{}, firing()], [{ environments: ['staging'] }, firing(['staging', 'production'])], [undefined, [Alert.slack('SLACK_WEBHOOK')]],
    ];
    for (const [monitoring, alerts] of variants) {
      const project = plainProject();
      deliver(project, { environments: [environment('staging'), production], monitoring, alerts });
      expect(() => synthesize(project)).not.toThrow();
    }
  });
});

describe('the time limit of a watch', () => {
  it('is enough for each try of the slowest check, beside the confirmation of a release', () => {
    const minutes = (retries: number) => {
      const healthChecks = [HealthCheck.tcp('db:1', { interval: Duration.minutes(1), timeout: Duration.minutes(2), deadline: Duration.minutes(9) }), HealthCheck.tcp('cache:1')];
      const { deploy, monitor } = watched({ retries }, { environments: [environment('staging', { healthChecks })] });
      return monitor.jobs.watch['timeout-minutes']! - deploy.jobs.monitor_staging['timeout-minutes']!;
    };
    expect([minutes(0), minutes(2)]).toEqual([3, 9]);
  });
});

describe('an environment without checks of the watch', () => {
  const healthChecks = [HealthCheck.http('https://staging.example.com', { use: HealthCheckUse.GATE })];
  const environments = [environment('staging', { healthChecks })];

  it('has a job with an end, too: it looks after its deployments', () => {
    expect(watched({}, { environments }).monitor.jobs.watch['timeout-minutes']).toBeGreaterThan(0);
  });

  it('is warned about, unless nothing watches it anyway', () => {
    const warned = (monitoring?: MonitoringOptions) => {
      const project = plainProject();
      deliver(project, { environments: [...environments, production], monitoring });
      return warningsOf(project).filter((text) => text.includes('the watch runs no health check of \'staging\': all of its health checks are HealthCheckUse.GATE'));
    };
    expect(warned({})).toHaveLength(1);
    expect(warned({ environments: ['production'] })).toEqual([]);
    expect(warned()).toEqual([]);
  });
});

describe('what is said', () => {
  it('a watch that would use up the requests of the repository\'s jobs is warned about, with the interval that would do', () => {
    const said = (count: number, interval?: Duration) => {
      const project = plainProject();
      deliver(project, { environments: Array.from({ length: count }, (_, i) => environment(`e${i}`, { trigger: Trigger.manual() })), monitoring: { interval } });
      return warningsOf(project).filter((text) => text.includes('requests'));
    };
    expect(said(12)).toEqual([]);
    expect(said(13)).toEqual(['projen-delivery: the watch of 13 environments would send GitHub 516 requests an hour, and all jobs of a repository share a limit of 1,000. '
      + 'Set monitoring.interval: Duration.minutes(6), or list fewer environments in monitoring.environments']);
    expect(said(13, Duration.minutes(6))).toEqual([]);
    expect(said(100)[0]).toContain('Set monitoring.interval: Duration.hours(1)');
  });

  it('a schedule without heartbeat causes a warning', () => {
    const project = plainProject();
    deliver(project, { monitoring: {} });
    expect(warningsOf(project).filter((text) => text.includes('60 days'))).toHaveLength(1);
    const other = plainProject();
    deliver(other, { monitoring: { heartbeat: 'HEARTBEAT_URL' } });
    expect(warningsOf(other).filter((text) => text.includes('60 days'))).toEqual([]);
  });

  const REJECTIONS: Record<string, [MonitoringOptions, RegExp]> = {
    'an interval that GitHub does not know': [{ interval: Duration.minutes(4) }, /^Delivery monitoring\.interval: 4 min is shorter than 5 min, the shortest schedule on GitHub\. Set Duration\.minutes\(5\) or more/],
    'an interval that cron cannot say': [{ interval: Duration.minutes(7) }, /interval: 7 min does not divide an hour or a day.*Set Duration\.minutes\(6\)/],
    'an interval of many hours that does not fit': [{ interval: Duration.hours(5) }, /Set Duration\.hours\(4\)/],
    'an interval that is no Duration': [{ interval: 300 as never }, /interval: 300 is not a Duration/],
    'no environment': [{ environments: [] }, /environments: it names none/],
    'an environment twice': [{ environments: ['staging', 'staging'] }, /'staging' is listed twice/],
    'a number that is none': [{ retries: -1 }, /retries: -1 is out of range/],
    'thresholds of nothing': [{ firesAfter: 0 }, /firesAfter: 0 is out of range/],
    'a reminder within the interval': [{ remindEvery: Duration.minutes(1) }, /remindEvery: 1 min is shorter than the interval between two runs \(5 min\)/],
    'a rollback that nothing is young enough for': [{ rollback: { within: Duration.seconds(5) } }, /rollback\.within: 5 s is shorter than the interval/],
    'a heartbeat over plain http': [{ heartbeat: 'http://x.example.com' }, /heartbeat: 'http:\/\/x.example.com' is plain http, .* Write https:\/\/\.\.\.$/],
    'a heartbeat with credentials': [{ heartbeat: 'https://u:hunter2@x.example.com' },
      /heartbeat: the URL of x\.example\.com carries credentials.* store the whole URL as a secret of the repository and set the name of the secret: heartbeat: 'HEARTBEAT_URL'$/],
    'a heartbeat without its scheme': [{ heartbeat: 'hc-ping.com/abc' }, /heartbeat: it is neither an https URL nor the name of a secret\. Write it with its scheme, https:/],
    'a reminder of nothing': [{ remindEvery: 0 as never }, /remindEvery: 0 is not a Duration/],
    'a rollback of true': [{ rollback: true as never }, /rollback: true is not a set of options\. Write { within: Duration\.hours\(1\) }, or remove it/],
    'a rollback of false': [{ rollback: false as never }, /rollback: false is not a set of options/],
    'a rollback of a Duration': [{ rollback: Duration.hours(1) as never }, /rollback: a Duration is not a set of options\. Write { within: Duration\.hours\(1\) }/],
    'a page of true': [{ statusPage: true as never }, /statusPage: true is not a StatusPage\. Write StatusPage\.branch\('delivery-status'\) or StatusPage\.artifact\(\)/],
    'a page of false': [{ statusPage: false as never }, /statusPage: false is not a StatusPage/],
    'a page that is a name': [{ statusPage: 'delivery-status' as never }, /statusPage: 'delivery-status' is not a StatusPage/],
    'a page that was not called': [{ statusPage: StatusPage.artifact as never }, /statusPage: the function artifact is not a StatusPage/],
    'environments that are no list': [{ environments: 'production' as never }, /environments: 'production' is not a list\. Write \['production'\]/],
    'an environment that is undefined': [{ environments: [undefined] as never }, /environments: undefined is not the name of an environment/],
    'an environment that is null': [{ environments: [null] as never }, /environments: null is not the name of an environment/],
    'an environment that is a number': [{ environments: [1] as never }, /environments: 1 is not the name of an environment/],
    'exports that are no list': [{ exports: MonitorExport.gatus() as never }, /exports: a MonitorExport is not a list\. Write \[MonitorExport\.gatus\(\)\]/],
    'a heartbeat that is no name': [{ heartbeat: 'GITHUB_BEAT' }, /heartbeat: 'GITHUB_BEAT' is not a name that GitHub accepts for a secret/],
  };

  it.each(Object.entries(REJECTIONS))('%s is rejected', (_, [options, message]) => {
    expect(() => deliver(plainProject(), { monitoring: options })).toThrow(message);
  });

  it.each<[unknown, string]>([
    ['5m', '\'5m\''], [5, '5'], [[], '[]'], [true, 'true'], [false, 'false'], [null, 'null'], [Duration.minutes(5), 'a Duration'],
  ])('%p for all of it is refused', (monitoring, shown) => {
    expect(() => deliver(plainProject(), { monitoring: monitoring as never })).toThrow(
      `Delivery monitoring: ${shown} is not a set of options. Write { interval: Duration.minutes(5) }, or remove it`);
  });

  it('an unknown environment is rejected, with the nearest name', () => {
    expect(() => watched({ environments: ['stagin'] })).toThrow('Delivery monitoring.environments: there is no environment \'stagin\'. Did you mean \'staging\'?');
  });

  it('a secret header of the watch without an environment to read it from is rejected', () => {
    const check = HealthCheck.http('https://staging.example.com', { use: HealthCheckUse.WATCH, secretRequestHeaders: { a: 'TOKEN' } });
    expect(() => deliver(plainProject(), { environments: [environment('staging', { healthChecks: [HealthCheck.http('https://staging.example.com/a'), check] })], monitoring: {} }))
      .toThrow(/they need the secret TOKEN.*monitorEnvironment: 'staging-monitor'/);
  });

  it.each<[string, HealthCheck, string]>([
    ['an HTTP check that says so', HealthCheck.http('https://staging.example.com', { use: HealthCheckUse.WATCH }), '\'staging.example.com\': HealthCheckUse.WATCH'],
    ['a certificate, which need not say so', HealthCheck.certificate('staging.example.com'), '\'certificate staging.example.com:443\': HealthCheckUse.WATCH by default'],
  ])('an environment whose checks are all the watch\'s is refused: %s', (_, check, why) => {
    expect(() => deliver(plainProject(), { environments: [environment('staging', { healthChecks: [check] })], monitoring: {} })).toThrow(
      `environment 'staging' healthChecks: a deployment runs none of them (${why}), so any release would count as good. `
      + 'Add one that deployments run, for example HealthCheck.http(\'https://staging.example.com\'), or set use: HealthCheckUse.BOTH');
  });
});
