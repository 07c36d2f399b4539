import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENT, Example } from './projects';
import { COMBINATIONS, PROJECT_TYPES } from '../project-types/project-types';
import { temporaryFolder } from '../test-project';
import { propertiesOf } from '../validators/properties';
import { parseWorkflow } from '../validators/workflow';

const ROOT = join(__dirname, '../..');

describe('docs/projects.md', () => {
  it('has examples that synthesize, without a warning of ours but that of the tests, which the page explains, and hold all properties', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', './tools/typescript.cjs', 'test/docs/projects.ts', temporaryFolder()], {
      cwd: ROOT,
      encoding: 'utf8',
      // what is not the examples' own: jest's NODE_ENV, above all
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PROJEN_DISABLE_POST: 'true' },
    });
    const warnings = stderr.split('\n').filter((line) => line.includes('projen-delivery'));
    // the Node projects among those with the lines that are the same for all
    expect(warnings).toEqual(Array.from({ length: 5 }, () => expect.stringContaining('do not wait for any tests: those run in the workflow \'build\'. Set workflow: Workflow.ofBuild()') as unknown));
    expect(readFileSync(join(ROOT, 'docs/projects.md'), 'utf8')).toContain('Add\n`workflow: Workflow.ofBuild()`, and nothing is deployed');
    expect(status).toBe(0);
    const lines = stdout.trim().split('\n');
    const examples = JSON.parse(lines.at(-1)!) as Example[];
    expect(examples.length).toBeGreaterThanOrEqual(14);
    for (const { heading, folder } of examples) {
      const own = join(folder, '.github/workflows/deploy.yml');
      // where the jobs joined another workflow, that one is not ours to judge
      const workflow = parseWorkflow(readFileSync(existsSync(own) ? own : join(folder, '.github/workflows/rollback.yml'), 'utf8'));
      expect([heading, propertiesOf(workflow)]).toEqual([heading, []]);
    }
  });

  it('has a table of every project type with every package manager and every workflow, and counts them', () => {
    const text = readFileSync(DOCUMENT, 'utf8');
    const rows = [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)].map(([, ...cells]) => cells);
    expect(rows.slice(1)).toEqual(PROJECT_TYPES.map(({ name, managers, workflows }) => [name, managers.join(', '), workflows.join(', ')]));
    expect(/These are (\d+) combinations/.exec(text)?.[1]).toBe(String(COMBINATIONS.length));
  });
});
