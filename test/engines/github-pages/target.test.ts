import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from 'projen';
import { StatusPage, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject } from '../../test-project';

type Options = Partial<Parameters<typeof Target.githubPages>[0]>;

function projectOf(options: Options = {}, rest: object = {}, url = 'https://acme.github.io/shop') {
  const project = plainProject();
  project.addTask('bundle', { exec: 'vitepress build' });
  const target = Target.githubPages({ directory: 'dist', buildTask: 'bundle', ...options });
  deliver(project, { environments: [environment('docs', { trigger: Trigger.branch('main'), target, url, ...rest })] });
  return project;
}

const synthesized = (...given: Parameters<typeof projectOf>) => synthesize(projectOf(...given));

it('Target.githubPages calls the driver for each command, and brings the folder, a health check and a time limit', () => {
  const { manifest, deploy } = synthesized();
  const [{ healthChecks, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: { kind: 'githubPages', directory: 'dist', branch: 'gh-pages', keep: 10, releaseFile: 'delivery-release.json' },
  });
  // the CDN may serve the old release for 10 minutes
  expect(healthChecks.at(-1)).toMatchObject({ url: 'https://acme.github.io/shop/delivery-release.json', release: { kind: 'json', path: 'sha' }, propagationMs: 660_000 });
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist']);
  expect(deploy.jobs.build).toBeDefined();
});

it('only the jobs that deploy or roll back may write', () => {
  const { deploy, rollback } = synthesized();
  const writers = (jobs: Record<string, { permissions?: Record<string, string> }>) => Object.entries(jobs).flatMap(([id, { permissions }]) => (
    permissions?.contents === 'write' || permissions?.pages !== undefined ? [`${id}: contents ${permissions.contents}, pages ${permissions.pages}`] : []
  ));
  expect(writers(deploy.jobs as never)).toEqual(['deploy_docs: contents write, pages write', 'rollback_docs: contents write, pages write']);
  expect(writers(rollback.jobs as never)).toEqual(['rollback: contents write, pages write', 'recover: contents write, pages write']);
});

it('the plan gets the files, to show which of them change', () => {
  const { deploy } = synthesized();
  expect(deploy.jobs.environment_docs.needs).toContain('build');
});

it('Target.githubPages has what blue/green needs, and no candidate URL', () => {
  expect(synthesized({}, { strategy: Strategy.blueGreen() }).manifest.environments[0].strategy.kind).toBe('blueGreen');
  expect(() => projectOf({}, { strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }) })).toThrow('no URL leads to a candidate of this target');
});

it('needs no sign-in to AWS', () => {
  const project = projectOf();
  const warnings: string[] = [];
  project.logger.warn = (text: string) => void warnings.push(text);
  synthesize(project);
  expect(warnings.filter((text) => text.includes('login'))).toEqual([]);
});

it('takes a branch, and leaves the health check out', () => {
  const [{ healthChecks, target }] = synthesized({ branch: 'site', releaseCheck: false, releaseFile: 'release.json', keep: 3 }).manifest.environments;
  expect(target.driver).toMatchObject({ branch: 'site', releaseFile: 'release.json', keep: 3 });
  expect(JSON.stringify(healthChecks)).not.toContain('release.json');
});

