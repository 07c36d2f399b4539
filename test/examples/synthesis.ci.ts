import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHECKOUT, prepareExample } from './workspace';
import { EnvironmentManifest, Manifest } from '../../src/contract/manifest';
import { validate } from '../validators/validate';

interface Job {
  readonly needs?: string | string[];
  readonly strategy?: { readonly matrix: Record<string, unknown> };
  readonly steps: { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}

interface Workflow {
  readonly on: unknown;
  readonly jobs: Record<string, Job>;
}

/** The workflows that every project gets. */
const WORKFLOWS = ['deploy', 'rollback'] as const;
type Name = typeof WORKFLOWS[number];

interface Synthesized {
  readonly texts: Record<Name, string>;
  readonly workflows: Record<Name, Workflow>;
  readonly manifest: Manifest;
}

interface Example {
  readonly name: string;
  readonly projenrc: string;
  /** By environment: what starts it, how it is deployed, and what deploys it. */
  readonly environments: Record<string, string>;
  readonly on: object;
  /** What the jobs that deploy sign in or set up with, besides checking out. */
  readonly actions: string[];
}

const [MAIN, TAGS] = [{ push: { branches: ['main'] } }, { push: { tags: ['v*'] } }];
const MAIN_AND_TAGS = { push: { ...MAIN.push, ...TAGS.push } };
const AWS = 'aws-actions/configure-aws-credentials';

const EXAMPLES: Example[] = [
  {
    name: 'shop',
    projenrc: '.projenrc.ts',
    environments: { staging: 'branch, blueGreen, deploy and promote', production: 'tag of staging, blueGreen, deploy and promote' },
    on: MAIN_AND_TAGS,
    actions: [],
  },
  { name: 'shop', projenrc: '.projenrc.demo.ts', environments: { production: 'tag, blueGreen, deploy and promote' }, on: TAGS, actions: [] },
  { name: 'shop', projenrc: '.projenrc.demo-canary.ts', environments: { production: 'tag, canary, deploy and setWeight' }, on: TAGS, actions: [] },
  {
    name: 'python-service',
    projenrc: '.projenrc.ts',
    environments: { staging: 'branch, redeploy, deploy', production: 'tag of staging, redeploy, deploy' },
    on: MAIN_AND_TAGS,
    actions: [],
  },
  {
    name: 'aws-cdk-app',
    projenrc: '.projenrc.ts',
    environments: { staging: 'branch, redeploy, awsCdk', production: 'after staging, redeploy, awsCdk' },
    on: MAIN,
    actions: [AWS],
  },
  {
    name: 'aws-cdk-app-python',
    projenrc: '.projenrc.ts',
    environments: { production: 'branch, redeploy, awsCdk' },
    on: MAIN,
    actions: ['actions/setup-python', AWS],
  },
  {
    name: 'cdk8s-app',
    projenrc: '.projenrc.ts',
    environments: { staging: 'branch, redeploy, kubernetes', production: 'after staging, redeploy, kubernetes' },
    on: MAIN,
    actions: [],
  },
];

describe.each(EXAMPLES)('$name as $projenrc says', ({ name, projenrc, environments, on, actions }) => {
  let root: string;
  let repository: string;
  let synthesized: Synthesized;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'example-'));
    ({ repository } = await prepareExample(name, { root, projenrc }));
    const texts = each((workflow) => readFileSync(join(repository, '.github', 'workflows', `${workflow}.yml`), 'utf8'));
    synthesized = {
      texts,
      workflows: each((workflow) => parse(texts[workflow]) as Workflow),
      manifest: JSON.parse(readFileSync(join(repository, '.projen', 'delivery.json'), 'utf8')) as Manifest,
    };
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('the definition type-checks, strictly', () => {
    const compiler = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'commonjs', '--moduleResolution', 'node'];
    const check = () => execFileSync(process.execPath, [compiler, ...options, projenrc], { cwd: repository, encoding: 'utf8' });
    expect(check).not.toThrow();
  });

  test('what starts the workflow, and its jobs: a build, and four for each environment', () => {
    const { on: events, jobs } = synthesized.workflows.deploy;
    expect(events).toEqual(on);
    const four = Object.keys(environments).flatMap((environment) => ['environment', 'deploy', 'monitor', 'rollback'].map((job) => `${job}_${environment}`));
    expect(Object.keys(jobs).sort()).toEqual(['build', ...four, ...name === 'python-service' ? ['test'] : []].sort());
    expect(Object.keys(synthesized.workflows.rollback.jobs)).toEqual(['hold', 'rollback', 'monitor', 'recover', 'decision']);
  });

  test('the jobs that deploy sign in and set up with nothing else', () => {
    const deploying = Object.entries(synthesized.workflows.deploy.jobs).filter(([id]) => id.startsWith('deploy_'));
    for (const [id, { steps }] of deploying) {
      const used = steps.flatMap(({ uses }) => uses?.split('@')[0] ?? []).filter((action) => action !== 'actions/checkout');
      expect([id, used]).toEqual([id, actions]);
    }
  });

  test.each(WORKFLOWS)('the validators have nothing against the workflow %s', async (workflow) => {
    expect(await validate(synthesized.texts[workflow], `${workflow}.yml`)).toEqual([]);
  });

  test('the manifest: what deploys where, how and when', () => {
    expect(Object.fromEntries(synthesized.manifest.environments.map((one) => [one.name, summaryOf(one)]))).toEqual(environments);
    expect(synthesized.manifest.artifact?.paths).toEqual([name.startsWith('aws-cdk-app') ? 'cdk.out' : 'dist']);
  });

  if (name === 'python-service') {
    test('every deploy waits for the tests on all versions of Python, and is made once', () => {
      const { jobs } = synthesized.workflows.deploy;
      expect(jobs.test.strategy?.matrix).toEqual({ python: ['3.10', '3.11', '3.12', '3.13'] });
      for (const id of ['deploy_staging', 'deploy_production']) {
        expect(jobs[id].needs).toContain('test');
        expect(jobs[id].strategy).toBeUndefined();
      }
    });

    test('coverage and test reports of every version are kept under a name of their own', () => {
      const kept = synthesized.workflows.deploy.jobs.test.steps.map((step) => step.with?.name).filter(Boolean);
      expect(kept).toEqual(['coverage-${{ matrix.python }}', 'test-reports-${{ matrix.python }}']);
    });

    test('deploying and rolling back need no projen and no package registry', () => {
      const jobs = WORKFLOWS.flatMap((workflow) => Object.entries(synthesized.workflows[workflow].jobs)).filter(([id]) => id !== 'test');
      const lines = jobs.flatMap(([, job]) => job.steps.map(({ run }) => run ?? ''));
      expect(lines.filter((line) => /\b(npx|npm|pip)\b/.test(line))).toEqual([]);
    });
  }
});

function summaryOf({ trigger, strategy, target }: EnvironmentManifest): string {
  const of = trigger.kind === 'tag' && trigger.requires !== undefined ? ` of ${trigger.requires}` : '';
  const after = trigger.kind === 'after' ? ` ${trigger.environment}` : '';
  return [trigger.kind + of + after, strategy.kind, target.driver?.kind ?? Object.keys(target).sort().join(' and ')].join(', ');
}

function each<T>(make: (workflow: Name) => T): Record<Name, T> {
  return Object.fromEntries(WORKFLOWS.map((workflow) => [workflow, make(workflow)])) as Record<Name, T>;
}
