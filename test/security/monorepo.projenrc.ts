/**
 * A monorepo whose jobs stand in every kind of workflow: the root's in its release workflow, one service's in the root's build workflow, the
 * others' in workflows of their own and in a release workflow of their own. It runs in a folder of its own: the library is found there.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { javascript, typescript } from 'projen';
import type * as library from '../../src';

const { Delivery, HealthCheck, ReleaseIdentity, StatusPage, Target, Trigger, Workflow } =
  createRequire(join(process.cwd(), '.projenrc.ts'))('projen-delivery') as typeof library;

function project(name: string, options: Partial<typescript.TypeScriptProjectOptions> = {}): typescript.TypeScriptProject {
  const made = new typescript.TypeScriptProject({
    name, defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, minNodeVersion: '20.0.0', ...options,
  });
  made.addTask('ship', { exec: 'true' });
  return made;
}

const environment = (name: string, trigger: library.Trigger): library.NamedEnvironment => ({
  name,
  trigger,
  url: `https://${name}.example.com`,
  healthChecks: [HealthCheck.http(`https://${name}.example.com/health`, { release: ReleaseIdentity.json('version') })],
});
const target = Target.tasks({ deploy: 'ship' });
const released = [environment('staging', Trigger.release()), environment('production', Trigger.after('staging'))];

const root = project('mono', { release: true, releaseToNpm: true });
new Delivery(root, { target, workflow: Workflow.ofRelease(), environments: released, monitoring: { statusPage: StatusPage.artifact() } });

new Delivery(project('@acme/api', { parent: root, outdir: 'services/my api' }), {
  target,
  artifact: { buildTask: 'build', paths: ['dist'] },
  onlyIfChanged: ['services/my api'],
  drill: { environments: ['staging'] },
  monitoring: {},
  environments: [environment('staging', Trigger.branch('main')), environment('production', Trigger.tag('api-v*', { requires: 'staging' }))],
});

for (const name of ['web', 'admin']) {
  new Delivery(project(name, { parent: root, outdir: `services/${name}` }), {
    target,
    workflow: Workflow.ofBuild(),
    artifact: { buildTask: 'build', paths: ['dist'] },
    environments: [environment('staging', Trigger.branch('main')), environment('demo', Trigger.manual())],
  });
}

new Delivery(project('lib', { parent: root, outdir: 'libs/lib', release: true }), { target, workflow: Workflow.ofRelease(), environments: released });

root.synth();
