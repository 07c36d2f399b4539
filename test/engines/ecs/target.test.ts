import { Analysis, Artifact, CanaryStep, Duration, EcsTargetOptions, HealthCheck, Metric, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

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
  ['a service as the cluster', { cluster: 'arn:aws:ecs:eu-central-1:123456789012:service/shop/web' }, 'is an ARN. Write only \'shop\''],
  ['a cluster elsewhere', { cluster: 'arn:aws:ecs:eu-central-1:123456789012:cluster/shop', region: 'us-east-1' }, 'Target.ecs region: it is \'us-east-1\', and the cluster is in eu-central-1. Correct'],
  ['a cluster of another account', { cluster: 'arn:aws:ecs:eu-central-1:123456789012:cluster/shop', account: '999999999999' }, 'Target.ecs account: it is \'999999999999\', and the cluster belongs to the account 123456789012. Correct'],
  ['a container with a colon', { container: 'web:1' }, 'Target.ecs container: \'web:1\' is not the name of a container'],
  ['an availability zone as the region', { region: 'eu-central-1a' }, 'Target.ecs region: \'eu-central-1a\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.ecs account: 123456789012 is not the id of an account'],
  ['an unknown option', { taskDefinition: 'shop' }, 'Target.ecs taskDefinition: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => synthesized(options)).toThrow(message);
});

const LISTENER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
const RULE = LISTENER.replace(':listener/', ':listener-rule/') + '/0011223344556677';
const BLUE_GREEN = { blue: 'web-blue', green: 'web-green', listener: LISTENER };

function withSlots(options: object, strategy: Strategy = Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' })) {
  const project = plainProject();
  deliver(project, {
    artifact: Artifact.image({ repository: 'ghcr.io/acme/shop' }),
    target: Target.ecs({ cluster: 'shop', ...options }),
    environments: [environment('production', { trigger: Trigger.branch('main'), strategy, healthChecks: [HealthCheck.http('https://www.example.com/health')] })],
  });
  return synthesize(project);
}

it.each([LISTENER, RULE])('Target.ecs blueGreen calls a driver of its own for each command (%s)', (listener) => {
  const { manifest: { environments: [{ strategy, target }] } } = withSlots({ blueGreen: { ...BLUE_GREEN, listener }, region: 'eu-central-1', account: '123456789012' });
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    setWeight: { kind: 'driver', call: 'setWeight' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: { kind: 'ecsBlueGreen', cluster: 'shop', services: { blue: 'web-blue', green: 'web-green' }, listener, region: 'eu-central-1', account: '123456789012' },
  });
  expect(strategy).toMatchObject({ kind: 'blueGreen', commandTimeoutMs: 15 * 60_000 });
});

const BALANCER = 'app/shop/50dc6c495c0c9188';
const GROUPS = { blue: 'targetgroup/web-blue/6d0ecf831eec9f09', green: 'targetgroup/web-green/73e2d6bc24d8a067' };

function canary(...metrics: Metric[]): Strategy {
  const steps = [CanaryStep.weight(10, { atLeast: Duration.minutes(10) })];
  return Strategy.canary({ candidateUrl: 'https://{slot}.example.com', steps, ...(metrics.length > 0 && { analysis: metrics.map((metric) => Analysis.errors(metric)) }) });
}

it.each([LISTENER, RULE])('Target.ecs blueGreen splits the traffic of a canary, which the counts of the load balancer may judge (%s)', (listener) => {
  const metric = Metric.cloudWatch({ targetGroups: { loadBalancer: BALANCER, ...GROUPS } });
  const { manifest: { environments: [{ strategy, target }] } } = withSlots({ blueGreen: { ...BLUE_GREEN, listener } }, canary(metric));
  expect(target.setWeight).toEqual({ kind: 'driver', call: 'setWeight' });
  expect(strategy).toMatchObject({ kind: 'canary', commandTimeoutMs: 15 * 60_000, analysis: { metrics: [{ metric: { kind: 'cloudWatch', targetGroups: { loadBalancer: BALANCER } } }] } });
});

it.each<[string, object, Strategy | undefined, string]>([
  ['a canary without slots', { service: 'web' }, canary(), 'splits the traffic with the target\'s setWeight, and the target has none. Set it: Target.ecs({ cluster, blueGreen: {'],
  ['a canary judged by another load balancer', { blueGreen: BLUE_GREEN }, canary(Metric.cloudWatch({ targetGroups: { loadBalancer: BALANCER.replace('50', '51'), ...GROUPS } })),
    `counts the requests of the load balancer app/shop/51dc6c495c0c9188, and the listener of Target.ecs blueGreen belongs to ${BALANCER}. Write Metric.cloudWatch({ targetGroups: {`],
  ['a canary judged by a function', { blueGreen: BLUE_GREEN }, canary(Metric.cloudWatch({ lambdaAlias: { functionName: 'shop', alias: 'live' } })), 'counts the requests of the Lambda function shop'],
  ['a service beside blueGreen', { service: 'web', blueGreen: BLUE_GREEN }, undefined, 'Target.ecs service: it is \'web\', and blueGreen names two services. Leave service or blueGreen out'],
  ['neither', {}, Strategy.redeploy(), 'Target.ecs service: it is missing'],
  ['no green', { blueGreen: { ...BLUE_GREEN, green: undefined } }, undefined, 'Target.ecs blueGreen green: it is missing'],
  ['one service twice', { blueGreen: { ...BLUE_GREEN, green: 'web-blue' } }, undefined, 'Target.ecs blueGreen green: \'web-blue\' is the service of blue, too'],
  ['the listener of a network load balancer', { blueGreen: { ...BLUE_GREEN, listener: LISTENER.replace('/app/', '/net/') } }, undefined, 'Target.ecs blueGreen listener: '],
  ['a load balancer', { blueGreen: { ...BLUE_GREEN, listener: LISTENER.replace(/:listener(.*)\/\w+$/, ':loadbalancer$1') } }, undefined, 'is not the ARN of a listener of an Application Load Balancer'],
  ['a listener elsewhere', { blueGreen: BLUE_GREEN, region: 'us-east-1' }, undefined, 'Target.ecs blueGreen listener: it is in eu-central-1, and the cluster in \'us-east-1\''],
  ['a listener elsewhere than the cluster', { cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop', blueGreen: BLUE_GREEN }, undefined, 'Target.ecs blueGreen listener: it is in eu-central-1, and the cluster in \'us-east-1\''],
  ['a listener of another account', { blueGreen: BLUE_GREEN, account: '999999999999' }, undefined, 'it belongs to the account 123456789012, and the cluster to \'999999999999\''],
  ['an unknown option', { blueGreen: { ...BLUE_GREEN, rule: RULE } }, undefined, 'Target.ecs blueGreen rule: there is no such option'],
  ['slots without a strategy that has them', { blueGreen: BLUE_GREEN }, Strategy.redeploy(), 'environment \'production\' strategy: its target has a service for each slot (Target.ecs blueGreen), and Strategy.redeploy() has no slots'],
  ['blue/green without slots', { service: 'web' }, undefined, 'and the target has none. Set it: Target.ecs({ cluster, blueGreen: {'],
])('%s fails at synthesis', (_, options, strategy, message) => {
  expect(() => withSlots(options, strategy)).toThrow(message);
});
