import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Component } from 'projen';
import { BUN_VERSION, CDK_CLI_VERSION, Combination, NODE_VERSION, PNPM_VERSION, WorkflowKind } from './project-types';
import { DeliveryOptions, Trigger, Workflow } from '../../src';
import { deliver, environment, Synthesized, synthesize, temporaryFolder, withTasks } from '../test-project';
import { Finding } from '../validators/finding';
import { validate, validateJoined } from '../validators/validate';
import { Step } from '../validators/workflow';

/** By workflow: what is said of it. */
export const OPTIONS: Record<WorkflowKind, Partial<DeliveryOptions>> = {
  own: { artifact: { paths: ['dist'] } },
  build: { artifact: { paths: ['dist'] }, workflow: Workflow.ofBuild() },
  release: { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] },
};

/** By workflow: the name of its file. */
const FILES: Record<WorkflowKind, string> = { own: 'deploy', build: 'build', release: 'release' };

const SETUP_NODE = `actions/setup-node node-version=${NODE_VERSION} package-manager-cache=false`;

/** By package manager: what a job runs before the project's tasks. */
const TOOLCHAINS: Record<string, string[]> = {
  'none': [],
  'npm': [SETUP_NODE, 'npm ci'],
  'yarn classic': [SETUP_NODE, 'yarn install --check-files --frozen-lockfile'],
  'yarn berry': ['corepack enable', SETUP_NODE, 'yarn install --immutable'],
  'pnpm': [`pnpm/action-setup version=${PNPM_VERSION}`, SETUP_NODE, 'pnpm i --frozen-lockfile'],
  'bun': [`oven-sh/setup-bun bun-version=${BUN_VERSION} no-cache=true`, 'bun install --frozen-lockfile'],
  'pip': [
    'actions/setup-python python-version=3.13',
    'python -m venv .env',
    '.env/bin/python -m pip install --requirement requirements.txt --requirement requirements-dev.txt',
  ],
  'poetry': ['actions/setup-python python-version-file=pyproject.toml', 'python -m pip install poetry==2.5.1', 'poetry check --lock', 'poetry install --no-interaction'],
  'uv': ['actions/setup-python python-version-file=pyproject.toml', 'python -m pip install uv==0.13.8', 'uv sync --locked --no-python-downloads'],
  'Maven': [
    'actions/setup-java distribution=temurin java-version=17',
    'mvn --batch-mode --no-transfer-progress org.apache.maven.plugins:maven-dependency-plugin:3.8.1:go-offline',
  ],
};
TOOLCHAINS.setuptools = TOOLCHAINS.pip;

/** By project type: what its tasks call besides. */
const PROGRAMS: Record<string, string[]> = {
  'AWS CDK app in Python': [`npm install --global --ignore-scripts aws-cdk@${CDK_CLI_VERSION}`],
  'AWS CDK app in Java': [`npm install --global --ignore-scripts aws-cdk@${CDK_CLI_VERSION}`],
  'cdk8s app in Python': ['npm install --global --ignore-scripts cdk8s-cli@2.207.60'],
};

/** By workflow: the jobs that run the project's tasks. */
const WORKING: Record<WorkflowKind, string[]> = {
  own: ['build', 'deploy_staging', 'rollback_staging'],
  build: ['delivery_release', 'deploy_staging', 'rollback_staging'],
  // what is released was built already
  release: ['deploy_staging', 'rollback_staging'],
};

/** A job that another component adds when the project is synthesized. */
const LATER = 'added-later';
const TEST_JOB = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };

/** What each row of the table in docs/projects.md promises. */
export function whatHolds(combinations: readonly Combination[]): void {
  describe.each(combinations.map((combination) => [titleOf(combination), combination] as const))('%s', (_, combination) => everything(combination));
}

function titleOf({ type, manager, workflow }: Combination): string {
  return `${type.name}, ${manager}, in ${workflow === 'own' ? 'a workflow of its own' : `its ${workflow} workflow`}`;
}

