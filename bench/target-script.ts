import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
/** For one script, with the download of its engine. */
const PATIENCE_MS = 20 * 60_000;

/** Plays a script of .ci/targets. Resolves with the end of what it printed if it failed. One that takes too long ends its engines itself. */
export async function playScript(script: string, variables: Readonly<Record<string, string>>): Promise<string | undefined> {
  const env = { ...process.env, PROJECT_IS_READY: '1', ...variables };
  // a group of its own: bash runs its trap as soon as the program that it waits for has ended
  const child = spawn(join(ROOT, '.ci/targets', script), { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
  const impatience = setTimeout(() => process.kill(-child.pid!, 'SIGTERM'), PATIENCE_MS);
  const [code, signal] = await once(child, 'close') as [number | null, string | null];
  clearTimeout(impatience);
  return code === 0 ? undefined : `${printed.trim().slice(-2_000)}\n(${signal ?? `exit code ${code}`})`;
}
