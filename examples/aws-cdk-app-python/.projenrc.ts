import { awscdk } from 'projen';
import { Delivery, HealthCheck, Login, ReleaseIdentity, StackOutput, Target, Trigger } from 'projen-delivery';

// .projenrc.py in TypeScript: both synthesize the same
const project = new awscdk.AwsCdkPythonApp({
  name: 'shop',
  moduleName: 'shop',
  authorName: 'an engineer',
  authorEmail: 'engineer@example.com',
  version: '0.1.0',
  cdkVersion: '2.275.0',
  // the jobs install this CLI
  cdkCliVersion: '2.1148.1',
  devDeps: ['projen-delivery'],
  sample: false,
  pytest: false,
});

const stack = 'shop-production';
// known only after the deployment that creates the API
const url = StackOutput.of(stack, 'Url').toString();

new Delivery(project, {
  target: Target.awsCdk({ stacks: [stack], account: '222222222222' }),
  environments: [{
    name: 'production',
    trigger: Trigger.branch('main'),
    login: Login.aws({ role: 'arn:aws:iam::222222222222:role/shop-deploy', region: 'eu-central-1' }),
    url,
    healthChecks: [HealthCheck.http(`${url}/health`, { release: ReleaseIdentity.json('version') })],
  }],
});

project.synth();
