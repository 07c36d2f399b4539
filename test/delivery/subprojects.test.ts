import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as projen from 'projen';
import { github, javascript, Project, typescript } from 'projen';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { Delivery, DeliveryOptions, JobKind, Trigger, Workflow } from '../../src';
import * as library from '../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject, withTasks } from '../test-project';
import { validate } from '../validators/validate';

/** A service in a folder of its own below the root. */
function service(root: Project, name: string, outdir: string): Project {
  return withTasks(new Project({ name, parent: root, outdir }));
}

function nodeService(root: Project, name: string, outdir: string): typescript.TypeScriptAppProject {
  return withTasks(new typescript.TypeScriptAppProject({
    name, parent: root, outdir, defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, minNodeVersion: '20.0.0',
  }));
}

const API: Partial<DeliveryOptions> = {
  onlyIfChanged: ['services/my api', 'libs/c++', '!**/*.md'],
  artifact: { buildTask: 'build', paths: ['dist'] },
  environments: [environment('staging'), environment('production', { trigger: Trigger.tag('api-v*', { requires: 'staging' }) })],
  drill: { environments: ['staging'] },
};

/** Two services and the root itself, each with a delivery to an environment called staging. */
function monorepo(outdir = temporaryFolder()): { root: Project; api: Delivery; web: Delivery } {
  const root = plainProject({}, outdir);
  const api = deliver(nodeService(root, '@acme/api', 'services/my api'), API);
  const web = deliver(service(root, 'web', 'services/web'), { setupSteps: [{ uses: 'actions/setup-go@v7' }, { run: 'go install .' }, { run: 'true', workingDirectory: 'tools' }] });
  deliver(root);
  return { root, api, web };
}

describe('deliveries of several projects side by side', () => {
  it('have workflows, manifests and jobs of their own at the root, and one runtime', () => {
    const { root } = monorepo();
    const written = synthesize(root);
    expect(readdirSync(join(root.outdir, '.github/workflows')).sort()).toEqual([
      'deploy.yml', 'deploy_acme-api.yml', 'deploy_web.yml', 'drill_acme-api.yml', 'rollback.yml', 'rollback_acme-api.yml', 'rollback_web.yml',
    ]);
    expect(readdirSync(join(root.outdir, '.projen')).filter((file) => file.startsWith('delivery')).sort())
      .toEqual(['delivery-acme-api.json', 'delivery-web.json', 'delivery.cjs', 'delivery.json']);
    expect(existsSync(join(root.outdir, 'services/web/.projen/delivery.cjs'))).toBe(false);
    expect(Object.keys(written.workflow('deploy_web').jobs)).toEqual(['environment_web_staging', 'deploy_web_staging', 'monitor_web_staging', 'rollback_web_staging']);
    expect(Object.keys(written.deploy.jobs)).toEqual(['environment_staging', 'deploy_staging', 'monitor_staging', 'rollback_staging']);
  });

  it('are GitHub workflows like ours always are', async () => {
    const written = synthesize(monorepo().root);
    for (const name of ['deploy_acme-api', 'rollback_acme-api', 'drill_acme-api', 'deploy_web', 'rollback_web', 'deploy']) {
      expect([name, await validate(written.workflowText(name), `${name}.yml`)]).toEqual([name, []]);
    }
  });

  it('say in the manifest whose it is, and where: the root project\'s says nothing', () => {
    const { root } = monorepo();
    const written = synthesize(root);
    const manifest = (name: string) => JSON.parse(written.text(`.projen/delivery-${name}.json`)) as { project: unknown; runtime: unknown };
    expect(manifest('acme-api').project).toEqual({ name: 'acme-api', directory: 'services/my api' });
    expect(manifest('web').project).toEqual({ name: 'web', directory: 'services/web' });
    expect(written.manifest.project).toBeUndefined();
    expect(manifest('web').runtime).toEqual(written.manifest.runtime);
  });

  it('share GitHub environments, and no queue', () => {
    const written = synthesize(monorepo().root);
    const job = (name: string, id: string) => written.workflow(name).jobs[id];
    for (const [name, id] of [['deploy', 'deploy_staging'], ['deploy_web', 'deploy_web_staging'], ['deploy_acme-api', 'deploy_acme_api_staging']]) {
      expect(job(name, id).environment).toMatchObject({ name: 'staging' });
    }
    expect(job('deploy', 'deploy_staging').concurrency).toMatchObject({ group: 'delivery-deploy-staging' });
    expect(job('deploy_web', 'deploy_web_staging').concurrency).toMatchObject({ group: 'delivery-deploy-web:staging' });
    expect(job('rollback_acme-api', 'rollback').concurrency).toMatchObject({ group: 'delivery-rollback-acme-api:${{ inputs.environment }}' });
    expect(job('deploy_web', 'deploy_web_staging').name).toBe('deploy staging (web)');
  });

  it('name the project in every step of the runtime', () => {
    const written = synthesize(monorepo().root);
    for (const name of ['deploy_acme-api', 'rollback_acme-api', 'drill_acme-api']) {
      const runs = Object.values(written.workflow(name).jobs).flatMap(({ steps }) => steps!).flatMap(({ run }) => (run?.includes('delivery.cjs') ? [run] : []));
      expect(runs.length).toBeGreaterThan(3);
      for (const run of runs) expect(run).toMatch(/^exec node \.projen\/delivery\.cjs [a-z]+ (staging|production|"\$DELIVERY_INPUT_ENVIRONMENT") --project acme-api( |$)/);
    }
  });

  it('are found by their project', () => {
    const { root, api } = monorepo();
    expect(Delivery.of(api.project)).toBe(api);
    expect(Delivery.of(root)).not.toBe(api);
    expect(api.jobId('staging', JobKind.DEPLOY)).toBe('deploy_acme_api_staging');
    expect(api.workflow.name).toBe('deploy_acme-api');
  });

  it('are the same wherever the checkout lies, down to the byte', () => {
    const folders = [temporaryFolder(), join(temporaryFolder(), 'somewhere else')];
    const [here, there] = folders.map((folder) => {
      synthesize(monorepo(folder).root);
      return contentsOf(folder);
    });
    expect(Object.keys(here)).toContain('services/my api/.projen/tasks.json');
    expect(here).toEqual(there);
    for (const [path, text] of Object.entries(here)) for (const folder of folders) expect([path, text.includes(folder)]).toEqual([path, false]);
  });

  it('come in any order: the root\'s may be the last or the first', () => {
    const [first, last] = [plainProject(), plainProject()];
    deliver(first);
    for (const root of [first, last]) deliver(service(root, 'web', 'web'));
    deliver(last);
    const [a, b] = [first, last].map((root) => {
      synthesize(root);
      return contentsOf(root.outdir);
    });
    expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
    expect(a['.github/workflows/deploy_web.yml']).toBe(b['.github/workflows/deploy_web.yml']);
  });
});

