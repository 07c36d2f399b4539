import { CanaryStep, Duration, GitOpsController, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Partial<Parameters<typeof Target.gitOps>[0]>;

const REPOSITORY = 'https://github.com/acme/deployments';
const flux = () => GitOpsController.flux({ kustomization: 'shop', kubeconfigSecret: 'KUBECONFIG_DATA' });

function projectOf(options: Options = {}, rest: object = {}) {
  const project = plainProject();
  project.addTask('bundle', { exec: 'cdk8s synth' });
  const target = Target.gitOps({ repository: REPOSITORY, path: 'apps/shop', manifests: 'dist', tokenSecret: 'DEPLOYMENTS_TOKEN', buildTask: 'bundle', follows: flux(), ...options });
  deliver(project, { environments: [environment('production', { target, ...rest })] });
  return project;
}

const synthesized = (...given: Parameters<typeof projectOf>) => synthesize(projectOf(...given));

it('Target.gitOps calls the driver to deploy and to roll back, and brings the artifact, two secrets and a time limit', () => {
  const { manifest } = synthesized();
  const [{ secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'gitOps',
      repository: REPOSITORY,
      branch: 'main',
      path: 'apps/shop',
      manifests: 'dist',
      name: expect.stringMatching(/-production$/) as string,
      tokenVariable: 'DEPLOYMENTS_TOKEN',
      user: 'x-access-token',
      follows: { kind: 'flux', name: 'shop', namespace: 'flux-system', cluster: { kubeconfigVariable: 'KUBECONFIG_DATA' } },
    },
  });
  expect(secrets).toEqual(['DEPLOYMENTS_TOKEN', 'KUBECONFIG_DATA']);
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist']);
});

it('takes every option', () => {
  const follows = GitOpsController.argoCd({ application: 'shop', namespace: 'argo', eksCluster: 'main', region: 'eu-west-1', context: 'eks' });
  const [{ target }] = synthesized({ repository: `${REPOSITORY}.git`, path: './apps/shop/', branch: 'live', user: 'x-token-auth', name: 'shop', follows }).manifest.environments;
  expect(target.driver).toMatchObject({
    repository: `${REPOSITORY}.git`,
    path: 'apps/shop',
    branch: 'live',
    user: 'x-token-auth',
    name: 'shop',
    follows: { kind: 'argoCd', name: 'shop', namespace: 'argo', cluster: { eksCluster: 'main', region: 'eu-west-1', context: 'eks' } },
  });
});

it('the plan gets the files and the secrets where a monitorEnvironment has them', () => {
  expect(synthesized({}, { monitorEnvironment: 'production-monitor' }).deploy.jobs.environment_production.needs).toContain('build');
  expect(synthesized().deploy.jobs.environment_production.needs ?? []).not.toContain('build');
});

it('without follows, a health check must identify the release', () => {
  const url = 'https://www.example.com/health';
  const healthChecks = (release?: ReleaseIdentity) => [HealthCheck.http(url, { release, deadline: Duration.minutes(12) })];
  expect(() => synthesized({ follows: undefined }, { healthChecks: healthChecks() })).toThrow(
    'healthChecks: Target.gitOps without follows does not read the cluster, and no health check identifies the release');
  const identity = ReleaseIdentity.json('version', { propagation: Duration.minutes(10) });
  expect(() => synthesized({ follows: undefined }, { healthChecks: healthChecks(identity) })).not.toThrow();
});

it.each([
  ['blue/green', Strategy.blueGreen()],
  ['a canary', Strategy.canary({ steps: [CanaryStep.weight(10)] })],
])('%s is refused, and the fix names Argo Rollouts', (_, strategy) => {
  expect(() => projectOf({}, { strategy })).toThrow(/let a Rollout of Argo Rollouts in the manifests move the users/);
});

