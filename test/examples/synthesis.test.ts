import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { prepareExample } from './workspace';

jest.setTimeout(120_000);

interface Job {
  readonly needs?: string | string[];
  readonly strategy?: { readonly matrix: Record<string, unknown> };
  readonly steps: { readonly run?: string; readonly with?: Record<string, unknown> }[];
}

interface Synthesized {
  readonly workflow: { readonly jobs: Record<string, Job> };
  readonly manifest: { readonly environments: { readonly name: string; readonly healthChecks: { readonly intervalMs: number }[] }[] };
}

const EXAMPLES = [
  { name: 'shop', projenrc: '.projenrc.ts' },
  { name: 'shop', projenrc: '.projenrc.demo.ts' },
  { name: 'python-service', projenrc: '.projenrc.ts' },
];

describe.each(EXAMPLES)('$name as $projenrc says', ({ name, projenrc }) => {
  let root: string;
  let synthesized: Synthesized;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'example-'));
    const { repository } = await prepareExample(name, { root, projenrc });
    synthesized = {
      workflow: parse(readFileSync(join(repository, '.github', 'workflows', 'deploy.yml'), 'utf8')),
      manifest: { ...JSON.parse(readFileSync(join(repository, '.projen', 'delivery.json'), 'utf8')), runtime: 'left out' },
    };
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('the workflow', () => {
    expect(synthesized.workflow).toMatchSnapshot();
  });

  test('the manifest', () => {
    expect(synthesized.manifest).toMatchSnapshot();
  });

  if (name === 'python-service') {
    test('every deploy waits for the tests on all versions of Python, and is made once', () => {
      const { jobs } = synthesized.workflow;
      expect(jobs.test.strategy?.matrix).toEqual({ python: ['3.10', '3.11', '3.12', '3.13'] });
      for (const id of ['deploy_staging', 'deploy_production']) {
        expect(jobs[id].needs).toContain('test');
        expect(jobs[id].strategy).toBeUndefined();
      }
    });

    test('coverage and test reports of every version are kept under a name of their own', () => {
      const kept = synthesized.workflow.jobs.test.steps.map((step) => step.with?.name).filter(Boolean);
      expect(kept).toEqual(['coverage-${{ matrix.python }}', 'test-reports-${{ matrix.python }}']);
    });

    test('deploying needs no projen and no package registry', () => {
      const lines = Object.entries(synthesized.workflow.jobs).filter(([id]) => id !== 'test').flatMap(([, job]) => job.steps.map(({ run }) => run ?? ''));
      expect(lines.filter((line) => /\b(npx|npm|pip)\b/.test(line))).toEqual([]);
    });
  }
});
