import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROGRAM } from './emulated';
import { temporaryFolder } from '../test-project';
import { properties } from '../validators/properties';
import { shell } from '../validators/shell';
import { validate } from '../validators/validate';

const ROOT = join(__dirname, '../..');
const { PATH, HOME } = process.env;

function conformance(cwd: string, ...argv: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...argv], { cwd, env: { PATH, HOME }, encoding: 'utf8' });
}

describe('projen-delivery-conformance', () => {
  it('is in the package that npm packs, as a program and not as a part of the API', () => {
    const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' })) as { files: { path: string }[] }[];
    const packed = files.map(({ path }) => path);
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    expect(packed).toContain(bin['projen-delivery-conformance']);
    expect(packed.filter((path) => path.startsWith('conformance/'))).toEqual([]);
    expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(readFileSync(join(ROOT, 'src/index.ts'), 'utf8')).not.toContain('conformance');
  });

  it('writes workflows that pass every validator', async () => {
    const folder = temporaryFolder();
    expect(conformance(folder, 'init', '--port', '9123')).toMatchObject({ status: 0, stderr: '' });
    const workflows = join(folder, '.github/workflows');
    expect(readdirSync(workflows).sort()).toEqual(['conformance.yml', 'deploy.yml', 'rollback.yml']);
    for (const name of readdirSync(workflows)) {
      const text = readFileSync(join(workflows, name), 'utf8');
      expect(await validate(text, name)).toEqual([]);
      expect(await shell(text)).toEqual([]);
    }
    const text = readFileSync(join(workflows, 'conformance.yml'), 'utf8');
    expect(await properties(text)).toEqual([]);
  });

  it('writes a job for AWS only with an account, which passes every validator', async () => {
    const folder = temporaryFolder();
    conformance(folder, 'init');
    const read = () => readFileSync(join(folder, '.github/workflows/conformance.yml'), 'utf8');
    expect(read()).not.toMatch(/aws|id-token/);
    const role = 'arn:aws:iam::111122223333:role/conformance';
    const options = ['--aws-role', role, '--aws-region', 'eu-central-1', '--aws-function-role', `${role}-function`];
    expect(conformance(folder, 'init', ...options)).toMatchObject({ status: 0, stderr: '' });
    const text = read();
    expect(await validate(text, 'conformance.yml')).toEqual([]);
    expect(await shell(text)).toEqual([]);
    expect(await properties(text)).toEqual([]);
    const { jobs } = parse(text) as { jobs: Record<string, { if?: string; permissions?: Record<string, string> }> };
    expect(Object.keys(jobs).filter((id) => jobs[id].permissions?.['id-token'])).toEqual(['measure_aws']);
    expect(jobs.measure_aws.if).toBe("${{ inputs.part == 'aws' }}");
  });

  it.each([
    [['--aws-role', 'arn:aws:iam::111122223333:role/a'], 'belong together'],
    [['--aws-role', 'a', '--aws-region', 'eu-central-1', '--aws-function-role', 'b'], "--aws-role: 'a' is not the ARN of a role"],
    [['--aws-role', 'arn:aws:iam::111122223333:role/a', '--aws-region', 'x', '--aws-function-role', 'arn:aws:iam::111122223333:role/b'], "--aws-region: 'x' is not"],
    [['--aws-role', 'arn:aws:iam::111122223333:role/a\n', '--aws-region', 'eu-central-1', '--aws-function-role', 'arn:aws:iam::111122223333:role/b'], 'is not the ARN of a role'],
  ])('rejects %j', (options, problem) => {
    const { status, stderr } = conformance(temporaryFolder(), 'init', ...options);
    expect([status, stderr]).toEqual([2, expect.stringContaining(problem)]);
  });

  it('overwrites its own files only', () => {
    const folder = temporaryFolder();
    expect(conformance(folder, 'init').status).toBe(0);
    expect(conformance(folder, 'init', '--port', '9000').status).toBe(0);
    expect(readFileSync(join(folder, '.projen/delivery.json'), 'utf8')).toContain('http://127.0.0.1:9000');

    const taken = temporaryFolder();
    writeFileSync(join(taken, '.gitignore'), 'dist\n');
    const rejected = conformance(taken, 'init');
    expect(rejected.status).toBe(2);
    expect(rejected.stderr).toContain('already contains .gitignore');
    expect(existsSync(join(taken, '.github'))).toBe(false);
  });

  it.each([['--port', '80'], ['--port', 'many'], ['--port']])('refuses %s %s', (...argv) => {
    const { status, stderr } = conformance(temporaryFolder(), 'init', ...argv);
    expect([status, stderr]).toEqual([2, expect.stringContaining('Use a number from 1024 to 65535')]);
  });

  it('says what it is for, and refuses to measure outside of a job', () => {
    expect(conformance(temporaryFolder())).toMatchObject({ status: 0, stdout: expect.stringContaining('init [--port <number>]') as string });
    const measured = conformance(temporaryFolder(), 'measure');
    expect([measured.status, measured.stderr]).toEqual([2, expect.stringContaining('GITHUB_API_URL is not set')]);
  });
});
