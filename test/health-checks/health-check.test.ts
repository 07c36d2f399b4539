import { DnsRecordType, Duration, HealthCheck, HealthCheckUse, PrometheusCondition, ReleaseIdentity, Strategy, Target } from '../../src';
import { EnvironmentManifest, HealthCheckManifest } from '../../src/contract/manifest';
import { deliver, environment, plainProject, synthesize, typescriptProject, warningsOf } from '../test-project';
import { Job } from '../validators/workflow';

/** Beside a check that deployments probe, in a project that is watched. */
function environmentOf(check: HealthCheck): EnvironmentManifest {
  const project = plainProject();
  project.addTask('smoke', { exec: './smoke.sh' });
  const healthChecks = [check, HealthCheck.http('https://staging.example.com')];
  deliver(project, { environments: [environment('staging', { healthChecks, monitorEnvironment: 'staging-monitor' })], monitoring: {} });
  return synthesize(project).manifest.environments[0];
}

/** Of one that deployments probe. */
function manifestOf(check: HealthCheck): HealthCheckManifest {
  return environmentOf(check).healthChecks[0];
}

const TIMES = { intervalMs: 2_000, timeoutMs: 5_000, successThreshold: 3, failureThreshold: 3, deadlineMs: 120_000 };

describe('what synthesis makes of', () => {
  it('a TCP port', () => {
    expect(manifestOf(HealthCheck.tcp('DB.example.com:5432'))).toEqual({
      kind: 'tcp', name: 'db.example.com:5432', url: 'tcp://db.example.com:5432', ...TIMES, liveOnly: true, address: { host: 'db.example.com', port: 5432 },
    });
    expect(manifestOf(HealthCheck.tcp('[::1]:25', { name: 'mail', send: 'EHLO x\r\n', expect: '^220 ', candidate: '{slot}.example.com:25' }))).toEqual({
      kind: 'tcp',
      name: 'mail',
      url: 'tcp://[::1]:25',
      ...TIMES,
      address: { host: '::1', port: 25 },
      candidate: { host: '{slot}.example.com', port: 25 },
      send: 'EHLO x\r\n',
      expect: '^220 ',
    });
  });

  it('a shell line', () => {
    expect(manifestOf(HealthCheck.command('./smoke.sh | tee log', { output: 'passed', secrets: ['SMOKE_TOKEN'] }))).toEqual({
      kind: 'command',
      name: './smoke.sh tee log',
      url: './smoke.sh | tee log',
      ...TIMES,
      intervalMs: 5_000,
      timeoutMs: 30_000,
      command: { kind: 'bash', line: './smoke.sh | tee log' },
      output: 'passed',
      secrets: ['SMOKE_TOKEN'],
    });
  });

  it('a task', () => {
    expect(manifestOf(HealthCheck.task('smoke'))).toMatchObject({ kind: 'command', name: 'task smoke', url: 'task smoke', command: { kind: 'exec', argv: expect.arrayContaining(['smoke']) as unknown } });
    expect(manifestOf(HealthCheck.anyOf([HealthCheck.task('smoke')]))).toMatchObject({ checks: [{ command: { argv: expect.arrayContaining(['smoke']) as unknown } }] });
  });

  it('a query', () => {
    const check = HealthCheck.prometheus('https://p.example.com/prom', 'sum(rate(x[5m]))', PrometheusCondition.atMost(0.5), { secretRequestHeaders: { authorization: 'TOKEN' } });
    expect(manifestOf(check)).toEqual({
      kind: 'prometheus',
      name: 'sum(rate(x[5m]))',
      url: 'https://p.example.com/prom',
      ...TIMES,
      intervalMs: 5_000,
      liveOnly: true,
      query: 'sum(rate(x[5m]))',
      operator: '<=',
      value: 0.5,
      secretRequestHeaders: { authorization: 'TOKEN' },
    });
  });

  it.each([[PrometheusCondition.below(1), '<'], [PrometheusCondition.atMost(1), '<='], [PrometheusCondition.above(1), '>'], [PrometheusCondition.atLeast(1), '>=']])('the condition %#', (condition, operator) => {
    expect(manifestOf(HealthCheck.prometheus('https://p.example.com', 'up', condition))).toMatchObject({ operator, value: 1 });
  });

  it('a name', () => {
    expect(manifestOf(HealthCheck.dns('www.example.com'))).toEqual({
      kind: 'dns', name: 'DNS A www.example.com', url: 'dns:www.example.com?type=A', ...TIMES, liveOnly: true, host: 'www.example.com', type: 'A', records: [],
    });
    expect(manifestOf(HealthCheck.dns('example.com', { type: DnsRecordType.MX, records: ['10 mail.example.com'], resolver: '192.0.2.53' })))
      .toMatchObject({ type: 'MX', records: ['10 mail.example.com'], resolver: '192.0.2.53:53' });
  });

  it('a certificate', () => {
    const { BOTH } = HealthCheckUse;
    expect(manifestOf(HealthCheck.certificate('https://www.example.com/x', { use: BOTH }))).toEqual({
      kind: 'certificate',
      name: 'certificate www.example.com:443',
      url: 'tls://www.example.com:443',
      ...TIMES,
      liveOnly: true,
      address: { host: 'www.example.com', port: 443 },
      validForMs: 14 * 86_400_000,
    });
    expect(manifestOf(HealthCheck.certificate('mail.example.com:993', { validFor: Duration.days(3), use: BOTH }))).toMatchObject({ address: { port: 993 }, validForMs: 3 * 86_400_000 });
  });

  it('a group: as patient as the slowest of its members', () => {
    const group = HealthCheck.allOf([HealthCheck.tcp('db:1'), HealthCheck.command('true')]);
    expect(manifestOf(group)).toMatchObject({ kind: 'allOf', name: 'all of db:1, true', url: 'tcp://db:1 and true', ...TIMES, intervalMs: 5_000, timeoutMs: 32_000 });
    expect(manifestOf(group)).not.toHaveProperty('liveOnly');
    expect(manifestOf(HealthCheck.anyOf([HealthCheck.tcp('a:1'), HealthCheck.tcp('b:1')], { interval: Duration.seconds(10) })))
      .toMatchObject({ kind: 'anyOf', name: 'any of a:1, b:1', url: 'tcp://a:1 or tcp://b:1', intervalMs: 10_000, liveOnly: true });
    expect(manifestOf(HealthCheck.anyOf(Array.from({ length: 20 }, (_, i) => HealthCheck.tcp(`host${i}:1`))))).toMatchObject({ name: 'any of 20 checks' });
  });
});

