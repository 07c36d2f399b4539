import { cdk8s, javascript } from 'projen';
import { Delivery, HealthCheck, ReleaseIdentity, Target, Trigger } from 'projen-delivery';

// What `npx projen new cdk8s-app-ts` writes
const project = new cdk8s.Cdk8sTypeScriptApp({
  cdk8sVersion: '2.70.106',
  k8sMinorVersion: 34,
  name: 'shop',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
});

const manifests = project.addTask('manifests', { steps: [{ spawn: 'compile' }, { spawn: 'synth' }] });
const delivery = new Delivery(project, {
  // built once from the commit; the same manifests for each environment, whose kubeconfig is of a cluster of its own
  target: Target.kubernetes({ manifests: 'dist', buildTask: manifests, namespace: 'shop', kubeconfigSecret: 'KUBECONFIG_DATA' }),
});

function add(name: string, trigger: Trigger): void {
  const url = `https://shop-${name}.example.com/`;
  delivery.addEnvironment(name, {
    trigger,
    url,
    healthChecks: [HealthCheck.http(url, { release: ReleaseIdentity.json('version') })],
  });
}

add('staging', Trigger.branch('main'));
add('production', Trigger.after('staging'));

project.synth();
