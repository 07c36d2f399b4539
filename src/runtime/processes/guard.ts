import { spawn } from 'node:child_process';

/** Ends quietly at a word; at the end of its input, which comes when we are gone, it kills the group. */
const SCRIPT = 'read -r word || kill -s KILL -- "-$1"';

/**
 * Sees to it that a command does not outlive this process: SIGKILL (no memory left, a machine in need) leaves no chance to
 * do that here, and a command that goes on half done would undo what settles it. Returns what dismisses the guard.
 */
export function guardGroup(pid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(pid)], { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // without a shell, and when it is gone already, there is nothing to dismiss
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => void guard.stdin.end('done\n');
}
