import { javascript, typescript } from 'projen';
import { Delivery, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from 'projen-delivery';

/** An app that projen releases: by hand with a changelog, on a second branch as well. */
const project = new typescript.TypeScriptProject({
  name: 'shop',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  sampleCode: false,
  release: true,
  majorVersion: 2,
  releaseBranches: { v1: { majorVersion: 1 } },
  depsUpgrade: true,
});
project.addTask('ship', { exec: 'scripts/ship.sh' });
project.addTask('switch-traffic', { exec: 'scripts/switch-traffic.sh' });

const delivery = new Delivery(project, {
  target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic' }),
  drill: { environments: ['staging'] },
});
delivery.addEnvironment('staging', {
  trigger: Trigger.branch('main'),
  url: 'https://staging.example.com',
  healthChecks: [HealthCheck.http('https://staging.example.com/health', { release: ReleaseIdentity.json('version') })],
  strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.staging.example.com' }),
});

project.synth();