describe('a certificate, which is no release\'s fault and which no rollback renews,', () => {
  const certificate = (use?: HealthCheckUse) => HealthCheck.certificate('www.example.com', { name: 'it', use });
  const checksOf = ({ healthChecks, watchChecks = [] }: EnvironmentManifest) => ({
    gate: healthChecks.map(({ name, gateOnly }) => (gateOnly ? `${name} only` : name)), watch: watchChecks.map(({ name }) => name),
  });

  it.each<[string, HealthCheck, string[], string[]]>([
    ['left to the watch', certificate(), ['staging.example.com'], ['it']],
    ['probed by both where that is set', certificate(HealthCheckUse.BOTH), ['it', 'staging.example.com'], []],
    ['probed by a deployment alone where that is set', certificate(HealthCheckUse.GATE), ['it only', 'staging.example.com'], []],
    ['what its group is: both', HealthCheck.anyOf([certificate()], { name: 'group' }), ['group', 'staging.example.com'], []],
    ['what its group is: the watch\'s', HealthCheck.allOf([certificate()], { name: 'group', use: HealthCheckUse.WATCH }), ['staging.example.com'], ['group']],
  ])('is %s', (_, check, gate, watch) => {
    expect(checksOf(environmentOf(check))).toEqual({ gate, watch });
  });
});

