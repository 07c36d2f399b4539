import { Project, YamlFile } from 'projen';
import {
  Alert, AlertEvent, Delivery, Duration, Freeze, HealthCheck, HealthCheckUse, Lock, PrometheusCondition, ReleaseIdentity, Schedule, Strategy,
  Target, Trigger,
} from '../src';
import { deliver, environment, plainProject, pythonProject, synthesize, target, typescriptProject } from './test-project';
import { validate } from './validators/validate';
import { writtenWorkflow } from '../src/ci/github/workflows/written-workflow';

/** Every kind of delivery whose workflow and manifest are kept as snapshots. */
const SUBJECTS: Record<string, () => Project> = {
  'a branch trigger in a TypeScript project': () => {
    const project = typescriptProject();
    deliver(project);
    return project;
  },
  'a branch trigger in a plain project': () => {
    const project = plainProject();
    deliver(project);
    return project;
  },
  'a branch trigger in a Python project with its own set-up': () => {
    const project = pythonProject();
    deliver(project, { toolchainSteps: [{ uses: 'actions/setup-python@v7', with: { 'python-version': '3.13', 'cache': 'pip' } }, { run: 'pip install .' }] });
    return project;
  },
  'a tag trigger with an exception': () => {
    const project = plainProject();
    deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*', { except: '*-rc' }) })] });
    return project;
  },
  'a manual trigger': () => {
    const project = plainProject();
    deliver(project, { environments: [environment('blue lagoon'.replace(' ', '-'), { trigger: Trigger.manual() })] });
    return project;
  },
  'a promotion in the same run': () => {
    const project = plainProject();
    deliver(project, { environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })] });
    return project;
  },
  'one build, verified on staging, deployed to production by a tag': () => {
    const project = typescriptProject();
    deliver(project, {
      artifact: { buildTask: 'build', paths: ['dist', 'public/index.html'] },
      environments: [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }) })],
    });
    return project;
  },
  'blue/green with shell lines, a token and twin environments': () => {
    const project = plainProject();
    deliver(project, {
      target: Target.commands({ deploy: './deploy.sh "$DELIVERY_SLOT"', promote: './switch.sh', rollback: './back.sh', idToken: true }),
      environments: [environment('production', {
        strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com', bake: Duration.minutes(1), commandTimeout: Duration.minutes(2) }),
        secrets: ['DEPLOY_KEY'],
        variables: { API_URL: 'https://api.example.com' },
        healthChecks: [HealthCheck.http('https://api.example.com/health', { secretRequestHeaders: { Authorization: 'HEALTH_TOKEN' } })],
        monitorEnvironment: 'production-monitor',
        rollbackEnvironment: 'production-rollback',
        runsOn: ['self-hosted', 'linux'],
      })],
    });
    return project;
  },
  'migrations, freezes, a lock, a control address and a drill every week': () => {
    const project = plainProject();
    const christmas = Freeze.between('2026-12-24 00:00', '2027-01-02 00:00', { timeZone: 'Europe/Berlin', reason: 'no one is there' });
    deliver(project, {
      target: Target.tasks({ migrate: 'migrate', deploy: 'ship', promote: 'switch-traffic' }),
      artifact: { paths: ['dist'] },
      lock: Lock.gitRef(),
      drill: { environments: ['staging', 'production'], schedule: Schedule.weekly('Tue 03:17') },
      environments: [
        environment('staging'),
        environment('production', {
          trigger: Trigger.tag('v*', { requires: 'staging' }),
          strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.production.example.com' }),
          rollbackEnvironment: 'production-rollback',
          controlUrl: 'https://www.githubstatus.com',
          freezes: [Freeze.weekly('Fri 16:00', 'Mon 07:00'), christmas],
        }),
      ],
    });
    return project;
  },
  'health checks of every kind': () => {
    const project = typescriptProject();
    project.addTask('smoke', { exec: './smoke.sh' });
    const production = 'https://www.example.com';
    deliver(project, {
      environments: [environment('production', {
        strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }),
        monitorEnvironment: 'production-monitor',
        healthChecks: [
          HealthCheck.allOf([
            HealthCheck.http(`${production}/health`, { release: ReleaseIdentity.json('version') }),
            HealthCheck.anyOf([HealthCheck.tcp('db-1.example.com:5432'), HealthCheck.tcp('db-2.example.com:5432')], { name: 'a database' }),
          ], { name: 'the service' }),
          HealthCheck.task('smoke', { output: '^\\d+ passed$', secrets: ['SMOKE_TOKEN'] }),
          HealthCheck.command('curl --fail --silent "$DELIVERY_URL/basket"'),
          HealthCheck.tcp('mail.example.com:25', { expect: '^220 ', candidate: '{slot}.example.com:25' }),
          HealthCheck.prometheus('https://prometheus.example.com', 'sum(rate(errors_total[1m])) / sum(rate(requests_total[1m]))', PrometheusCondition.below(0.01), {
            name: 'error rate', secretRequestHeaders: { authorization: 'PROMETHEUS_TOKEN' },
          }),
          HealthCheck.dns('www.example.com', { records: ['192.0.2.1'] }),
          HealthCheck.certificate(production, { use: HealthCheckUse.BOTH }),
        ],
      })],
    });
    return project;
  },
  'a watch with everything': () => {
    const project = plainProject();
    deliver(project, {
      monitoring: {
        interval: Duration.minutes(15), retries: 1, firesAfter: 2, resolvesAfter: 3, remindEvery: Duration.hours(4), heartbeat: 'HEARTBEAT_URL', rollback: { within: Duration.hours(1) },
      },
      alerts: [Alert.slack('SLACK_WEBHOOK', { on: [AlertEvent.FIRING, AlertEvent.RESOLVED] }), Alert.githubIssue()],
      environments: [environment('staging'), environment('production', {
        trigger: Trigger.tag('v*'),
        healthChecks: [
          HealthCheck.http('https://api.example.com/health', { secretRequestHeaders: { Authorization: 'HEALTH_TOKEN' } }),
          HealthCheck.http('https://api.example.com/search', { use: HealthCheckUse.WATCH }),
        ],
        monitorEnvironment: 'production-monitor',
      })],
    });
    return project;
  },
  'jobs of one\'s own first': () => {
    const project = plainProject();
    const delivery = deliver(project, { needs: ['test'] });
    delivery.workflow.addJob('test', {
      name: 'test',
      runsOn: ['ubuntu-latest'],
      permissions: {},
      timeoutMinutes: 5,
      strategy: { matrix: { domain: { python: ['3.12', '3.13'] } } },
      steps: [{ name: 'test', run: 'true' }],
    });
    return project;
  },
  'five environments': () => {
    const project = typescriptProject();
    const delivery = new Delivery(project, {
      target: target(),
      artifact: { buildTask: 'build', paths: ['dist'] },
      variables: { REGION: 'eu', LEVEL: 'info' },
      secrets: ['TOKEN'],
      environments: [
        environment('production', { trigger: Trigger.tag('v*', { requires: 'staging' }), strategy: Strategy.blueGreen() }),
        environment('staging', { trigger: Trigger.after('test'), variables: { LEVEL: 'debug' } }),
        environment('test'),
      ],
    });
    delivery.addEnvironment('production/us', { ...environment('us'), trigger: Trigger.after('production') });
    delivery.addEnvironment('demo', environment('demo', { trigger: Trigger.manual() }));
    return project;
  },
};

describe.each(Object.entries(SUBJECTS))('the synthesis of %s', (_, make) => {
  const project = make();
  const projens = new Map(project.files.map((file) => [file.path, file instanceof YamlFile ? writtenWorkflow(file) : {}]));
  const synthesized = synthesize(project);

  it.each(synthesized.workflows)('has a workflow %s that is what it was', (name) => {
    expect(synthesized.workflow(name)).toMatchSnapshot();
  });

  it.each(synthesized.workflows)('has a workflow %s that means what projen writes, without permissions', (name) => {
    const projensOwn = projens.get(`.github/workflows/${name}.yml`)!;
    expect(synthesized.workflow(name)).toEqual({ ...projensOwn, permissions: {} });
  });

  it('has a manifest that is what it was', () => {
    const { runtime: _runtime, ...manifest } = synthesized.manifest;
    expect(manifest).toMatchSnapshot();
  });

  it.each(synthesized.workflows)('has a workflow %s that is right in the eyes of every validator', async (name) => {
    expect(await validate(synthesized.workflowText(name), `${name}.yml`)).toEqual([]);
  });
});
