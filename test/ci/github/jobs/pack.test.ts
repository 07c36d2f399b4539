import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliver, plainProject, synthesize, temporaryFolder } from '../../../test-project';

const project = plainProject();
deliver(project, { artifact: { paths: ['dist', 'with space/$HOME.txt'] } });
const script = synthesize(project).deploy.jobs.build.steps!.find(({ id }) => id === 'pack')!.run!;

/** Packs files that were written in this order, at this time. */
function pack(names: string[], seconds: number): { digest: string; tar: Buffer } {
  const folder = temporaryFolder();
  const temp = temporaryFolder();
  const output = join(temp, 'output');
  mkdirSync(join(folder, 'dist'));
  mkdirSync(join(folder, 'with space'));
  for (const name of names) {
    const file = join(folder, name);
    writeFileSync(file, name);
    chmodSync(file, 0o644);
    utimesSync(file, seconds, seconds);
  }
  execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: folder, env: { PATH: process.env.PATH, RUNNER_TEMP: temp, GITHUB_OUTPUT: output } });
  const digest = /^digest=([0-9a-f]{64})\n$/.exec(readFileSync(output, 'utf8'))![1];
  expect(readdirSync(join(temp, 'delivery'))).toEqual([`${digest}.tar`]);
  return { digest, tar: readFileSync(join(temp, 'delivery', `${digest}.tar`)) };
}

describe('packing the release', () => {
  const files = ['dist/a.js', 'dist/b.js', 'with space/$HOME.txt'];

  it('names the file and the output by the digest of its bytes', () => {
    const { digest, tar } = pack(files, 1_000_000);
    expect(createHash('sha256').update(tar).digest('hex')).toBe(digest);
  });

  it('gives the same bytes for the same files, whenever and in whichever order they were made', () => {
    expect(pack([...files].reverse(), 2_000_000).digest).toBe(pack(files, 1_000_000).digest);
  });

  it('fails where a file is missing', () => {
    expect(() => pack(files.slice(0, 2), 1_000_000)).toThrow();
  });
});
