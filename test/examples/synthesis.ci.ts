import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHECKOUT, prepareExample } from './workspace';
import { validate } from '../validators/validate';

interface Job {
  readonly needs?: string | string[];
  readonly strategy?: { readonly matrix: Record<string, unknown> };
  readonly steps: { readonly run?: string; readonly with?: Record<string, unknown> }[];
}

interface Workflow {
  readonly jobs: Record<string, Job>;
}

/** The workflows that every project gets. */
const WORKFLOWS = ['deploy', 'rollback'] as const;
type Name = typeof WORKFLOWS[number];

interface Synthesized {
  readonly texts: Record<Name, string>;
  readonly workflows: Record<Name, Workflow>;
  readonly manifest: unknown;
}

const EXAMPLES = [
  { name: 'shop', projenrc: '.projenrc.ts' },
  { name: 'shop', projenrc: '.projenrc.demo.ts' },
  { name: 'shop', projenrc: '.projenrc.demo-canary.ts' },
  { name: 'python-service', projenrc: '.projenrc.ts' },
  { name: 'aws-cdk-app', projenrc: '.projenrc.ts' },
  { name: 'aws-cdk-app-python', projenrc: '.projenrc.ts' },
  { name: 'cdk8s-app', projenrc: '.projenrc.ts' },
];

describe.each(EXAMPLES)('$name as $projenrc says', ({ name, projenrc }) => {
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
      manifest: { ...JSON.parse(readFileSync(join(repository, '.projen', 'delivery.json'), 'utf8')), runtime: 'left out' },
    };
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('the definition type-checks, strictly', () => {
    const compiler = join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'commonjs', '--moduleResolution', 'node'];
    const check = () => execFileSync(process.execPath, [compiler, ...options, projenrc], { cwd: repository, encoding: 'utf8' });
    expect(check).not.toThrow();
  });

  test.each(WORKFLOWS)('the workflow %s', (workflow) => {
    expect(synthesized.workflows[workflow]).toMatchSnapshot();
  });

  test.each(WORKFLOWS)('the validators have nothing against the workflow %s', async (workflow) => {
    expect(await validate(synthesized.texts[workflow], `${workflow}.yml`)).toEqual([]);
  });

  test('the manifest', () => {
    expect(synthesized.manifest).toMatchSnapshot();
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

function each<T>(make: (workflow: Name) => T): Record<Name, T> {
  return Object.fromEntries(WORKFLOWS.map((workflow) => [workflow, make(workflow)])) as Record<Name, T>;
}
