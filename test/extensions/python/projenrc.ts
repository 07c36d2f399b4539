import { github, python } from 'projen';
import { Delivery, HealthCheck, ReleaseIdentity, Strategy, Target, TargetBinding, TargetCapability, TargetCommand, TargetContext, Trigger } from 'projen-delivery';

/** Ships a wheel to machines that ask for a sign-in first. */
class MachineTarget extends Target {
  public bind({ environment, url }: TargetContext): TargetBinding {
    return {
      commands: {
        migrate: TargetCommand.task('migrate'),
        deploy: TargetCommand.argv(['./ship.sh', environment]),
        promote: TargetCommand.line('./switch-traffic.sh "$DELIVERY_SLOT"'),
      },
      capabilities: [TargetCapability.SLOTS],
      artifact: { buildTask: 'bundle', paths: ['dist'] },
      setupSteps: [{ id: 'sign-in', name: `sign in for ${url}`, run: './sign-in.sh', env: { MACHINE_TOKEN: '${{ secrets.MACHINE_TOKEN }}' } }],
      permissions: { packages: github.workflows.JobPermission.READ, idToken: github.workflows.JobPermission.WRITE },
      secrets: ['MACHINE_TOKEN'],
      variables: { MACHINE: `${environment}.machines.example.com` },
      healthChecks: [HealthCheck.tcp(`${environment}.machines.example.com:443`, { name: 'router' })],
    };
  }
}

const project = new python.PythonProject({
  name: 'quotes',
  moduleName: 'quotes',
  authorName: 'an engineer',
  authorEmail: 'engineer@example.com',
  version: '0.0.0',
  sample: false,
  devDeps: ['projen-delivery'],
  githubOptions: { mergify: false, pullRequestLint: false },
});
project.addTask('bundle', { exec: 'python -m build --wheel' });
project.addTask('migrate', { exec: 'python scripts/migrate.py' });

new Delivery(project, {
  target: new MachineTarget(),
  environments: [['staging', Trigger.branch('main')] as const, ['production', Trigger.tag('v*')] as const].map(([name, trigger]) => ({
    name,
    trigger,
    url: `https://${name}.example.com`,
    healthChecks: [HealthCheck.http(`https://${name}.example.com/health`, { release: ReleaseIdentity.json('version') })],
    strategy: Strategy.blueGreen({ candidateUrl: `https://{slot}.${name}.example.com` }),
  })),
});

project.synth();