describe('a check that is a command', () => {
  const look = (job: Job) => job.steps!.map(({ id, name, uses }) => id ?? name ?? uses);

  it('gets the project and its set-up in the jobs that only look, and no other job is changed', () => {
    const make = (healthChecks: HealthCheck[]) => {
      const project = typescriptProject();
      project.addTask('smoke', { exec: 'true' });
      deliver(project, { artifact: { paths: ['dist'] }, environments: [environment('staging', { healthChecks, secrets: ['DEPLOY_TOKEN'] })] });
      return synthesize(project);
    };
    const http = [HealthCheck.http('https://x.example.com')];
    const plain = make(http);
    const commanded = make([...http, HealthCheck.allOf([HealthCheck.task('smoke')])]);

    const setup = look(commanded.deploy.jobs.deploy_staging).filter((step) => ['setup-node', 'install'].some((word) => String(step).includes(word)));
    expect(setup.length).toBeGreaterThan(0);
    for (const [synthesized, ids] of [[commanded.deploy, ['environment_staging', 'monitor_staging']], [commanded.rollback, ['monitor', 'decision']]] as const) {
      for (const id of ids) {
        expect(look(synthesized.jobs[id])).toEqual(expect.arrayContaining(setup));
        expect(synthesized.jobs[id].steps![0].with).not.toHaveProperty('sparse-checkout');
        expect(JSON.stringify(synthesized.jobs[id])).not.toContain('DEPLOY_TOKEN');
      }
    }
    for (const id of ['deploy_staging', 'rollback_staging', 'build']) expect(look(commanded.deploy.jobs[id])).toEqual(look(plain.deploy.jobs[id]));
    expect(look(commanded.rollback.jobs.hold)).toEqual(look(plain.rollback.jobs.hold));
    expect(look(plain.deploy.jobs.monitor_staging)).toEqual(['checkout', 'monitor']);
  });

  it('has its secrets where it runs, read from the monitorEnvironment', () => {
    const project = plainProject();
    deliver(project, {
      environments: [environment('staging', { monitorEnvironment: 'staging-monitor', healthChecks: [HealthCheck.anyOf([HealthCheck.command('true', { secrets: ['SMOKE_TOKEN'] })])] })],
    });
    const { jobs } = synthesize(project).deploy;
    for (const [id, step] of [['environment_staging', 'plan'], ['monitor_staging', 'monitor'], ['deploy_staging', 'deploy'], ['rollback_staging', 'rollback']]) {
      expect(jobs[id].steps!.find((one) => one.id === step)!.env).toMatchObject({ SMOKE_TOKEN: '${{ secrets.SMOKE_TOKEN }}' });
    }
    expect(jobs.environment_staging.environment).toMatchObject({ name: 'staging-monitor' });
  });

  it('gives the plan more time', () => {
    const minutes = (check: HealthCheck) => {
      const project = plainProject();
      deliver(project, { environments: [environment('staging', { healthChecks: [check] })] });
      return synthesize(project).deploy.jobs.environment_staging['timeout-minutes'];
    };
    expect(minutes(HealthCheck.tcp('db:1'))).toBe(10);
    expect(minutes(HealthCheck.command('true', { timeout: Duration.minutes(3) }))).toBe(23);
  });
});

