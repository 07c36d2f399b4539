/**
 * A project on GitHub's own runners with every option that changes a workflow: what the examples have no use for, the auditors see here.
 * It runs in a folder of its own: the library is found there.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { javascript, typescript } from 'projen';
import type * as library from '../../src';

const {
  Alert, Delivery, Duration, ForkPreviews, Freeze, HealthCheck, Lock, Login, PreviewCondition, ReleaseIdentity, Schedule, StatusPage, Strategy,
  Target, Trigger,
} =
  createRequire(join(process.cwd(), '.projenrc.ts'))('projen-delivery') as typeof library;

const project = new typescript.TypeScriptAppProject({
  name: 'everything',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',
});
for (const name of ['ship', 'switch-traffic', 'restore', 'migrate']) project.addTask(name, { exec: 'true' });

const check = (url: string) => HealthCheck.http(`${url}/health`, {
  release: ReleaseIdentity.json('version'), secretRequestHeaders: { authorization: 'PROBE_TOKEN' },
});

new Delivery(project, {
  target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic', rollback: 'restore', migrate: 'migrate', idToken: true }),
  lock: Lock.gitRef(),
  drill: { environments: ['staging', 'production/eu'], schedule: Schedule.weekly('Tue 03:17') },
  artifact: { buildTask: 'compile', paths: ['lib', 'a folder'] },
  needs: ['test'],
  secrets: ['DEPLOY_TOKEN'],
  alerts: [
    Alert.webhook('ALERT_WEBHOOK', { signingSecret: 'ALERT_SIGNING' }),
    Alert.slack('SLACK_WEBHOOK', { environments: ['production/eu'] }),
    Alert.githubIssue({ labels: ['incident'] }),
    Alert.command({ line: './notify.sh', secrets: ['MAIL_KEY'] }),
  ],
  monitoring: { heartbeat: 'HEARTBEAT_URL', rollback: { within: Duration.hours(1) }, statusPage: StatusPage.branch('delivery-status') },
  pullRequests: { plan: true },
  previews: {
    url: 'https://pr-{number}.preview.example.com',
    target: Target.commands({ deploy: './deploy.sh', remove: './remove.sh' }),
    secrets: ['PREVIEW_TOKEN'],
    expiresAfter: Duration.days(7),
    onlyWhen: PreviewCondition.label('preview'),
    fork: ForkPreviews.afterApproval('fork-previews'),
  },
  environments: [
    {
      name: 'staging',
      trigger: Trigger.branch('main'),
      url: 'https://staging.example.com',
      healthChecks: [check('https://staging.example.com')],
      monitorEnvironment: 'staging-monitor',
    },
    {
      name: 'pre-production',
      trigger: Trigger.after('staging'),
      url: 'https://pre-production.example.com',
      healthChecks: [check('https://pre-production.example.com')],
      monitorEnvironment: 'pre-production-monitor',
      strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.pre-production.example.com', bake: Duration.minutes(5) }),
    },
    {
      name: 'production/eu',
      trigger: Trigger.tag('v*', { except: '*-rc', requires: 'staging' }),
      url: 'https://www.example.com',
      secrets: ['OTHER_TOKEN'],
      healthChecks: [check('https://www.example.com')],
      monitorEnvironment: 'production-monitor',
      rollbackEnvironment: 'production-rollback',
      login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', readRole: 'arn:aws:iam::111122223333:role/read', region: 'eu-central-1' }),
      controlUrl: 'https://status.example.org',
      freezes: [Freeze.weekly('Fri 16:00', 'Mon 08:00', { timeZone: 'Europe/Berlin', reason: 'weekend' })],
      strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }),
    },
    {
      name: 'demo',
      trigger: Trigger.manual(),
      url: 'https://demo.example.com',
      healthChecks: [check('https://demo.example.com')],
      monitorEnvironment: 'demo-monitor',
      target: Target.commands({ deploy: './deploy.sh "$DELIVERY_VERSION"' }),
    },
  ],
}).workflow.addJob('test', {
  name: 'test',
  runsOn: ['ubuntu-latest'],
  timeoutMinutes: 10,
  permissions: {},
  steps: [{ name: 'test', run: 'true' }],
});

project.synth();
