import { github, Project } from 'projen';
import { Delivery, Duration, HealthCheck, ReleaseIdentity, Schedule, Strategy, Target, Trigger } from 'projen-delivery';

const project = new Project({ name: 'quotes' });
new github.GitHub(project, { mergify: false, pullRequestLint: false });
const ship = project.addTask('ship', { exec: 'scripts/ship.sh' });

const delivery = new Delivery(project, {
  target: Target.tasks({ deploy: ship }),
  drill: { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') },
  environments: [{ name: 'staging', trigger: Trigger.branch('main'), url: 'https://staging.example.com' }],
});

delivery.addEnvironment('production', {
  trigger: Trigger.tag('v*', { requires: 'staging' }),
  url: 'https://www.example.com',
  variables: { REGION: 'eu', API_URL: 'https://api.example.com' },
  secrets: ['DEPLOY_TOKEN'],
  strategy: Strategy.redeploy({ bake: Duration.minutes(2) }),
  healthChecks: [
    HealthCheck.http('https://api.example.com/health', {
      interval: Duration.seconds(2),
      release: ReleaseIdentity.json('version'),
    }),
  ],
});

project.synth();
