import { cdk, javascript } from 'projen';
import { Delivery, HealthCheck, ReleaseIdentity, Target, Trigger, Workflow } from 'projen-delivery';

/** A library for several languages: a build and a release workflow with as many jobs as projen ever writes. */
const project = new cdk.JsiiProject({
  name: 'quotes',
  author: 'an engineer',
  authorAddress: 'engineer@example.com',
  repositoryUrl: 'https://github.com/example/quotes.git',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  sampleCode: false,
  releaseToNpm: true,
  publishToPypi: { distName: 'quotes', module: 'quotes' },
});
project.addTask('ship', { exec: 'scripts/ship.sh' });

new Delivery(project, {
  target: Target.tasks({ deploy: 'ship' }),
  workflow: Workflow.ofRelease(),
  artifact: { paths: ['dist/js'] },
  environments: [
    {
      name: 'documentation',
      trigger: Trigger.release(),
      url: 'https://quotes.example.com',
      healthChecks: [HealthCheck.http('https://quotes.example.com', { release: ReleaseIdentity.header('x-release') })],
    },
  ],
});

project.synth();