describe('a subproject\'s directory', () => {
  it('is where the build works, and its steps that run commands, unless they say where', () => {
    const written = synthesize(monorepo().root);
    const placed = (workflow: string, job: string) => Object.fromEntries(written.workflow(workflow).jobs[job].steps!.map((step) => [step.id, step['working-directory']]));
    expect(placed('deploy_acme-api', 'build')).toMatchObject({ make: 'services/my api', pack: 'services/my api' });
    const steps = written.workflow('deploy_web').jobs.deploy_web_staging.steps!.filter(({ name }) => name?.startsWith('set up'));
    expect(steps.map((step) => step['working-directory'])).toEqual([undefined, 'services/web', 'tools']);
  });

  it('gets its dependencies after the root, whose projen runs the tasks', () => {
    const root = typescriptProject();
    deliver(nodeService(root, 'api', 'services/api'));
    const steps = synthesize(root).workflow('deploy_api').jobs.deploy_api_staging.steps!;
    expect(steps.filter(({ run }) => run === 'npm ci').map((step) => step['working-directory'])).toEqual([undefined, 'services/api']);
    expect(steps.filter(({ uses }) => uses?.startsWith('actions/setup-node'))).toHaveLength(1);
  });

  it('gets none of its own in a workspace, which the root installs for all', () => {
    const root = typescriptProject();
    root.package.addField('workspaces', ['services/*']);
    deliver(nodeService(root, 'api', 'services/api'));
    const steps = synthesize(root).workflow('deploy_api').jobs.deploy_api_staging.steps!;
    expect(steps.filter(({ run }) => run === 'npm ci').map((step) => step['working-directory'])).toEqual([undefined]);
  });

  it('has a task that works from there; the root has one for all', () => {
    const { root, api } = monorepo();
    synthesize(root);
    const task = (folder: string) => (JSON.parse(readFileSync(join(folder, '.projen/tasks.json'), 'utf8')) as { tasks: Record<string, { steps: unknown }> }).tasks.delivery;
    expect(task(api.project.outdir)).toMatchObject({ steps: [{ execArgs: ['node', '../../.projen/delivery.cjs', '--project', 'acme-api', '$@'], receiveArgs: true }] });
    expect(task(root.outdir)).toMatchObject({ steps: [{ execArgs: ['node', '.projen/delivery.cjs', '$@'], receiveArgs: true }] });
  });

  it('may lie below another subproject', () => {
    const root = plainProject();
    const group = new Project({ name: 'group', parent: root, outdir: 'group' });
    deliver(service(group, 'web', 'deep/web'));
    expect(JSON.parse(synthesize(root).text('.projen/delivery-web.json'))).toMatchObject({ project: { name: 'web', directory: 'group/deep/web' } });
  });
});

