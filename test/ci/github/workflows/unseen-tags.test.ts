/** projen tags releases with GITHUB_TOKEN, and GitHub starts no workflow for such a tag. */
import { github, javascript, Project, release, typescript } from 'projen';
import { Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject, withTasks } from '../../../test-project';

type Options = Partial<typescript.TypeScriptProjectOptions>;

function library(options: Options = {}): typescript.TypeScriptProject {
  return typescriptProject({ release: true, releaseToNpm: true, ...options }) as typescript.TypeScriptProject;
}

/** A delivery to production, and to staging before it. */
function delivered(project: Project, trigger: Trigger, workflow?: Workflow): Project {
  deliver(project, { environments: [environment('staging'), environment('production', { trigger })], workflow });
  return project;
}

function rejection(project: Project): string | undefined {
  try {
    synthesize(project);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const ANY = Trigger.tag('v*');

describe('tags that projen makes are rejected as a trigger', () => {
  it('with what to do', () => {
    expect(rejection(delivered(library(), ANY))).toBe('environment \'production\' trigger: projen tags the releases of \'shop\' (\'v1.2.3\' for example) with GITHUB_TOKEN, '
      + 'and GitHub starts no workflow for such a tag, so they would never be deployed. '
      + 'Use Trigger.release(), with workflow: Workflow.ofRelease(); or give the release another token, a GitHub App\'s for example, at jobs.release_github.steps.3.env.GITHUB_TOKEN of the workflow \'release\'');
  });

  it.each<[string, Options, Trigger, string]>([
    ['an exact tag', {}, Trigger.tag('v1.4.0'), '\'v1.4.0\''],
    ['everything', {}, Trigger.tag('*'), '\'v1.2.3\''],
    ['the tag of a verified commit', {}, Trigger.tag('v*', { requires: 'staging' }), '\'v1.2.3\''],
    ['an end', {}, Trigger.tag('v*.0'), '.0\' for example'],
    ['an end that no number begins with', {}, Trigger.tag('v*07'), '107\' for example'],
    ['all but prereleases', {}, Trigger.tag('v*', { except: '*-beta' }), '\'v1.2.3\''],
    ['all but some', {}, Trigger.tag('v*', { except: 'v1*' }), '\'v0.2.3\''],
    ['a part of the major versions', {}, Trigger.tag('v1*', { except: 'v1.*' }), '\'v11.2.3\''],
    ['the project\'s own prefix', { releaseTagPrefix: 'shop-' }, Trigger.tag('shop-v*'), '\'shop-v1.2.3\''],
    ['a prefix with a slash', { releaseTagPrefix: 'shop/' }, Trigger.tag('shop/v*'), '\'shop/v1.2.3\''],
    ['the major version', { majorVersion: 3 }, Trigger.tag('v3.*'), '\'v3.2.3\''],
    ['the least major version', { minMajorVersion: 3 }, Trigger.tag('v3.*'), '\'v3.2.3\''],
    ['a later major version', { minMajorVersion: 3 }, Trigger.tag('v40.*'), '\'v40.2.3\''],
    ['prereleases', { prerelease: 'rc' }, Trigger.tag('v*-rc.0'), '\'v1.2.3-rc.0\''],
    ['releases by hand on GitHub', { releaseTrigger: release.ReleaseTrigger.workflowDispatch() }, ANY, '\'v1.2.3\''],
    ['releases on a schedule', { releaseTrigger: release.ReleaseTrigger.scheduled({ schedule: '17 3 * * 2' }) }, ANY, '\'v1.2.3\''],
    ['releases that people start with other tags', { releaseTrigger: release.ReleaseTrigger.tagged({ tags: ['go-*'] }) }, ANY, '\'v1.2.3\''],
  ])('%s', (_, options, trigger, tag) => {
    expect(rejection(delivered(library(options), trigger))).toContain(tag);
  });

  it('of each release branch, and names the branch', () => {
    const several = () => library({ majorVersion: 2, releaseBranches: { legacy: { majorVersion: 1, tagPrefix: 'legacy-' }, beta: { majorVersion: 3, prerelease: 'beta' } } });
    expect(rejection(delivered(several(), Trigger.tag('v2.*')))).toContain('Trigger.release({ branches: [\'main\'] }), with workflow: Workflow.ofRelease(); or give the release another token');
    expect(rejection(delivered(several(), Trigger.tag('legacy-v*')))).toContain('(\'legacy-v1.2.3\' for example)');
    expect(rejection(delivered(several(), Trigger.tag('v*-beta.7')))).toContain('Trigger.release({ branches: [\'beta\'], prereleases: true })');
    // projen's bump takes the project's prefix for every branch
    expect(rejection(delivered(several(), Trigger.tag('v1.*')))).toContain('branches: [\'legacy\']');
  });

  it('of a branch that is added later', () => {
    const project = library({ majorVersion: 2 });
    delivered(project, Trigger.tag('v1.*'));
    project.release!.addBranch('v1', { majorVersion: 1 });
    expect(rejection(project)).toContain('Trigger.release({ branches: [\'v1\'] })');
  });

  it('also where the jobs joined another workflow', () => {
    expect(rejection(delivered(library(), ANY, Workflow.ofBuild()))).toContain('projen tags the releases of \'shop\'');
  });

  it('also in a subproject, whose root is what is released', () => {
    const root = library();
    const child = withTasks(new Project({ parent: root, name: 'api', outdir: 'packages/api' }));
    delivered(child, ANY);
    expect(rejection(root)).toContain('Let a delivery of \'shop\' deploy it: Trigger.release()');
  });

  it('in a subproject that is released by itself', () => {
    const root = plainProject();
    const child = withTasks(new typescript.TypeScriptProject({
      parent: root, name: 'api', outdir: 'packages/api', defaultReleaseBranch: 'main', releaseTagPrefix: 'api-', release: true, packageManager: javascript.NodePackageManager.NPM,
    }));
    delivered(child, Trigger.tag('api-v*'));
    expect(rejection(root)).toContain('projen tags the releases of \'api\' (\'api-v1.2.3\' for example)');
  });

  it('with the variable that the GitHub CLI reads first', () => {
    const project = delivered(library(), ANY);
    setToken(project, { GH_TOKEN: '${{ github.token }}', GITHUB_TOKEN: '${{ secrets.RELEASE_TOKEN }}' });
    expect(rejection(project)).toContain('at jobs.release_github.steps.3.env.GH_TOKEN of the workflow \'release\'');
  });

  it.each<[string, string | undefined]>([
    ['secrets.GITHUB_TOKEN', '${{ secrets.GITHUB_TOKEN }}'],
    ['github.token', '${{github.token}}'],
    ['the same in other words', '${{ secrets[\'github_token\'] }}'],
  ])('with %s', (_, token) => {
    const project = delivered(library(), ANY);
    setToken(project, { GITHUB_TOKEN: token });
    expect(rejection(project)).toContain('with GITHUB_TOKEN');
  });
});

/** Replaces what the step that tags finds in its environment. */
function setToken(project: Project, env: Record<string, string | undefined>): void {
  const { file } = github.GitHub.of(project)!.tryFindWorkflow('release')!;
  // as the refusal says it
  for (const [name, value] of Object.entries(env)) file!.addOverride(`jobs.release_github.steps.3.env.${name}`, value);
}

describe('what is seen, or not projen\'s, is accepted', () => {
  it.each<[string, Options, Trigger]>([
    ['a project that is not released', { release: false, releaseToNpm: false }, ANY],
    ['releases that a person makes', { releaseTrigger: release.ReleaseTrigger.manual() }, ANY],
    ['releases that people start with such a tag', { releaseTrigger: release.ReleaseTrigger.tagged({ tags: ['v*'] }) }, ANY],
    ['releases without a tag', { githubRelease: false } as Options, ANY],
    ['releases that are trials', { publishDryRun: true }, ANY],
    ['tags of another kind', {}, Trigger.tag('deploy-*')],
    ['tags that end otherwise', {}, Trigger.tag('v*-rc')],
    ['tags that are no versions', {}, Trigger.tag('v1')],
    ['a number that no version has', {}, Trigger.tag('v01.*')],
    ['another prefix', { releaseTagPrefix: 'shop-' }, ANY],
    ['a * for a slash', { releaseTagPrefix: 'shop/' }, Trigger.tag('shop*')],
    ['another letter case', {}, Trigger.tag('V*')],
    ['another major version', { majorVersion: 2 }, Trigger.tag('v1.*')],
    ['an earlier major version', { minMajorVersion: 2 }, Trigger.tag('v1.*')],
    ['releases where there are prereleases', { prerelease: 'beta' }, Trigger.tag('v1.2.3')],
    ['all but projen\'s', {}, Trigger.tag('*', { except: 'v*' })],
  ])('%s', (_, options, trigger) => {
    expect(rejection(delivered(library(options), trigger))).toBeUndefined();
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['a personal token', { GITHUB_TOKEN: '${{ secrets.RELEASE_TOKEN }}' }],
    ['the token of a GitHub App', { GITHUB_TOKEN: '${{ steps.app.outputs.token }}' }],
    ['a token that goes before', { GH_TOKEN: '${{ secrets.RELEASE_TOKEN }}' }],
    ['a token with a second choice', { GITHUB_TOKEN: '${{ secrets.RELEASE_TOKEN || secrets.GITHUB_TOKEN }}' }],
  ])('a release step with %s', (_, env) => {
    const project = delivered(library(), ANY);
    setToken(project, env);
    expect(rejection(project)).toBeUndefined();
  });

  it('a release job that someone replaced', () => {
    const project = delivered(library(), ANY);
    github.GitHub.of(project)!.tryFindWorkflow('release')!.file!.addOverride('jobs.release_github.steps', [{ uses: 'acme/release@v1', with: { token: '${{ secrets.RELEASE_TOKEN }}' } }]);
    expect(rejection(project)).toBeUndefined();
  });

  it('a project without GitHub\'s release, and one beside it that has one', () => {
    const root = plainProject();
    withTasks(new typescript.TypeScriptProject({ parent: root, name: 'web', outdir: 'packages/web', defaultReleaseBranch: 'main', release: true, packageManager: javascript.NodePackageManager.NPM }));
    const api = withTasks(new Project({ parent: root, name: 'api', outdir: 'packages/api' }));
    delivered(api, ANY);
    expect(rejection(root)).toBeUndefined();
  });
});

it('the tags are those that projen makes', () => {
  const outdir = temporaryFolder();
  const project = library({ outdir, prerelease: 'beta', majorVersion: 4, releaseTagPrefix: 'shop-' });
  const text = synthesize(project).text('.projen/tasks.json');
  const { tasks } = JSON.parse(text) as { tasks: Record<string, { env: Record<string, string> }> };
  expect(tasks.release.env).toMatchObject({ MAJOR: '4', PRERELEASE: 'beta', RELEASE_TAG_PREFIX: 'shop-' });
  expect(tasks.bump.env.RELEASE_TAG_PREFIX).toBe('shop-');
});
