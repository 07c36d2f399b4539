import { Project } from 'projen';
import { Delivery, Duration, HealthCheck, Strategy, Target, Trigger } from '../src';
import { deliver, environment, plainProject, pythonProject, synthesize, target, typescriptProject } from './test-project';
import { validate } from './validators/validate';

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
    deliver(project, { setupSteps: [{ uses: 'actions/setup-python@v7', with: { 'python-version': '3.13', 'cache': 'pip' } }, { run: 'pip install .' }] });
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

describe.each(Object.entries(SUBJECTS))('the workflow of %s', (_, make) => {
  const synthesized = synthesize(make());

  it('is what it was', () => {
    expect(synthesized.deploy).toMatchSnapshot();
  });

  it('has a manifest that is what it was', () => {
    const { runtime: _runtime, ...manifest } = synthesized.manifest;
    expect(manifest).toMatchSnapshot();
  });

  it('is right in the eyes of every validator', async () => {
    expect(await validate(synthesized.deployText, 'deploy.yml')).toEqual([]);
  });
});
