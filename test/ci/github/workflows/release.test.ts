import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project, release, typescript } from 'projen';
import { Delivery, DeliveryOptions, ReleaseTriggerOptions, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject } from '../../../test-project';
import { evaluate, Status } from '../../../validators/expressions';
import { validateJoined } from '../../../validators/validate';

/** A library that projen releases. */
function library(options: Partial<typescript.TypeScriptProjectOptions> = {}): typescript.TypeScriptProject {
  return typescriptProject({ release: true, releaseToNpm: true, ...options }) as typescript.TypeScriptProject;
}

/** What the step says, run by real bash as GitHub does, where the release's tag file holds this. */
function outputsOf(script: string, tagFile: string): Record<string, string> {
  const [folder, temp] = [temporaryFolder(), temporaryFolder()];
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/releasetag.txt'), tagFile);
  const output = join(temp, 'output');
  execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: folder, env: { PATH: process.env.PATH, RUNNER_TEMP: temp, GITHUB_OUTPUT: output } });
  return Object.fromEntries(readFileSync(output, 'utf8').trim().split('\n').map((line) => line.split('=', 2) as [string, string]));
}

function delivered(project: Project, options: Partial<DeliveryOptions> = {}): Delivery {
  return deliver(project, {
    workflow: Workflow.ofRelease(),
    environments: [environment('staging', { trigger: Trigger.release() }), environment('production', { trigger: Trigger.after('staging') })],
    ...options,
  });
}