describe('onlyIfChanged', () => {
  const filters = (paths: string[]) => {
    const root = plainProject();
    deliver(service(root, 'web', 'services/web'), { onlyIfChanged: paths });
    return (synthesize(root).workflow('deploy_web').on as { push: unknown }).push;
  };

  it('starts the workflow only for what is in the folders, and for what its options say', () => {
    expect(filters(['services/web', './libs/c++/', '!**/*.md'])).toEqual({
      branches: ['main'],
      paths: ['services/web', 'services/web/**', 'libs/c\\+\\+', 'libs/c\\+\\+/**', '!**/*.md', '.projen/delivery-web.json'],
    });
  });

  it('is not there unless one says so', () => {
    const root = plainProject();
    deliver(service(root, 'web', 'services/web'));
    expect(synthesize(root).workflowText('deploy_web')).not.toContain('paths:');
  });

  it('is the root project\'s too', () => {
    const root = plainProject();
    deliver(root, { onlyIfChanged: ['src'] });
    expect(synthesize(root).deploy.on).toMatchObject({ push: { paths: ['src', 'src/**', '.projen/delivery.json'] } });
  });

  it.each([
    [[], 'names nothing, so no push would ever deploy'],
    [['/src'], 'is not a file or folder inside the repository'],
    [['../lib'], 'is not a file or folder inside the repository'],
    [['a//b'], 'is not a file or folder inside the repository'],
    [['.'], 'is not a file or folder inside the repository'],
    [[7 as never], 'is not a file or folder inside the repository'],
    [['src\\lib'], 'is no filter that GitHub reads'],
    [['src\nlib'], 'is no filter that GitHub reads'],
    [['src/${{ x }}'], 'is no filter that GitHub reads'],
    [['src/[a'], 'is no filter that GitHub reads'],
    [['!docs'], 'excludes from nothing'],
  ])('refuses %j', (paths, fault) => {
    expect(() => filters(paths)).toThrow(fault);
  });

  it('is rejected where no branch deploys: GitHub does not look at the paths of tags', () => {
    const root = plainProject();
    deliver(root, { onlyIfChanged: ['src'], environments: [environment('production', { trigger: Trigger.tag('v*') })] });
    expect(() => synthesize(root)).toThrow('Delivery onlyIfChanged: no environment has Trigger.branch');
  });
});

