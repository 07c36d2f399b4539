import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../ledger/ledger';

/**
 * A file of the checked out commit, by git's name for its content: so the repository on GitHub has it too.
 * A checkout that was downloaded without git has the file itself. Throws `LedgerError` where there is no such file.
 */
export function committedBlob(root: string, file: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--verify', '--quiet', `HEAD:./${file}`], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return hashOf(join(root, file));
  }
}

function hashOf(path: string): string {
  try {
    const content = readFileSync(path);
    return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  } catch (error) {
    throw new LedgerError(`${path} cannot be read (${(error as Error).message}), and the lock needs it. Check out the commit that the run is about.`);
  }
}