function everything(combination: Combination): void {
  const { type, manager, workflow } = combination;
  const outdir = temporaryFolder();
  const warnings: string[] = [];
  let first: Synthesized;

  beforeAll(() => {
    first = synthesizeInto(outdir, combination, warnings);
    if (workflow === 'own') plain.set(keyOf(combination), first);
  });

  it('has all that its tasks need, in every job that runs them', () => {
    const wanted = [...TOOLCHAINS[manager], ...PROGRAMS[type.name] ?? []];
    const { jobs } = first.workflow(FILES[workflow]);
    for (const job of [...WORKING[workflow].map((id) => jobs[id]), first.rollback.jobs.rollback]) {
      expect(job.steps!.filter(isSetUp).flatMap(shown)).toEqual(wanted);
    }
  });

  it('waits for a job that is added later', () => {
    const { deploy_staging: deploy } = first.workflow(FILES[workflow]).jobs;
    expect(deploy.needs).toContain(LATER);
    expect(deploy.if).toContain(`needs.${LATER}.result == 'success'`);
  });

  it('leaves no version to chance', () => {
    expect(warnings).toEqual([]);
  });

  it('is right in the eyes of every validator', async () => {
    for (const name of [FILES[workflow], 'rollback']) expect(await findings(first.workflowText(name), `${name}.yml`)).toEqual([]);
  });

  it('comes out the same again', () => {
    const before = filesIn(outdir);
    synthesizeInto(outdir, combination);
    expect(filesIn(outdir)).toEqual(before);
  });

  if (workflow !== 'own') {
    it('keeps the jobs that the workflow has', () => {
      const { jobs } = first.workflow(workflow);
      const before = withoutUs(combination).workflow(workflow).jobs;
      expect(Object.fromEntries(Object.keys(before).map((id) => [id, jobs[id]]))).toEqual(before);
      expect(first.workflows).toEqual(['rollback']);
    });
  }
}

function synthesizeInto(outdir: string, { type, manager, workflow }: Combination, warnings: string[] = []): Synthesized {
  const project = withTasks(type.make(outdir, manager));
  jest.spyOn(project.logger, 'warn').mockImplementation((...text: unknown[]) => {
    if (String(text[0]).startsWith('projen-delivery: ')) warnings.push(text.join(' '));
  });
  const delivery = deliver(project, OPTIONS[workflow]);
  new (class extends Component {
    public preSynthesize(): void {
      delivery.workflow.addJob(LATER, TEST_JOB);
    }
  })(project);
  return synthesize(project);
}

/** Neither ours nor GitHub's own. */
function isSetUp({ id, uses, run }: Step): boolean {
  return !/^actions\/(checkout|upload-artifact|download-artifact)@/.test(uses ?? '') && !run?.includes('delivery.cjs') && id !== 'pack';
}

function shown({ uses, run, with: inputs }: Step): string[] {
  const [action] = uses?.split('@') ?? [];
  return run?.split('\n') ?? [[action, ...Object.entries(inputs ?? {}).map(([name, value]) => `${name}=${String(value)}`)].join(' ')];
}

/** By text: each workflow is looked at once. */
export const validated = new Map<string, Promise<Finding[]>>();

/** Most project types of a language have the same workflows. */
function findings(text: string, fileName: string): Promise<Finding[]> {
  const known = validated.get(text) ?? (fileName === 'build.yml' || fileName === 'release.yml' ? validateJoined : validate)(text, fileName);
  validated.set(text, known);
  return known;
}

const plain = new Map<string, Synthesized>();

/** A delivery in a workflow of its own leaves the others as they are. */
function withoutUs(combination: Combination): Synthesized {
  const key = keyOf(combination);
  const known = plain.get(key) ?? synthesizeInto(temporaryFolder(), { ...combination, workflow: 'own' });
  plain.set(key, known);
  return known;
}

function keyOf({ type, manager }: Combination): string {
  return `${type.name}, ${manager}`;
}

function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(files.map(({ parentPath, name }) => join(parentPath, name)).map((file) => [relative(folder, file), readFileSync(file, 'utf8')]));
}
