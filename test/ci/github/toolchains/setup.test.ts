import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awscdk, java, javascript, Project, python, TextFile, web } from 'projen';
import { Alert, AlertEvent, DeliveryOptions, HealthCheck, Target } from '../../../../src';
import { toolchainOf } from '../../../../src/ci/github/toolchains/setup';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject, warningsOf, withTasks } from '../../../test-project';
import { Step } from '../../../validators/workflow';

// which steps each project type has with each package manager: test/project-types

function pythonProject(options: Partial<python.PythonProjectOptions> = {}, outdir = temporaryFolder()): python.PythonProject {
  return withTasks(new python.PythonProject({
    name: 'service', moduleName: 'service', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', outdir, ...options,
  }));
}

function javaProject(options: Partial<java.JavaProjectOptions> = {}): java.JavaProject {
  return withTasks(new java.JavaProject({ name: 'service', groupId: 'org.acme', artifactId: 'service', version: '0.1.0', outdir: temporaryFolder(), ...options }));
}

function setUp(project: Project, options: Partial<DeliveryOptions> = {}): Step[] {
  deliver(project, options);
  const { steps } = synthesize(project).deploy.jobs.deploy_staging;
  return steps!.filter(({ id }) => id !== 'checkout' && id !== 'deploy' && id !== 'recover');
}

function inputs(project: Project, action: string): unknown {
  return setUp(project).find(({ uses }) => uses?.startsWith(`${action}@`))?.with;
}

describe('Python', () => {
  it('is of the version that .python-version says, whatever installs the packages', () => {
    for (const options of [{}, { poetry: true }, { uv: true }]) {
      const outdir = temporaryFolder();
      writeFileSync(join(outdir, '.python-version'), '3.12\n');
      expect(inputs(pythonProject(options, outdir), 'actions/setup-python')).toEqual({ 'python-version-file': '.python-version' });
    }
  });

  it('is of the version of a .python-version that projen writes', () => {
    const project = pythonProject();
    new TextFile(project, '.python-version', { lines: ['3.12'] });
    expect(inputs(project, 'actions/setup-python')).toEqual({ 'python-version-file': '.python-version' });
  });

  it('has its virtual environment where the tasks look for it', () => {
    const lines = setUp(pythonProject({ venvOptions: { envdir: '.venv' } })).map(({ run }) => run);
    expect(lines).toContain('python -m venv .venv');
    expect(lines).toContain('.venv/bin/python -m pip install --requirement requirements.txt --requirement requirements-dev.txt');
  });

  it('has a virtual environment in a folder with a space', () => {
    expect(setUp(pythonProject({ venvOptions: { envdir: 'my env' } })).map(({ run }) => run)).toContain('python -m venv \'my env\'');
  });
});

describe('Java', () => {
  it.each([
    ['what projen compiles for by itself', {}, '8'],
    ['what the project compiles for', { compileOptions: { source: '17', target: '21' } }, '21'],
  ])('is %s', (_, options, version) => {
    expect(inputs(javaProject(options), 'actions/setup-java')).toEqual({ 'distribution': 'temurin', 'java-version': version });
  });

  it('is the release that a later word of the pom says', () => {
    const project = javaProject();
    project.addPlugin('org.apache.maven.plugins/maven-compiler-plugin@3.13.0', { configuration: { release: '25' } });
    expect(inputs(project, 'actions/setup-java')).toMatchObject({ 'java-version': '25' });
  });

  it('is 21 where only Maven could say', () => {
    const project = javaProject({ compileOptions: { source: '${java.version}', target: '${java.version}' } });
    expect(inputs(project, 'actions/setup-java')).toMatchObject({ 'java-version': '21' });
  });
});

describe('a version that moves by itself is warned of', () => {
  it.each<[string, () => Project, string]>([
    ['Bun\'s latest', () => typescriptProject({ packageManager: javascript.NodePackageManager.BUN }),
      'Bun is set up as \'latest\', which may be another one at every deployment. Name the one that you use: bunVersion: \'1.3.5\''],
    ['Node\'s newest, with Next.js', () => new web.NextJsProject({
      name: 'shop', defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM, outdir: temporaryFolder(),
    }), 'Node is set up as \'lts/*\', which may be another one at every deployment. Name the one that you use: workflowNodeVersion: \'24\''],
    ['a CDK CLI that the library outgrows', () => new awscdk.AwsCdkJavaApp({
      name: 'shop', groupId: 'org.acme', artifactId: 'shop', version: '0.1.0', mainClass: 'org.acme.App', cdkVersion: '2.200.0', outdir: temporaryFolder(),
    }), 'the CDK CLI is set up as 2.1148.1, which aws-cdk-lib may outgrow. Set cdkCliVersion: \'2.1148.1\', or a newer one'],
  ])('%s', (_, make, warning) => {
    const project = make();
    if (!project.tasks.tryFind('ship')) withTasks(project);
    deliver(project, { needs: [] });
    expect(warningsOf(project)).toEqual([`projen-delivery: ${warning}`]);
  });
});

