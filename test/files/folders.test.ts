/** Where a project may lie. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject, warningsOf } from '../test-project';

const NOT_AT_THE_ROOT = expect.stringContaining('the project\'s folder is not the root of its git repository');

function delivery(folder: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(folder, '.projen/delivery.cjs'), ...args], { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } });
}

it('works where the path has spaces and quotes, and says nothing of it in any file', () => {
  const outdir = join(temporaryFolder(), 'my "shop" & $HOME\'s');
  mkdirSync(outdir);
  const project = plainProject({}, outdir);
  deliver(project);
  const synthesized = synthesize(project);

  for (const path of ['.projen/delivery.json', '.github/workflows/deploy.yml', '.github/workflows/rollback.yml', '.projen/tasks.json']) {
    expect(synthesized.text(path)).not.toContain('my "shop"');
    expect(synthesized.text(path)).not.toContain(outdir);
  }
  expect(delivery(outdir, 'config', 'staging').stdout).toContain('https://staging.example.com');
});

it('works in a package of ES modules', () => {
  const project = typescriptProject();
  project.package.addField('type', 'module');
  deliver(project);
  const synthesized = synthesize(project);

  expect(JSON.parse(synthesized.text('package.json'))).toMatchObject({ type: 'module' });
  expect(delivery(project.outdir, 'config', 'staging').stdout).toContain('https://staging.example.com');
});

it('is imported by name from an ES module', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'names.mjs'), `import { Delivery, Target } from ${JSON.stringify(join(__dirname, '../../lib/index.js'))};\nconsole.log(Delivery.name, Target.name);\n`);
  expect(execFileSync(process.execPath, ['names.mjs'], { cwd: folder, encoding: 'utf8' })).toBe('Delivery Target\n');
});

describe('without git', () => {
  it('synthesizes, shows its configuration, and says in one line why it plans nothing', () => {
    const project = plainProject();
    deliver(project);
    expect(warningsOf(project)).toEqual([]);

    expect(delivery(project.outdir, 'config', 'staging').status).toBe(0);
    const { status, stderr } = delivery(project.outdir, 'plan', 'staging');
    expect(stderr).toBe(`error: The ledger cannot be used: ${project.outdir} is in no git repository, so there is no place for the ledger. `
      + 'Go to the project\'s folder, or name a file: DELIVERY_LEDGER=<path>.\n');
    expect(status).toBe(1);
  });
});

describe('an outdir elsewhere', () => {
  it('warns where it is within a repository: GitHub reads workflows only at the root', () => {
    const repository = temporaryFolder();
    execFileSync('git', ['init', '--quiet', repository]);
    const outdir = join(repository, 'services/shop');
    mkdirSync(outdir, { recursive: true });
    const project = plainProject({}, outdir);
    deliver(project, { environments: [environment('staging')] });

    expect(warningsOf(project)).toEqual([NOT_AT_THE_ROOT]);
  });

  it('warns of nothing at the root of a repository, nor of a linked worktree', () => {
    for (const isWorktree of [false, true]) {
      const outdir = temporaryFolder();
      if (isWorktree) writeFileSync(join(outdir, '.git'), 'gitdir: /elsewhere/.git/worktrees/shop\n');
      else mkdirSync(join(outdir, '.git'));
      const project = plainProject({}, outdir);
      deliver(project);
      expect(warningsOf(project)).toEqual([]);
    }
  });
});
