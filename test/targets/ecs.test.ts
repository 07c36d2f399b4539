import { Artifact, EcsTargetOptions, Target, Trigger } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const OPTIONS = { cluster: 'shop', service: 'web' };

function synthesized(options: Partial<EcsTargetOptions> = {}, artifact: Artifact | undefined = Artifact.image({ repository: 'ghcr.io/acme/shop' })) {
  const project = plainProject();
  deliver(project, { artifact, target: Target.ecs({ ...OPTIONS, ...options }), environments: [environment('production', { trigger: Trigger.branch('main') })] });
  return synthesize(project);
}

it('Target.ecs calls the driver for each command, with time for a load balancer to let go of the old tasks', () => {
  const { manifest: { environments: [{ strategy, target }] } } = synthesized({ container: 'app', region: 'eu-central-1', account: '123456789012' });
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: { kind: 'ecs', ...OPTIONS, container: 'app', region: 'eu-central-1', account: '123456789012' },
  });
  expect(strategy.commandTimeoutMs).toBe(15 * 60_000);
});

it('Target.ecs needs an image', () => {
  const project = plainProject();
  deliver(project, { artifact: { paths: ['dist'] }, target: Target.ecs(OPTIONS), environments: [environment('production')] });
  expect(() => synthesize(project)).toThrow('environment \'production\' target: it deploys an image, and the delivery has none. Set artifact: Artifact.image({ repository: \'ghcr.io/acme/shop\' })');
});

it.each<[string, object, string]>([
  ['no cluster', { cluster: undefined }, 'Target.ecs cluster: it is missing'],
  ['a cluster with a slash', { cluster: 'shop/web' }, 'Target.ecs cluster: \'shop/web\' is not the name or the ARN of a cluster'],
  ['the ARN of a service', { service: 'arn:aws:ecs:eu-central-1:123456789012:service/shop/web' }, 'Target.ecs service: \'arn:aws:ecs:eu-central-1:123456789012:service/shop/web\' is an ARN. Write only \'web\''],
  ['a container with a colon', { container: 'web:1' }, 'Target.ecs container: \'web:1\' is not the name of a container'],
  ['an availability zone as the region', { region: 'eu-central-1a' }, 'Target.ecs region: \'eu-central-1a\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.ecs account: 123456789012 is not the id of an account'],
  ['an unknown option', { taskDefinition: 'shop' }, 'Target.ecs taskDefinition: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => synthesized(options)).toThrow(message);
});