it('two environments of one folder, or of a folder and one in it, are refused', () => {
  const of = (path: string) => Target.gitOps({ repository: REPOSITORY, path, manifests: 'dist', tokenSecret: 'DEPLOYMENTS_TOKEN', follows: flux() });
  const both = (one: string, other: string) => () => {
    const project = plainProject();
    deliver(project, { environments: [environment('staging', { target: of(one) }), environment('production', { target: of(other), trigger: Trigger.after('staging') })] });
  };
  expect(both('apps/shop', 'apps/shop')).toThrow('the folder apps/shop of https://github.com/acme/deployments, too');
  expect(both('apps/shop', 'apps')).toThrow('Give each environment a path of its own');
  expect(both('staging/shop', 'production/shop')).not.toThrow();
});

it.each<[string, Options, string]>([
  ['no repository', { repository: undefined }, 'Target.gitOps repository: it is missing'],
  ['an address of ssh', { repository: 'git@github.com:acme/deployments.git' }, 'Write \'https://github.com/acme/deployments.git\', and name a token in tokenSecret'],
  ['a URL of ssh', { repository: 'ssh://git@github.com/acme/deployments' }, 'is an address of ssh'],
  ['a token in the URL', { repository: 'https://x:secret@github.com/acme/deployments' }, 'store the token as a secret, and name it in tokenSecret'],
  ['plain http', { repository: 'http://git.example.com/acme/deployments' }, 'Write https://..., because the token is sent with each request'],
  ['no path in the URL', { repository: 'https://github.com/' }, 'is not the URL of a repository'],
  ['no folder', { path: undefined }, 'Target.gitOps path: it is missing'],
  ['the root', { path: '.' }, 'is the root of the repository'],
  ['a folder outside', { path: '../apps' }, 'is not a folder inside the repository'],
  ['a folder of git', { path: 'apps/.git' }, 'is not a folder inside the repository'],
  ['no manifests', { manifests: undefined }, 'Target.gitOps manifests'],
  ['no token', { tokenSecret: undefined }, 'Target.gitOps tokenSecret: it is missing'],
  ['the token itself', { tokenSecret: 'ghp_abc-def' }, 'Target.gitOps tokenSecret: the given value is not a name'],
  ['a ref', { branch: 'refs/heads/main' }, 'Target.gitOps branch: \'refs/heads/main\' is not a valid branch name'],
  ['a user with a colon', { user: 'a:b' }, 'Target.gitOps user: \'a:b\' is not a user name'],
  ['another controller', { follows: 'flux' as never }, 'Target.gitOps follows: \'flux\' is not a GitOpsController'],
  ['a name with capitals', { name: 'Shop' }, 'Target.gitOps name: \'Shop\' is not valid'],
  ['an unknown option', { namespace: 'shop' } as never, 'Target.gitOps namespace: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => projectOf(options)).toThrow(message);
});

it.each<[string, () => GitOpsController, string]>([
  ['no Kustomization', () => GitOpsController.flux({ kustomization: undefined as never }), 'GitOpsController.flux kustomization'],
  ['a namespace with a dot', () => GitOpsController.argoCd({ application: 'shop', namespace: 'a.b' }), 'GitOpsController.argoCd namespace'],
  ['two sign-ins', () => GitOpsController.flux({ kustomization: 'shop', eksCluster: 'a', kubeconfigSecret: 'KUBECONFIG_DATA' }), 'kubeconfigSecret signs in already'],
  ['a region without a cluster', () => GitOpsController.flux({ kustomization: 'shop', region: 'eu-west-1' }), 'without eksCluster it has no effect'],
  ['an option of kubectl', () => GitOpsController.flux({ kustomization: 'shop', context: '--server=x' }), 'is not the name of a context'],
  ['an unknown option', () => GitOpsController.argoCd({ application: 'shop', project: 'x' } as never), 'there is no such option'],
])('a controller with %s fails at synthesis', (_, make, message) => {
  expect(make).toThrow(message);
});
