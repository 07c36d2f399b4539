import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DeliveryOptions } from '../../src';
import { deliver, Synthesized, synthesize, temporaryFolder, withTasks } from '../test-project';
import { BUN_VERSION, CDK_CLI_VERSION, NODE_VERSION, PNPM_VERSION, PROJECT_TYPES, ProjectType, WorkflowKind } from './project-types';
import { Finding } from '../validators/finding';
import { validate } from '../validators/validate';
import { Step } from '../validators/workflow';

/** What is said where the jobs do not stand in a workflow of their own. */
const WORKFLOWS: Record<WorkflowKind, Partial<DeliveryOptions>> = { own: {} };

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

interface Combination {
  readonly type: ProjectType;
  readonly manager: string;
  readonly workflow: WorkflowKind;
}

const COMBINATIONS = PROJECT_TYPES.flatMap((type) => type.managers.flatMap((manager) => type.workflows.map((workflow): [string, Combination] => (
  [`${type.name}, ${manager}, in a workflow of its ${workflow}`, { type, manager, workflow }]))));

describe.each(COMBINATIONS)('%s', (_, combination) => {
  const { type, manager } = combination;
  const outdir = temporaryFolder();
  const warnings: string[] = [];
  let first: Synthesized;

  beforeAll(() => { first = synthesizeInto(outdir, combination, warnings); });

  it('has all that its tasks need, in every job that runs them', () => {
    const wanted = [...TOOLCHAINS[manager], ...PROGRAMS[type.name] ?? []];
    const { deploy, rollback } = first;
    for (const job of [deploy.jobs.build, deploy.jobs.deploy_staging, deploy.jobs.rollback_staging, rollback.jobs.rollback_staging]) {
      expect(job.steps!.filter(isSetUp).flatMap(shown)).toEqual(wanted);
    }
  });

  it('leaves no version to chance', () => {
    expect(warnings).toEqual([]);
  });

  it('is right in the eyes of every validator', async () => {
    for (const name of first.workflows) expect(await validateOnce(first.workflowText(name), `${name}.yml`)).toEqual([]);
  });

  it('comes out the same again', () => {
    const before = filesIn(outdir);
    synthesizeInto(outdir, combination);
    expect(filesIn(outdir)).toEqual(before);
  });
});

afterAll(() => {
  const texts = Math.round(validated.size / 2);
  process.stdout.write(`project types: ${PROJECT_TYPES.length}, with their package managers and workflows ${COMBINATIONS.length} combinations, ${texts} pairs of workflows\n`);
});

function synthesizeInto(outdir: string, { type, manager, workflow }: Combination, warnings: string[] = []): Synthesized {
  const project = withTasks(type.make(outdir, manager));
  jest.spyOn(project.logger, 'warn').mockImplementation((...text: unknown[]) => {
    if (String(text[0]).startsWith('projen-delivery: ')) warnings.push(text.join(' '));
  });
  deliver(project, { artifact: { paths: ['dist'] }, ...WORKFLOWS[workflow] });
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

const validated = new Map<string, Promise<Finding[]>>();

/** Most project types of a language have the same workflows. */
function validateOnce(text: string, fileName: string): Promise<Finding[]> {
  const findings = validated.get(text) ?? validate(text, fileName);
  validated.set(text, findings);
  return findings;
}

function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(files.map(({ parentPath, name }) => join(parentPath, name)).map((file) => [relative(folder, file), readFileSync(file, 'utf8')]));
}