it.each<[string, Options, string]>([
  ['no folder', { directory: undefined }, 'Target.githubPages directory'],
  ['a folder outside of the project', { directory: '../dist' }, 'Target.githubPages directory: \'../dist\' is not a file or folder inside the project'],
  ['a ref', { branch: 'refs/heads/gh-pages' }, 'Target.githubPages branch: \'refs/heads/gh-pages\' is not a valid branch name'],
  ['a branch with a space', { branch: 'gh pages' }, 'Target.githubPages branch: \'gh pages\' is not a valid branch name'],
  ['one release', { keep: 1 }, 'Target.githubPages keep: 1 is out of range'],
  ['a file in a folder', { releaseFile: 'a/b.json' }, 'Target.githubPages releaseFile: \'a/b.json\' is not the name of a file in the site\'s root'],
  ['a file that GitHub reads', { releaseFile: 'CNAME' }, 'Target.githubPages releaseFile: \'CNAME\' has a meaning of its own on GitHub Pages'],
  ['a text for a switch', { releaseCheck: 'no' as never }, 'Target.githubPages releaseCheck: \'no\''],
  ['an unknown option', { domain: 'example.com' } as never, 'Target.githubPages domain: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => synthesized(options)).toThrow(message);
});

it('GitHub\'s own environment fails at synthesis', () => {
  const project = plainProject();
  const target = Target.githubPages({ directory: 'dist' });
  expect(() => deliver(project, { environments: [environment('github-pages', { target })] })).toThrow('\'github-pages\' is the environment that GitHub Pages makes for itself');
});

it('a branch that triggers deployments fails at synthesis, also one of another environment', () => {
  expect(() => synthesized({ branch: 'main' })).toThrow('Target.githubPages branch: \'main\' triggers the deployments to \'docs\', and each release replaces all files of the site\'s branch');
  const project = plainProject();
  const target = Target.githubPages({ directory: 'dist', branch: 'site' });
  deliver(project, { environments: [environment('docs', { target, trigger: Trigger.tag('v*') }), environment('staging', { trigger: Trigger.branch('site') })] });
  expect(() => synthesize(project)).toThrow('\'site\' triggers the deployments to \'staging\'');
});

it('a branch that deploys another project of the repository fails at synthesis', () => {
  const root = typescriptProject({ releaseBranches: { 'release/1': { majorVersion: 1 } }, majorVersion: 2 });
  const site = new Project({ parent: root, name: 'site', outdir: 'site' });
  const other = new Project({ parent: root, name: 'other', outdir: 'other' });
  const deliverSite = (branch: string) => deliver(site, {
    environments: [environment('docs', { target: Target.githubPages({ directory: 'dist', branch }), trigger: Trigger.tag('docs-v*') })],
  });
  site.addTask('ship');
  other.addTask('ship');
  deliver(other, { environments: [environment('staging', { trigger: Trigger.branch('next') })] });
  deliverSite('next');
  expect(() => synthesize(root)).toThrow('\'next\' triggers the deployments to \'staging\'');
});

it.each(['main', 'release/1'])('the release branch %s fails at synthesis', (branch) => {
  const project = typescriptProject({ releaseBranches: { 'release/1': { majorVersion: 1 } }, majorVersion: 2, release: true });
  deliver(project, { environments: [environment('docs', { target: Target.githubPages({ directory: 'dist', branch }), trigger: Trigger.tag('docs-v*') })] });
  expect(() => synthesize(project)).toThrow(`'${branch}' is a release branch of the project`);
});

it('the commands of the documentation make a branch with one file', () => {
  const [, commands] = /```sh\n([\s\S]*?) *```/.exec(readFileSync(join(__dirname, '../../../docs/targets/github-pages.md'), 'utf8'))!;
  const [origin, clone] = [temporaryFolder(), temporaryFolder()];
  const env = Object.fromEntries(['AUTHOR', 'COMMITTER'].flatMap((role) => [[`GIT_${role}_NAME`, 'ada'], [`GIT_${role}_EMAIL`, 'ada@example.com']]));
  const run = (cwd: string, command: string) => execFileSync('sh', ['-e', '-c', command], { cwd, encoding: 'utf8', env: { ...process.env, ...env }, stdio: 'pipe' });
  run(origin, 'git init --quiet --bare .');
  run(clone, `git init --quiet . && git remote add origin "${origin}"`);
  run(clone, commands!);
  expect(run(origin, 'git ls-tree -r --name-only gh-pages')).toBe('index.html\n');
});

it('the status page on the branch of the site fails at synthesis', () => {
  const project = plainProject();
  const target = Target.githubPages({ directory: 'dist' });
  const monitoring = { statusPage: StatusPage.branch('gh-pages') };
  expect(() => {
    deliver(project, { environments: [environment('docs', { target })], monitoring });
    synthesize(project);
  }).toThrow('the branch \'gh-pages\' is the one of the GitHub Pages site of \'docs\', which each release replaces');
});
