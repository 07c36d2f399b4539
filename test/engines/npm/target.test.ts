import { javascript, typescript } from 'projen';
import { Strategy, Target, Trigger, Workflow } from '../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

type Options = Parameters<typeof Target.npm>[0];

function manifestOf(options: Options = {}, strategy?: Strategy) {
  const project = plainProject();
  project.addTask('pack', { exec: 'npm pack' });
  deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*'), target: Target.npm({ packageName: '@acme/shop', ...options }), strategy })] });
  return synthesize(project);
}

function typescriptLibrary(options: Partial<typescript.TypeScriptProjectOptions>): typescript.TypeScriptProject {
  return new typescript.TypeScriptProject({
    name: 'shop', defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, minNodeVersion: '20.0.0', outdir: temporaryFolder(), ...options,
  });
}

it('Target.npm calls the driver for each command, and brings the tarball, the token, a health check and a time limit', () => {
  const { manifest, deploy } = manifestOf({ access: javascript.NpmAccess.PUBLIC, buildTask: 'pack', smoke: 'shop --version', deprecation: 'It was rolled back.' });
  const [{ healthChecks, secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'npm',
      packageName: '@acme/shop',
      directory: 'dist/js',
      registry: 'https://registry.npmjs.org/',
      distTag: 'latest',
      candidateTag: 'next',
      access: 'public',
      publishes: true,
      isTrustedPublisher: false,
      tokenVariable: 'NPM_TOKEN',
      smoke: 'shop --version',
      deprecation: 'It was rolled back.',
    },
  });
  expect(healthChecks.at(-1)).toMatchObject({ name: 'dist-tag', url: 'https://registry.npmjs.org/@acme%2fshop/latest', release: { kind: 'json', path: 'version' } });
  expect(secrets).toEqual(['NPM_TOKEN']);
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist/js']);
  expect(deploy.jobs.build).toBeDefined();
  expect(JSON.stringify(deploy.jobs.deploy_production.permissions)).not.toContain('id-token');
});

it('Target.npm has what blue/green needs, takes other tags and a registry, and leaves the health check out', () => {
  const [{ healthChecks, strategy, target }] = manifestOf({
    distTag: 'beta', candidateTag: 'beta-next', registry: 'https://npm.pkg.github.com', directory: 'out', tokenSecret: 'PACKAGES_TOKEN', publish: false, tagCheck: false,
  }, Strategy.blueGreen()).manifest.environments;
  expect(strategy.kind).toBe('blueGreen');
  expect(target.driver).toMatchObject({ distTag: 'beta', candidateTag: 'beta-next', registry: 'https://npm.pkg.github.com/', directory: 'out', tokenVariable: 'PACKAGES_TOKEN', publishes: false });
  expect(JSON.stringify(healthChecks)).not.toContain('npm.pkg');
});

it('trusted publishing gives the deploying job an OpenID Connect token', () => {
  expect(manifestOf({ trustedPublishing: true }).deploy.jobs.deploy_production.permissions).toMatchObject({ 'id-token': 'write' });
});

describe('projen\'s release workflow', () => {
  const released = (options: Partial<typescript.TypeScriptProjectOptions>, target: Options = {}) => {
    const project = typescriptLibrary({ releaseToNpm: true, ...options });
    deliver(project, {
      workflow: Workflow.ofRelease(),
      environments: [environment('npm', { trigger: Trigger.release({ branches: ['main'] }), target: Target.npm(target) })],
    });
    return synthesize(project);
  };

  it('publishes under the candidate tag, and the delivery deploys its tarball', () => {
    const written = released({ npmDistTag: 'next' });
    expect(JSON.stringify(written.workflow('release').jobs.release_npm.steps)).toContain('"NPM_DIST_TAG":"next"');
    expect(written.manifest.environments[0].target.driver).toMatchObject({ packageName: 'shop', directory: 'dist/js', registry: 'https://registry.npmjs.org/' });
    expect(written.manifest.artifact?.paths).toEqual(['dist/js']);
    expect(written.workflow('release').jobs.deploy_npm.needs).toContain('delivery_release');
  });

  it('cannot publish under the tag that users install by', () => {
    expect(() => released({})).toThrow('environment \'npm\' Target.npm distTag: the workflow \'release\' publishes under \'latest\', so users would get each release before it is tested. '
      + 'Set npmDistTag: \'next\' in the options of the project (for a release branch in its options in releaseBranches)');
    expect(() => released({ npmDistTag: 'beta' }, { distTag: 'beta', candidateTag: 'beta-next' })).toThrow('publishes under \'beta\'');
  });

  it.each<[string, Partial<typescript.TypeScriptProjectOptions>, Options]>([
    ['of another tag', { npmDistTag: 'beta' }, {}],
    ['to another registry', {}, { registry: 'https://npm.example.com' }],
    ['of another package', {}, { packageName: '@acme/other' }],
    ['to npm at all, where the target publishes', { releaseToNpm: false }, {}],
    ['of a release branch that does not deploy', { npmDistTag: 'next', releaseBranches: { '1.x': { majorVersion: 1, npmDistTag: 'latest' } }, majorVersion: 2 }, {}],
  ])('may publish nothing %s', (_, options, target) => {
    expect(() => released(options, target)).not.toThrow();
  });
});

