import { execFileSync } from 'node:child_process';
import { RejectedRequest } from '../github-api-stand-in/stand-in';

/** A branch or tag that a dispatch may name, in full and with its commit. Throws as GitHub responds. */
export function refOf(repository: string, name: string): { readonly ref: string; readonly sha: string } {
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  for (const ref of candidates) {
    const sha = commitOf(repository, ref);
    if (sha) return { ref, sha };
  }
  throw new RejectedRequest(422, `No ref found for: ${name}`);
}

function commitOf(repository: string, ref: string): string | undefined {
  try {
    const argv = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    return execFileSync('git', argv, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
