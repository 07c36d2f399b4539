/** A clone of this repository for tests that run its scripts: with the scripts as they are here, which may be ahead of the commit. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { cloneAt, commitOf } from '../../../tools/checks/checkout';

export const ROOT = join(__dirname, '../../..');

export function cloneHere(folder: string): string {
  const copy = join(folder, 'copy');
  cloneAt(ROOT, commitOf(ROOT, 'HEAD'), copy);
  for (const path of ['tools', '.ci', 'test', '.github', '.projen']) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  commitAll(copy, 'as it is here');
  return copy;
}

export function commitAll(copy: string, message: string): string {
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', copy, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], { encoding: 'utf8' });
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', message);
  return git('rev-parse', 'HEAD').trim();
}
