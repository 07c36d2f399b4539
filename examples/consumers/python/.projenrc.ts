import { python } from 'projen';
import { JobPermission, JobStep } from 'projen/lib/github/workflows-model';
import {
  Delivery, Duration, Freeze, HealthCheck, JobKind, ReleaseIdentity, Schedule, Strategy, Target, Trigger,
} from 'projen-delivery';

const project = new python.PythonProject({
  name: 'quotes',
  moduleName: 'quotes',
  authorName: 'an engineer',
  authorEmail: 'engineer@example.com',
  version: '0.0.0',
  sample: false,
  devDeps: ['projen-delivery'],
  githubOptions: { mergify: false, pullRequestLint: false },
});
project.addTask('bundle', { exec: 'python -m build --wheel' });
const ship = project.addTask('ship', { exec: 'python scripts/ship.py' });

const checkout: JobStep = {
  id: 'checkout',
  name: 'check out the commit',
  uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1',
  with: { 'persist-credentials': false },
};

function setupPython(version: string): JobStep {
  return {
    id: 'python',
    name: 'set up Python',
    uses: 'actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97',
    with: { 'python-version': version },
  };
}

const delivery = new Delivery(project, {
  target: Target.tasks({ deploy: ship, promote: 'switch-traffic' }),
  needs: ['test'],
  artifact: { paths: ['dist'], buildTask: 'bundle' },
  drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
  environments: [
    {
      name: 'staging',
      trigger: Trigger.branch('main'),
      url: 'https://staging.example.com',
      strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.staging.example.com' }),
      healthChecks: [
        HealthCheck.http('https://staging.example.com/health', {
          release: ReleaseIdentity.json('version'),
          json: [{ path: 'database', value: 'up' }],
        }),
      ],
    },
  ],
});

delivery.addEnvironment('production', {
  trigger: Trigger.tag('v*', { requires: 'staging' }),
  url: 'https://www.example.com',
  variables: { REGION: 'eu', API_URL: 'https://api.example.com' },
  secrets: ['DEPLOY_TOKEN'],
  strategy: Strategy.redeploy({ bake: Duration.minutes(2) }),
  freezes: [Freeze.weekly('Fri 16:00', 'Mon 07:00', { reason: 'no one is there' })],
  healthChecks: [
    HealthCheck.http('https://api.example.com/health', {
      interval: Duration.seconds(2),
      maxLatency: Duration.millis(800),
      release: ReleaseIdentity.header('x-release'),
    }),
  ],
});

project.addTask('switch-traffic', { exec: 'python scripts/switch_traffic.py' });

delivery.workflow.addJob('test', {
  name: 'test on Python ${{ matrix.python }}',
  runsOn: ['ubuntu-latest'],
  timeoutMinutes: 10,
  permissions: { contents: JobPermission.READ },
  strategy: { matrix: { domain: { python: ['3.12', '3.13'] } } },
  steps: [
    checkout,
    setupPython('${{ matrix.python }}'),
    { id: 'install', name: 'install the dependencies', run: 'python -m pip install -r requirements-dev.txt' },
    { id: 'pytest', name: 'run the tests', run: 'python -m pytest' },
  ],
});
delivery.workflow.addJob('note', {
  name: 'note what is live',
  needs: [delivery.jobId('production', JobKind.MONITOR)],
  runsOn: ['ubuntu-latest'],
  timeoutMinutes: 5,
  permissions: {},
  steps: [{ id: 'note', name: 'note it', run: 'echo live >> "$GITHUB_STEP_SUMMARY"' }],
});

project.synth();
