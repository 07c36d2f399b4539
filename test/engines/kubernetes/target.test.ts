import { CanaryStep, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Parameters<typeof Target.kubernetes>[0];

function synthesized(options: Partial<Options> = {}, strategy?: Strategy) {
  const project = plainProject();
  project.addTask('synth-k8s', { exec: 'cdk8s synth' });
  const target = Target.kubernetes({ namespace: 'shop', ...('chart' in options ? {} : { manifests: 'dist' }), ...options } as Options);
  deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*'), target, strategy })] });
  return synthesize(project);
}

it('Target.kubernetes calls the driver, and brings the manifests and a time limit', () => {
  const { manifest, deploy } = synthesized({ buildTask: 'synth-k8s' });
  const [{ secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    driver: { kind: 'kubernetes', manifests: 'dist', namespace: 'shop', name: 'plain-production', prunes: true, prunesVolumes: false },
  });
  expect(secrets).toEqual([]);
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist']);
  expect(JSON.stringify(deploy.jobs.build)).toContain('synth-k8s');
});

it('Target.kubernetes takes a kubeconfig from a secret, or signs in to Amazon EKS', () => {
  const [{ secrets, target }] = synthesized({ kubeconfigSecret: 'KUBECONFIG_DATA', context: 'admin', name: 'web', prune: false }).manifest.environments;
  expect(secrets).toEqual(['KUBECONFIG_DATA']);
  expect(target.driver).toMatchObject({ kubeconfigVariable: 'KUBECONFIG_DATA', context: 'admin', name: 'web', prunes: false });
  expect(synthesized({ eksCluster: 'shop', region: 'eu-central-1', pruneVolumes: true }).manifest.environments[0].target.driver)
    .toMatchObject({ eksCluster: 'shop', region: 'eu-central-1', prunesVolumes: true });
});

it.each([
  ['waits for the manifests and gets the kubeconfig of the monitorEnvironment, to show what would change', 'production-look', 'build', '${{ secrets.KUBECONFIG_DATA }}'],
  ['without a monitorEnvironment has no kubeconfig, and runs beside the build', undefined, undefined, undefined],
])('the plan %s', (_, monitorEnvironment, needs, kubeconfig) => {
  const project = plainProject();
  const target = Target.kubernetes({ namespace: 'shop', manifests: 'dist', kubeconfigSecret: 'KUBECONFIG_DATA' });
  deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*'), target, monitorEnvironment })] });
  const plan = synthesize(project).deploy.jobs.environment_production;
  expect(plan.needs).toEqual(needs);
  expect(plan.steps!.find(({ id }) => id === 'plan')!.env!.KUBECONFIG_DATA).toBe(kubeconfig);
});

it('a chart is rendered once for each environment, by one task that the build runs', () => {
  const project = plainProject();
  project.addTask('dependencies', { exec: 'helm dependency build charts/shop' });
  const target = (values: string) => Target.kubernetes({ namespace: 'shop', chart: { path: './charts/shop/', values: ['values.yaml', values] }, buildTask: 'dependencies' });
  deliver(project, {
    environments: [
      environment('staging', { trigger: Trigger.branch('main'), target: target('values-staging.yaml') }),
      environment('production', { trigger: Trigger.tag('v*'), target: target('values-production.yaml') }),
    ],
  });
  const { manifest, deploy } = synthesize(project);
  expect(manifest.environments.map((one) => (one.target.driver as { manifests: string }).manifests)).toEqual(['dist/kubernetes/staging', 'dist/kubernetes/production']);
  expect(manifest.artifact?.paths).toEqual(['dist/kubernetes']);
  expect(JSON.stringify(deploy.jobs.build)).toContain('render-charts');
  expect(project.tasks.tryFind('render-charts')?.steps.map(({ exec, spawn }) => exec ?? spawn)).toEqual([
    'dependencies',
    'rm -rf dist/kubernetes/staging',
    'helm template \'shop\' \'./charts/shop\' --namespace shop --skip-tests --values \'values.yaml\' --values \'values-staging.yaml\' --output-dir dist/kubernetes/staging',
    'rm -rf dist/kubernetes/production',
    'helm template \'shop\' \'./charts/shop\' --namespace shop --skip-tests --values \'values.yaml\' --values \'values-production.yaml\' --output-dir dist/kubernetes/production',
  ]);
});

it('each environment\'s chart may have a task of its own that runs before, once', () => {
  const project = plainProject();
  for (const task of ['first', 'second']) project.addTask(task, { exec: task });
  const target = (buildTask?: string) => Target.kubernetes({ namespace: 'shop', chart: { path: 'charts/shop' }, buildTask });
  deliver(project, {
    environments: [
      environment('one', { trigger: Trigger.branch('main'), target: target() }),
      environment('two', { trigger: Trigger.branch('next'), target: target('first') }),
      environment('three', { trigger: Trigger.tag('v*'), target: target('second') }),
      environment('three/eu', { trigger: Trigger.manual(), target: target('first') }),
    ],
  });
  synthesize(project);
  expect(project.tasks.tryFind('render-charts')?.steps.flatMap(({ exec, spawn }) => spawn ?? /^rm .*/.exec(exec!)?.[0] ?? [])).toEqual([
    'rm -rf dist/kubernetes/one', 'first', 'rm -rf dist/kubernetes/two', 'second', 'rm -rf dist/kubernetes/three', 'rm -rf dist/kubernetes/three_eu',
  ]);
});

it.each([['blue/green', Strategy.blueGreen()], ['a canary', Strategy.canary({ steps: [CanaryStep.weight(50)] })]])('%s fails at synthesis', (_, strategy) => {
  expect(() => synthesized({}, strategy)).toThrow(/and the target has none\..* [Uu]se Strategy\.redeploy\(\)/);
});

it.each([['blue/green', Strategy.blueGreen({ candidateUrl: 'https://preview.example.com' })], ['a canary', Strategy.canary({ steps: [CanaryStep.weight(50)] })], ['a redeploy', undefined]])(
  'with a Rollout %s calls the driver for each move', (_, strategy) => {
    const [{ target }] = synthesized({ rollout: 'web' }, strategy).manifest.environments;
    expect(target).toMatchObject({ driver: { kind: 'kubernetes', rollout: 'web' }, rollback: { kind: 'driver', call: 'rollback' } });
    for (const call of ['deploy', 'promote', 'setWeight'] as const) expect(target[call]).toEqual({ kind: 'driver', call });
  });

it('two environments of one namespace of a cluster fail at synthesis', () => {
  const target = () => Target.kubernetes({ manifests: 'dist', namespace: 'shop', context: 'prod' });
  expect(() => deliver(plainProject(), {
    environments: [
      environment('staging', { trigger: Trigger.branch('main'), target: target() }),
      environment('production', { trigger: Trigger.tag('v*'), target: target() }),
    ],
  })).toThrow('\'staging\' deploys the namespace shop of the context prod, too, so each would replace the other\'s release. Give each environment a namespace of its own');
});

it.each<[string, object, string]>([
  ['no namespace', { namespace: undefined }, 'Target.kubernetes namespace: it is missing'],
  ['a namespace in upper case', { namespace: 'Shop' }, 'Target.kubernetes namespace: \'Shop\' is not valid (lower-case letters, digits and -, at most 63 characters)'],
  ['no manifests', { manifests: undefined }, 'Target.kubernetes manifests: it is missing'],
  ['manifests and a chart', { manifests: 'dist', chart: { path: 'chart' } }, 'Target.kubernetes chart: manifests is applied already'],
  ['a pattern', { manifests: 'dist/*.yaml' }, 'Target.kubernetes manifests: \'dist/*.yaml\' is a pattern'],
  ['manifests outside of the project', { manifests: '../dist' }, 'Target.kubernetes manifests: \'../dist\' is not a file or folder inside the project'],
  ['a chart without a path', { chart: {} }, 'Target.kubernetes chart path'],
  ['values that are a text', { chart: { path: 'chart', values: 'values.yaml' } }, 'Target.kubernetes chart values'],
  ['a chart folder that names no release', { chart: { path: 'charts/My_Chart' } }, 'Target.kubernetes chart releaseName: \'My_Chart\' is not valid'],
  ['an option of a flag as the context', { context: '--all' }, 'Target.kubernetes context: \'--all\' is not the name of a context'],
  ['a kubeconfig as the name of a secret', { kubeconfigSecret: 'apiVersion: v1' }, 'Target.kubernetes kubeconfigSecret: the given value is not a name that GitHub accepts for a secret'],
  ['an ARN as the cluster', { eksCluster: 'arn:aws:eks:eu-central-1:111122223333:cluster/shop' }, 'Target.kubernetes eksCluster'],
  ['two sign-ins', { eksCluster: 'shop', kubeconfigSecret: 'K' }, 'Target.kubernetes eksCluster: kubeconfigSecret signs in already'],
  ['a region without a cluster', { region: 'eu-central-1' }, 'Target.kubernetes region: without eksCluster it has no effect'],
  ['a name with a dot', { name: 'shop.web' }, 'Target.kubernetes name: \'shop.web\' is not valid'],
  ['a Rollout with its kind', { rollout: 'rollout/web' }, 'Target.kubernetes rollout: \'rollout/web\' is not the name of an object'],
  ['volumes without pruning', { prune: false, pruneVolumes: true }, 'Target.kubernetes pruneVolumes: nothing is pruned'],
  ['a string as a boolean', { prune: 'no' }, 'Target.kubernetes prune: \'no\' is neither true nor false'],
  ['an unknown option', { cluster: 'shop' }, 'Target.kubernetes cluster: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => synthesized(options)).toThrow(message);
});