it('two environments that move one tag fail at synthesis', () => {
  const project = plainProject();
  const target = (tags: Options) => Target.npm({ packageName: 'shop', ...tags });
  expect(() => deliver(project, {
    environments: [
      environment('preview', { trigger: Trigger.tag('v*'), target: target({ distTag: 'next', candidateTag: 'rc' }) }),
      environment('production', { trigger: Trigger.after('preview'), target: target({}) }),
    ],
  })).toThrow('Give each environment a distTag and a candidateTag of its own');
});

it.each<[string, object, string]>([
  ['no name', { packageName: undefined }, 'Target.npm packageName: it is missing, and the project is not a Node project'],
  ['a name with a version', { packageName: 'shop@1.0.0' }, 'Target.npm packageName: \'shop@1.0.0\' is not the name of a package'],
  ['a name in upper case', { packageName: 'Shop' }, 'Target.npm packageName: \'Shop\' is not the name of a package'],
  ['latest as the candidate', { candidateTag: 'latest', distTag: 'stable' }, 'Target.npm candidateTag: \'latest\' is what everyone installs'],
  ['one tag for both', { distTag: 'next' }, 'Target.npm candidateTag: \'next\' is also distTag'],
  ['a version as a tag', { distTag: '1.2.3' }, 'Target.npm distTag: \'1.2.3\' is a range of versions for npm, and no tag'],
  ['a range as a tag', { distTag: 'v1.x' }, 'Target.npm distTag: \'v1.x\' is a range of versions'],
  ['a wildcard as a tag', { candidateTag: 'x' }, 'Target.npm candidateTag: \'x\' is a range of versions'],
  ['a tag with a space', { candidateTag: 'next one' }, 'Target.npm candidateTag: \'next one\' is not the name of a tag'],
  ['the web site as the registry', { registry: 'https://www.npmjs.com/package/shop' }, 'Target.npm registry: \'https://www.npmjs.com/package/shop\' is the web site of npm'],
  ['a registry without encryption', { registry: 'http://npm.example.com' }, 'Target.npm registry: \'http://npm.example.com\' is plain http'],
  ['a registry with a password', { registry: 'https://me:pw@npm.example.com' }, 'Target.npm registry: the URL of npm.example.com carries credentials'],
  ['a registry with a query', { registry: 'https://npm.example.com/?a=b' }, 'Target.npm registry: \'https://npm.example.com/?a=b\' has more than a path'],
  ['a folder outside of the project', { directory: '../dist' }, 'Target.npm directory: \'../dist\' is not a file or folder inside the project'],
  ['a token as the name of a secret', { tokenSecret: 'npm_a-b' }, 'Target.npm tokenSecret: the given value is not a name that GitHub accepts for a secret'],
  ['trusted publishing without publishing', { publish: false, trustedPublishing: true }, 'Target.npm trustedPublishing: the target does not publish'],
  ['an access that is none', { access: 'private' }, 'Target.npm access: \'private\' is not an access of npm'],
  ['an empty notice', { deprecation: ' ' }, 'Target.npm deprecation: \' \' is not a notice of one line'],
  ['an expression in the smoke command', { smoke: 'echo ${{ secrets.X }}' }, 'Target.npm smoke'],
  ['a string as a boolean', { publish: 'false' }, 'Target.npm publish: \'false\' is neither true nor false'],
  ['an unknown option', { tag: 'next' }, 'Target.npm tag: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => manifestOf(options)).toThrow(message);
});