describe('a workflow that several projects\' jobs join', () => {
  function joined(): { root: Project; deliveries: Delivery[] } {
    const root = plainProject();
    const ci = new github.GithubWorkflow(github.GitHub.of(root)!, 'ci');
    ci.on({ push: { branches: ['main'] } });
    ci.addJob('test', { runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'true' }] });
    const options = { workflow: Workflow.named('ci'), artifact: { paths: ['dist'] } };
    return { root, deliveries: ['api', 'web'].map((name) => deliver(service(root, name, name), options)) };
  }

  it('has a build of each, and no project waits for another one', () => {
    const { root, deliveries } = joined();
    const { jobs } = synthesize(root).workflow('ci');
    expect(Object.keys(jobs)).toEqual(['test', ...['api', 'web'].flatMap((name) => [
      `delivery_release_${name}`, ...['environment', 'deploy', 'monitor', 'rollback'].map((kind) => `${kind}_${name}_staging`),
    ])]);
    expect(jobs.deploy_web_staging.needs).toEqual(['delivery_release_web', 'environment_web_staging', 'test']);
    const kept = (name: string) => jobs[`delivery_release_${name}`].steps!.find(({ id }) => id === 'upload')!.with;
    expect([kept('api'), kept('web')]).toEqual(['api', 'web'].map((name) => expect.objectContaining({ name: `delivery-release_${name}-\${{ github.run_attempt }}` }) as unknown));
    expect(deliveries.map(({ workflow }) => workflow.name)).toEqual(['ci', 'ci']);
    expect(readdirSync(join(root.outdir, '.github/workflows')).sort()).toEqual(['ci.yml', 'rollback_api.yml', 'rollback_web.yml']);
  });

  it('is not kept from running by the paths of one of them', () => {
    const root = plainProject();
    new github.GithubWorkflow(github.GitHub.of(root)!, 'ci').on({ push: { branches: ['main'] } });
    expect(() => deliver(service(root, 'api', 'api'), { workflow: Workflow.named('ci'), onlyIfChanged: ['api'] }))
      .toThrow('Delivery onlyIfChanged: the workflow of the jobs has other jobs');
  });
});

describe('conflicting deliveries are rejected', () => {
  it('two subprojects whose files would be called alike', () => {
    const root = plainProject();
    deliver(service(root, '@acme/api', 'a'));
    expect(() => deliver(service(root, 'Acme-API', 'b')))
      .toThrow('the files of \'b\' would be called like those of \'a\' (.projen/delivery-Acme-API.json). Give one of the two subprojects another name');
  });

  it('a second delivery of a subproject', () => {
    const api = service(plainProject(), 'api', 'api');
    deliver(api);
    expect(() => deliver(api)).toThrow('the project \'api\' has one already');
  });

  it('a workflow of the root\'s that is called like one of ours', () => {
    const root = plainProject();
    new github.GithubWorkflow(github.GitHub.of(root)!, 'rollback_api');
    expect(() => deliver(service(root, 'api', 'api'))).toThrow('the project has a workflow \'rollback_api\' already');
  });

  it.each(['api', 'root'])('a task delivery of someone else\'s: %s', (where) => {
    const root = plainProject();
    const api = service(root, 'api', 'api');
    (where === 'api' ? api : root).addTask('delivery', { exec: 'true' });
    expect(() => deliver(api)).toThrow('has a task \'delivery\' already');
  });

  it('a root without GitHub', () => {
    const root = new Project({ name: 'mono', outdir: temporaryFolder() });
    expect(() => deliver(service(root, 'api', 'api'))).toThrow('the project \'mono\' has no GitHub');
  });

  it.each(['_api', 'x'.repeat(51)])('a name that no file can carry: %s', (name) => {
    expect(() => deliver(service(plainProject(), name, 'api'))).toThrow('cannot be part of a file\'s name');
  });

  it('a folder outside of the repository', () => {
    expect(() => deliver(service(plainProject(), 'api', '../api'))).toThrow('is not in a folder of its own below the root project');
  });
});

it('is synthesized as docs/monorepos.md shows it', () => {
  const text = readFileSync(join(__dirname, '../../docs/monorepos.md'), 'utf8');
  const [, example] = /```ts\n([\s\S]*?)```/.exec(text)!;
  const outdir = temporaryFolder();
  // its first line makes the root, which here gets a folder of its own; nothing is installed
  const placed = example.replace('{ name: \'shop\' }', `{ name: 'shop', outdir: ${JSON.stringify(outdir)} }`).replace('root.synth()', 'synthesize(root)');
  expect(placed).toContain(outdir);
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  const { diagnostics, outputText } = transpileModule(placed, { compilerOptions, reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
  new Function('require', 'exports', 'synthesize', outputText)((name: string) => (name === 'projen' ? projen : library), {}, synthesize);
  expect(readdirSync(join(outdir, '.github/workflows')).sort()).toEqual(['deploy_api.yml', 'deploy_web.yml', 'rollback_api.yml', 'rollback_web.yml']);
  expect(readFileSync(join(outdir, '.github/workflows/deploy_web.yml'), 'utf8')).toContain('- services/web/**');
});

/** Every file of a folder, by its path. The runtime is the same everywhere. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== 'delivery.cjs');
  return Object.fromEntries(files.map(({ parentPath, name }) => join(parentPath, name)).map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}
