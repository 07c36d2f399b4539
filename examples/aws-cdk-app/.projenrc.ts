import { awscdk, javascript } from 'projen';
import { Delivery, HealthCheck, Login, ReleaseIdentity, StackOutput, Target, Trigger } from 'projen-delivery';

// What `npx projen new awscdk-app-ts` writes
const project = new awscdk.AwsCdkTypeScriptApp({
  cdkVersion: '2.276.0',
  name: 'shop',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,
});

const delivery = new Delivery(project, {
  // an environment's stacks differ, so each has a target of its own
  target: Target.awsCdk({ stacks: ['shop-staging'] }),
});

function add(name: string, trigger: Trigger, account: string): void {
  const stack = `shop-${name}`;
  // known only after the deployment that creates the API
  const url = StackOutput.of(stack, 'Url').toString();
  delivery.addEnvironment(name, {
    trigger,
    target: Target.awsCdk({ stacks: [stack], account }),
    login: Login.aws({ role: `arn:aws:iam::${account}:role/shop-deploy`, readRole: `arn:aws:iam::${account}:role/shop-read`, region: 'eu-central-1' }),
    monitorEnvironment: `${name}-monitor`,
    url,
    healthChecks: [HealthCheck.http(`${url}/health`, { release: ReleaseIdentity.json('version') })],
  });
}

add('staging', Trigger.branch('main'), '111111111111');
add('production', Trigger.after('staging'), '222222222222');

project.synth();
