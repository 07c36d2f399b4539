/**
 * A project whose pull requests show what the merge would change in the engine, with a role that reads and with secrets: what the auditors see
 * beside `everything.projenrc.ts`. It runs in a folder of its own: the library is found there.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { javascript, typescript } from 'projen';
import type * as library from '../../src';

const { Delivery, HealthCheck, Login, ReleaseIdentity, Target, Trigger } = createRequire(join(process.cwd(), '.projenrc.ts'))('projen-delivery') as typeof library;

const project = new typescript.TypeScriptAppProject({
  name: 'engine-changes',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',
});
project.addTask('manifests', { exec: 'true' });

const target = (namespace: string, eks: boolean) => Target.kubernetes({
  manifests: 'dist', buildTask: 'manifests', namespace, ...(eks ? { eksCluster: 'shop', region: 'eu-central-1' } : { kubeconfigSecret: 'KUBECONFIG' }),
});

new Delivery(project, {
  target: target('shop', false),
  pullRequests: { plan: true, changes: true },
  environments: [
    {
      name: 'staging',
      trigger: Trigger.branch('main'),
      url: 'https://staging.example.com',
      healthChecks: [HealthCheck.http('https://staging.example.com/health', { release: ReleaseIdentity.json('version') })],
      monitorEnvironment: 'staging-monitor',
    },
    {
      name: 'production',
      trigger: Trigger.after('staging'),
      url: 'https://www.example.com',
      healthChecks: [HealthCheck.http('https://www.example.com/health', { release: ReleaseIdentity.json('version') })],
      monitorEnvironment: 'production-monitor',
      target: target('shop', true),
      login: Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', readRole: 'arn:aws:iam::111122223333:role/read', region: 'eu-central-1' }),
    },
  ],
});
project.synth();