describe('how long the old release may still respond', () => {
  const { minutes, seconds } = Duration;
  const http = (options?: { propagation?: Duration }, deadline?: Duration) => (
    HealthCheck.http('https://x.example.com', { release: ReleaseIdentity.json('version', options), deadline })
  );
  const waits = (check: HealthCheck) => environmentOf(check).healthChecks[0].propagationMs;

  it('is a minute, less where the deadline is short, or what was given', () => {
    expect(waits(http())).toBe(60_000);
    expect(waits(http({}, seconds(30)))).toBe(30_000);
    expect(waits(http({ propagation: seconds(90) }))).toBe(90_000);
    expect(waits(HealthCheck.http('https://x.example.com', { release: ReleaseIdentity.header('x-release', { propagation: seconds(1) }) }))).toBe(1_000);
    expect(waits(HealthCheck.http('https://x.example.com'))).toBeUndefined();
    expect(waits(HealthCheck.tcp('db:1'))).toBeUndefined();
  });

  it('is the longest of a group\'s members, less where the group\'s deadline is short', () => {
    const other = HealthCheck.http('https://y.example.com', { release: ReleaseIdentity.json('version', { propagation: seconds(5) }) });
    expect(waits(HealthCheck.allOf([http(), other, HealthCheck.tcp('db:1')]))).toBe(60_000);
    expect(waits(HealthCheck.anyOf([HealthCheck.allOf([other])]))).toBe(5_000);
    expect(waits(HealthCheck.allOf([http()], { deadline: seconds(30) }))).toBe(30_000);
    expect(waits(HealthCheck.allOf([HealthCheck.tcp('db:1')]))).toBeUndefined();
  });

  it('is in the time limits of the jobs', () => {
    const limits = (...healthChecks: HealthCheck[]) => {
      const project = plainProject();
      deliver(project, { environments: [environment('staging', { healthChecks, strategy: Strategy.redeploy() })] });
      const { deploy_staging: deploy, monitor_staging: monitor } = synthesize(project).deploy.jobs;
      return [deploy['timeout-minutes']!, monitor['timeout-minutes']!];
    };
    const [deploy, monitor] = limits(http({ propagation: seconds(1) }));
    // it was left open, it bakes, it is taken back, and that is begun again
    expect(limits(http({ propagation: seconds(61) }))).toEqual([deploy + 4, monitor]);
    // one that wavers while another is at work gets another deadline
    expect(limits(http({ propagation: seconds(1) }), HealthCheck.tcp('db:1', { deadline: minutes(2) }))[1]).toBe(monitor + 2);
  });
});

describe('which release responded', () => {
  const knows = HealthCheck.http('https://x.example.com', { release: ReleaseIdentity.json('version') });
  const silent = HealthCheck.tcp('db:1');
  const warned = (check: HealthCheck) => {
    const project = plainProject();
    deliver(project, { environments: [environment('staging', { healthChecks: [check] })] });
    return warningsOf(project).some((warning) => warning.includes('identifies the release'));
  };

  it('is known of all where one of them knows it, of any where each of them does', () => {
    expect(warned(HealthCheck.allOf([knows, silent]))).toBe(false);
    expect(warned(HealthCheck.anyOf([knows, silent]))).toBe(true);
    expect(warned(HealthCheck.anyOf([knows]))).toBe(false);
    expect(warned(silent)).toBe(true);
  });
});

it('a target of shell lines goes with a task as a check', () => {
  const project = plainProject();
  project.addTask('smoke');
  deliver(project, {
    target: Target.commands({ deploy: 'true', promote: 'true' }),
    environments: [environment('staging', { strategy: Strategy.blueGreen(), healthChecks: [HealthCheck.task('smoke')] })],
  });
  expect(() => synthesize(project)).not.toThrow();
});

describe('useProxy', () => {
  it.each([true, false])('%s is in the manifest', (useProxy) => {
    expect(manifestOf(HealthCheck.http('https://staging.example.com/a', { useProxy }))).toMatchObject({ useProxy });
    expect(manifestOf(HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0), { useProxy }))).toMatchObject({ useProxy });
  });

  it('is left to the job otherwise', () => {
    expect(manifestOf(HealthCheck.http('https://staging.example.com/a'))).not.toHaveProperty('useProxy');
  });

  it('is rejected where it is neither true nor false', () => {
    expect(() => HealthCheck.http('https://staging.example.com', { useProxy: 'no' as never }))
      .toThrow("HealthCheck.http useProxy: 'no' is neither true nor false. Write true or false, without quotes");
  });
});