describe('what the user says', () => {
  it('replaces what the project\'s language needs', () => {
    expect(setUp(pythonProject(), { toolchainSteps: [{ name: 'mine', run: 'true' }] })).toEqual([{ id: 'mine', name: 'mine', run: 'true' }]);
  });

  it('may be that nothing is needed', () => {
    expect(setUp(typescriptProject(), { toolchainSteps: [] })).toEqual([]);
  });

  it('comes behind what the project\'s language needs', () => {
    const login = { id: 'login', name: 'log in', run: './login' };
    expect(setUp(pythonProject(), { setupSteps: [login] })).toEqual([...setUp(pythonProject()), login]);
  });
});

describe('a login in setupSteps of a project with an artifact', () => {
  const written = () => {
    const project = typescriptProject();
    deliver(project, {
      target: Target.tasks({ deploy: 'ship', idToken: true }),
      artifact: { paths: ['dist'], buildTask: 'ship', setupSteps: [{ id: 'tool', name: 'a tool', run: 'true' }] },
      environments: [environment('staging', { healthChecks: [HealthCheck.command('npx projen ship')] })],
      setupSteps: [{ id: 'login', name: 'log in', run: './login' }],
      drill: { environments: ['staging'] },
      monitoring: {},
      alerts: [Alert.command({ task: 'ship', on: [AlertEvent.FIRING] })],
    });
    const synthesized = synthesize(project);
    return synthesized.workflows.flatMap((name) => Object.entries(synthesized.workflow(name).jobs).map(([id, job]) => ({ where: `${name} ${id}`, ...job })));
  };
  const has = (id: string) => ({ steps }: { steps?: Step[] }) => steps!.some((step) => step.id === id || step.run === id);

  it('does not land in the build, which has neither the environment nor an id token, and takes no npm ci away', () => {
    const jobs = written();
    const [build] = jobs.filter(({ where }) => where === 'deploy build');
    expect(build.steps!.map(({ id, run }) => id ?? run)).toEqual(['checkout', 'setup_node', 'install_dependencies', 'tool', 'make', 'pack', 'upload'].map((id) => expect.stringMatching(id) as unknown));
    expect(jobs.filter(has('login')).every(({ environment: place, permissions }) => place !== undefined && (permissions as Record<string, string>)['id-token'] === 'write')).toBe(true);
  });

  it('runs in every job that deploys or rolls back, after the toolchain, and in no other', () => {
    const jobs = written();
    expect(jobs.filter(has('login')).map(({ where }) => where).sort()).toEqual([
      'deploy deploy_staging', 'deploy rollback_staging', 'drill drill', 'drill recover', 'rollback recover', 'rollback rollback',
    ]);
    // a health check that is a command is a task all the same
    expect(jobs.filter(has('npm ci')).map(({ where }) => where)).toEqual(expect.arrayContaining(['deploy build', 'deploy environment_staging', 'deploy monitor_staging', 'rollback decision', 'monitor watch']));
    for (const { steps } of jobs.filter(has('login'))) {
      const at = (wanted: string) => steps!.findIndex(({ id, run }) => id === wanted || run === wanted);
      expect(at('login')).toBeGreaterThan(at('npm ci'));
    }
  });

  it('has an id that no other step of the job has', () => {
    expect(() => deliver(plainProject(), { toolchainSteps: [{ id: 'tool', run: 'true' }], setupSteps: [{ id: 'tool', run: 'true' }] }))
      .toThrow('setupSteps[0].id: \'tool\' is the id of another step of the same job. Choose another id');
  });
});

describe('a cache that an action restores by itself', () => {
  it.each<[string, Record<string, unknown> | undefined, Record<string, unknown> | undefined]>([
    ['oven-sh/setup-bun@v2', { 'bun-version': '1.3.5' }, { 'bun-version': '1.3.5', 'no-cache': true }],
    ['pnpm/action-setup@v6', { cache: true, cache_dependency_path: 'pnpm-lock.yaml' }, undefined],
    ['actions/setup-python@v7', { 'cache': 'pip', 'cache-dependency-path': 'requirements.txt' }, undefined],
  ])('of %s is left out, without a warning', (uses, given, left) => {
    const project = plainProject();
    deliver(project, { setupSteps: [{ uses, with: given }] });
    expect(warningsOf(project)).toEqual([]);
    expect(synthesize(project).deploy.jobs.deploy_staging.steps![1].with).toEqual(left);
  });
});

describe('a project in a folder of the repository', () => {
  const linesOf = (project: Project) => toolchainOf(project, 'services/api').steps.filter(({ run }) => run !== undefined);

  it('has its packages installed there', () => {
    for (const project of [typescriptProject(), pythonProject(), pythonProject({ poetry: true }), pythonProject({ uv: true }), javaProject()]) {
      const places = linesOf(project).map(({ workingDirectory }) => workingDirectory);
      expect(places.length).toBeGreaterThan(0);
      expect(new Set(places)).toEqual(new Set(['services/api']));
    }
  });

  it('says its version there', () => {
    const [python3] = toolchainOf(pythonProject({ uv: true }), 'services/api').steps;
    expect(python3.with).toEqual({ 'python-version-file': 'services/api/pyproject.toml' });
  });
});
