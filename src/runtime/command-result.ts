// NOTE to the engineer of the leaf modules: the lead wrote this while you were thinking and builds on it. Keep the exported shape; improve the inside where yours is better, write its tests, delete this line.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safeLine } from './untrusted-text';

/** What a deploy command may say of its work, in the file `DELIVERY_RESULT`: a line `key=value` each. */
export interface DeployResult {
  /** `candidate-url`: where the candidate answers. */
  readonly candidateUrl?: string;
}

/** The file holds something that it may not; the message says what, and what it may. */
export class CommandResultError extends Error {
  constructor(problem: string) {
    super(`the deploy command wrote ${problem} into the file DELIVERY_RESULT. It may hold lines of the form candidate-url=https://...`);
    this.name = 'CommandResultError';
  }
}

const MAX_BYTES = 64 * 1024;

/** Gives `work` a fresh file for the result, and removes it afterwards. */
export async function withResultFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-result-'));
  try {
    return await work(join(folder, 'result'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads what the command wrote; nothing is fine. Throws `CommandResultError`. */
export async function readCommandResult(file: string): Promise<DeployResult> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return {};
  if (found.size > MAX_BYTES) throw new CommandResultError(`${found.size} bytes`);
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.reduce(readLine, {});
}

function readLine(result: DeployResult, line: string): DeployResult {
  const [, key, value] = /^([^=]*)=(.*)$/.exec(line) ?? [];
  if (key !== 'candidate-url') throw new CommandResultError(`"${safeLine(key ?? line, 60)}"`);
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw new CommandResultError(`candidate-url=${safeLine(value, 60)}, which is no http(s) URL,`);
  return { ...result, candidateUrl: value };
}
