import { java } from 'projen';
import { JobPermission, JobStep } from 'projen/lib/github/workflows-model';
import {
  Delivery, Duration, Freeze, HealthCheck, JobKind, ReleaseIdentity, Schedule, Strategy, Target, Trigger,
} from 'projen-delivery';

const project = new java.JavaProject({
  name: 'quotes',
  groupId: 'com.example',
  artifactId: 'quotes',
  version: '0.0.0',
  sample: false,
  testDeps: ['io.github.projen-delivery/projen-delivery@0.0.0'],
  githubOptions: { mergify: false, pullRequestLint: false },
});
project.addTask('jar', { exec: 'mvn --batch-mode package' });
const ship = project.addTask('ship', { exec: 'scripts/ship.sh' });

const checkout: JobStep = {
  id: 'checkout',
  name: 'check out the commit',
  uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1',
  with: { 'persist-credentials': false },
};

function setupJava(version: string): JobStep {
  return {
    id: 'java',
    name: 'set up Java',
    uses: 'actions/setup-java@dded0888837ed1f317902acf8a20df0ad188d165',
    with: { 'distribution': 'temurin', 'java-version': version },
  };
}

const delivery = new Delivery(project, {
  target: Target.tasks({ deploy: ship, promote: 'switch-traffic' }),
  needs: ['test'],
  toolchainSteps: [setupJava('21')],
  artifact: { paths: ['target'], buildTask: 'jar' },
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

project.addTask('switch-traffic', { exec: 'scripts/switch-traffic.sh' });

delivery.workflow.addJob('test', {
  name: 'test on Java ${{ matrix.java }}',
  runsOn: ['ubuntu-latest'],
  timeoutMinutes: 10,
  permissions: { contents: JobPermission.READ },
  strategy: { matrix: { domain: { java: ['17', '21'] } } },
  steps: [
    checkout,
    setupJava('${{ matrix.java }}'),
    { id: 'test', name: 'run the tests', run: 'mvn --batch-mode verify' },
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