describe('what was released is deployed', () => {
  const project = library();
  delivered(project);
  const synthesized = synthesize(project);
  const { jobs } = synthesized.workflow('release');

  it('the project\'s own jobs stay as they are, and so does what starts them', () => {
    const before = synthesize(library()).workflow('release');
    for (const [id, job] of Object.entries(before.jobs)) expect([id, jobs[id]]).toEqual([id, job]);
    expect(synthesized.workflow('release').on).toEqual(before.on);
  });

  it('after the last publisher, which is the one that tags', () => {
    expect(jobs.delivery_release.needs).toEqual(['release', 'release_github']);
    expect(jobs.release_github.needs).toEqual(['release', 'release_npm']);
    expect(jobs.environment_staging.needs).toBe('delivery_release');
    expect(jobs.deploy_staging.needs).toEqual(['delivery_release', 'environment_staging', 'release_npm']);
  });

  it('if it was released in this very run: no dry run, a new tag, the latest commit', () => {
    const right = { release: 'success', release_github: 'success', tag_exists: 'false', latest_commit: 'abc', dry_run: '', fork: 'false', status: 'success' };
    const starts = (change: Partial<typeof right> = {}) => {
      const { release: made, release_github, tag_exists, latest_commit, dry_run, fork, status } = { ...right, ...change };
      return evaluate(jobs.delivery_release.if!, {
        github: { event_name: 'push', ref: 'refs/heads/main', sha: 'abc', event: { repository: { fork: fork === 'true' } } },
        inputs: dry_run === '' ? {} : { dry_run: dry_run === 'true' },
        needs: { release: { result: made, outputs: { tag_exists, latest_commit } }, release_github: { result: release_github, outputs: {} } },
      }, status as Status);
    };
    expect(starts()).toBe(true);
    expect(starts({ dry_run: 'false' })).toBe(true);
    for (const result of ['failure', 'cancelled', 'skipped']) {
      expect(starts({ release: result })).toBe(false);
      expect(starts({ release_github: result })).toBe(false);
    }
    expect(starts({ tag_exists: 'true' })).toBe(false);
    expect(starts({ latest_commit: 'def' })).toBe(false);
    expect(starts({ dry_run: 'true' })).toBe(false);
    expect(starts({ fork: 'true' })).toBe(false);
    expect(starts({ status: 'cancelled' })).toBe(false);
  });

  it('the files are those that the publishers got, and nothing is built again', () => {
    const download = (id: string) => jobs[id].steps!.find(({ uses }) => uses?.startsWith('actions/download-artifact@'))!.with;
    expect(download('delivery_release')).toMatchObject({ 'artifact-ids': download('release_github')!['artifact-ids'], 'path': download('release_github')!.path });
    const restore = (id: string) => jobs[id].steps!.find(({ run }) => run?.includes('setfacl'))!.run!.replaceAll('\'', '');
    expect(restore('delivery_release')).toBe(restore('release_github'));
    expect(synthesized.manifest.artifact).toEqual({ paths: ['dist'] });
    expect(jobs.build).toBeUndefined();
  });

  it('it is called like the tag that projen gives it', () => {
    const pack = jobs.delivery_release.steps!.find(({ id }) => id === 'pack')!.run!;
    // as projen's bump writes it: without an end of line
    expect(outputsOf(pack, 'v1.2.3')).toMatchObject({ release: 'v1.2.3', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(outputsOf(pack, 'v1.2.3\ndigest=0').release).toBe('v1.2.3');
    expect(outputsOf(pack, 'v1.2.3\ndigest=0').digest).not.toBe('0');
    expect(JSON.stringify(jobs.release_github)).toContain('dist/releasetag.txt');
    for (const [id, step] of [['environment_staging', 'plan'], ['deploy_staging', 'deploy']]) {
      expect(jobs[id].steps!.find((one) => one.id === step)!.env!.DELIVERY_RELEASE).toBe('${{ needs.delivery_release.outputs.release }}');
    }
  });

  it('passes every validator', async () => {
    expect(await validateJoined(synthesized.workflowText('release'), 'release.yml')).toEqual([]);
  });
});

describe('a project that is released from several branches', () => {
  const several = () => library({ majorVersion: 2, releaseBranches: { v1: { majorVersion: 1, npmDistTag: 'v1' }, beta: { majorVersion: 3, prerelease: 'beta', npmDistTag: 'next' } } });
  const from = (options?: ReleaseTriggerOptions, rest: Partial<DeliveryOptions> = {}) => (project: Project) => delivered(project, {
    environments: [environment('staging', { trigger: Trigger.release(options) }), environment('production', { trigger: Trigger.after('staging') })],
    ...rest,
  });
  /** What is refused, at once or when the project is synthesized. */
  const rejected = (options?: ReleaseTriggerOptions, project = several()) => rejection(() => {
    from(options)(project);
    synthesize(project);
  });

  it('must say which of them deploy', () => {
    expect(rejected()).toBe('environment \'staging\' trigger: the project is released from 3 branches (\'main\', \'v1\', \'beta\' for prereleases), and the releases of each would go to \'staging\'. '
      + 'Name the branches that are meant: Trigger.release({ branches: [\'main\'] })');
    expect(rejected({ prereleases: true })).toContain('is released from 3 branches');
    expect(rejected({ prereleases: false })).toContain('is released from 3 branches');
    expect(rejected(undefined, library({ minMajorVersion: 2, releaseBranches: { v1: { majorVersion: undefined as unknown as number } } }))).toContain('is released from 2 branches (\'main\', \'v1\')');
  });

  it('must say so also where one is added later', () => {
    const project = library({ majorVersion: 1 });
    from()(project);
    project.release!.addBranch('v0', { majorVersion: 0 });
    expect(rejection(() => synthesize(project))).toContain('is released from 2 branches (\'main\', \'v0\')');
  });

  it('deploys what is released from those that are named, also from one that is added later', async () => {
    const project = several();
    const delivery = from({ branches: ['main', 'v0'] })(project);
    expect(delivery.workflows.map(({ name }) => name)).toEqual(['release']);
    project.release!.addBranch('v0', { majorVersion: 0 });
    const synthesized = synthesize(project);
    for (const name of ['release', 'release-v0']) {
      expect(Object.keys(synthesized.workflow(name).jobs)).toEqual(expect.arrayContaining(['delivery_release', 'deploy_staging', 'rollback_production']));
      expect(await validateJoined(synthesized.workflowText(name), `${name}.yml`)).toEqual([]);
    }
    expect(delivery.workflows.map(({ name }) => name)).toEqual(['release', 'release-v0']);
    expect(synthesized.manifest.environments[0].trigger).toEqual({ kind: 'release', branches: ['main', 'v0'] });
  });

  it('keeps the release workflows of all others, byte for byte', () => {
    const project = several();
    from({ branches: ['main'] }, { monitoring: {} })(project);
    const [without, synthesized] = [synthesize(several()), synthesize(project)];
    for (const name of ['release-v1', 'release-beta']) expect(synthesized.workflowText(name)).toBe(without.workflowText(name));
    expect(synthesized.manifest.monitoring!.deploymentWorkflows.map(({ file }) => file)).toEqual(['release.yml', 'rollback.yml']);
  });

  it('may leave the default branch out', () => {
    const project = several();
    const delivery = from({ branches: ['v1'] })(project);
    const [without, synthesized] = [synthesize(several()), synthesize(project)];
    expect(delivery.workflow.name).toBe('release-v1');
    expect(synthesized.workflowText('release')).toBe(without.workflowText('release'));
    expect(synthesized.workflow('release-v1').jobs).toHaveProperty('deploy_production');
  });

  it('deploys prereleases only where that is said', () => {
    expect(rejected({ branches: ['main', 'beta'] })).toBe('environment \'staging\' trigger: the branch \'beta\' releases prereleases (\'beta\'). '
      + 'Use Trigger.release({ branches: [\'main\', \'beta\'], prereleases: true }) if they are meant for \'staging\', or leave the branch out');
    const project = several();
    from({ branches: ['main', 'beta'], prereleases: true })(project);
    const synthesized = synthesize(project);
    for (const name of ['release', 'release-beta']) expect(synthesized.workflow(name).jobs).toHaveProperty('deploy_staging');
  });

  it('rejects prereleases of the default branch, and of one that is added later', () => {
    expect(rejected(undefined, library({ prerelease: 'beta' }))).toBe('environment \'staging\' trigger: the branch \'main\' releases prereleases (\'beta\'). Use Trigger.release({ prereleases: true }) if they are meant for \'staging\'');
    expect(() => synthesize(from({ prereleases: true })(library({ prerelease: 'beta' })).project)).not.toThrow();
    const project = library({ majorVersion: 1 });
    from({ branches: ['main', 'next'] })(project);
    project.release!.addBranch('next', { majorVersion: 2, prerelease: 'rc' });
    expect(rejection(() => synthesize(project))).toContain('the branch \'next\' releases prereleases (\'rc\')');
  });

  it('has each branch deploy where it is meant to', () => {
    const project = several();
    delivered(project, {
      environments: [
        environment('production', { trigger: Trigger.release({ branches: ['main'] }) }),
        environment('legacy', { trigger: Trigger.release({ branches: ['v1'] }) }),
        environment('preview', { trigger: Trigger.release({ branches: ['beta'], prereleases: true }) }),
        environment('preview-eu', { trigger: Trigger.after('preview') }),
      ],
    });
    const synthesized = synthesize(project);
    const deploys = (name: string) => Object.keys(synthesized.workflow(name).jobs).filter((id) => id.startsWith('deploy_'));
    expect(['release', 'release-v1', 'release-beta'].map(deploys)).toEqual([['deploy_production'], ['deploy_legacy'], ['deploy_preview', 'deploy_preview_eu']]);
  });

  it('has no branch that deploys to two environments at once', () => {
    const environments = (a?: ReleaseTriggerOptions, b?: ReleaseTriggerOptions) => [environment('a', { trigger: Trigger.release(a) }), environment('b', { trigger: Trigger.release(b) })];
    expect(rejection(() => delivered(several(), { environments: environments({ branches: ['main', 'v1'] }, { branches: ['v1'] }) })))
      .toContain('a release of the branch \'v1\' would deploy to \'a\' and to \'b\' at once, in no order');
    expect(rejection(() => delivered(library(), { environments: environments({ branches: ['main'] }) }))).toContain('a release would deploy to \'a\' and to \'b\' at once');
  });

  it('names no branch that is none', () => {
    expect(rejected({ branches: ['main', 'v11'] })).toBe('environment \'staging\' trigger branches: the project is not released from a branch \'v11\'. Did you mean \'v1\'? There is: \'main\', \'v1\', \'beta\' for prereleases');
    expect(rejected({ branches: ['develop'] })).toContain('Add it to releaseBranches in the project\'s options, or name another one. There is: \'main\'');
    expect(rejected({ branches: ['Main'] })).toContain('Did you mean \'main\'?');
  });

  it.each<[unknown, string]>([
    [{ branches: [] }, 'Trigger.release branches: it is empty'],
    [{ branches: 'main' }, 'Trigger.release branches: \'main\' is not a list. Write [\'main\']'],
    [{ branches: ['v*'] }, '\'v*\' is not a valid branch name'],
    [{ branches: [1] }, '1 is not a valid branch name'],
    [{ prereleases: 'false' }, 'Trigger.release prereleases: \'false\' is neither true nor false'],
    [{ branch: ['main'] }, 'Trigger.release branch: there is no such option'],
    ['main', 'Trigger.release options: \'main\' is not a set of options'],
  ])('is not said by %j', (options, message) => {
    expect(rejection(() => Trigger.release(options as ReleaseTriggerOptions))).toContain(message);
  });
});

it('a part of what was released can be enough', () => {
  const project = library();
  delivered(project, { artifact: { paths: ['dist/js'] } });
  expect(synthesize(project).manifest.artifact).toEqual({ paths: ['dist/js'] });
});

function rejection(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('jobs that projen would drop silently are rejected', () => {
  it('a project that is not released', () => {
    expect(rejection(() => delivered(typescriptProject({ release: false })))).toContain('Workflow.ofRelease: the project \'shop\' has no release workflow');
    expect(rejection(() => delivered(plainProject()))).toContain('Workflow.ofRelease: the project \'plain\' has no release workflow');
  });

  it('one that is released by hand', () => {
    expect(rejection(() => delivered(library({ releaseTrigger: release.ReleaseTrigger.manual() })))).toContain('is released by hand (ReleaseTrigger.manual())');
  });

  it('one that is only released as a trial', () => {
    expect(rejection(() => delivered(library({ publishDryRun: true })))).toContain('publishDryRun: true, so nothing is ever released');
  });

  it('one whose releases get no tag', () => {
    const project = library({ githubRelease: false } as Partial<typescript.TypeScriptProjectOptions>);
    delivered(project);
    expect(rejection(() => synthesize(project))).toContain('has no job release_github, so projen gives the release no tag');
  });

  it('GitHub switched off', () => {
    expect(rejection(() => delivered(library({ github: false })))).toContain('has no GitHub');
  });

  it('a trigger that the workflow does not fit', () => {
    expect(rejection(() => delivered(library(), { environments: [environment('staging')] }))).toContain('in a release workflow only what was released is deployed. Use Trigger.release()');
    expect(rejection(() => deliver(library(), { environments: [environment('staging', { trigger: Trigger.release() })] }))).toContain('Set workflow: Workflow.ofRelease()');
  });

  it('two environments that one release would reach at once', () => {
    const environments = ['staging', 'production'].map((name) => environment(name, { trigger: Trigger.release() }));
    expect(rejection(() => delivered(library(), { environments }))).toContain('a release would deploy to \'staging\' and to \'production\' at once, in no order');
  });

  it('a build of what was built already, or files that are not released', () => {
    expect(rejection(() => delivered(library(), { artifact: { buildTask: 'build', paths: ['dist'] } }))).toContain('Leave buildTask and setupSteps out');
    expect(rejection(() => delivered(library(), { artifact: { paths: ['lib'] } }))).toBe('artifact.paths: \'lib\' is not in \'dist\', which holds what is released. Let the release\'s build put it there: dist/lib');
  });
});
