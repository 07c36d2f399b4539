import { constants } from 'node:fs';
import { FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safeLine } from '../job/untrusted-text';

/** What a deploy command may say of its work, in the file `DELIVERY_RESULT`: a line `key=value` each. */
export interface DeployResult {
  /** `candidate-url`: where the candidate answers, http or https. */
  readonly candidateUrl?: string;
}

/** The file holds something that it may not; the message says what, and what it may. */
export class CommandResultError extends Error {
  constructor(problem: string) {
    super(`the file DELIVERY_RESULT ${problem}. The deploy command may write lines of the form candidate-url=https://green.example.com into it.`);
    this.name = 'CommandResultError';
  }
}

const MAX_BYTES = 64 * 1024;

/** Gives `work` the name of a fresh file for the result, and removes it afterwards. */
export async function withResultFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-result-'));
  try {
    return await work(join(folder, 'result'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads what the command wrote; nothing is fine, and of several values the last one counts. Throws `CommandResultError`. */
export async function readCommandResult(file: string): Promise<DeployResult> {
  const handle = await openPlainly(file);
  if (!handle) return {};
  try {
    const lines = (await readBounded(handle)).split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
    return lines.reduce(withLine, {});
  } finally {
    await handle.close();
  }
}

/** The command may have put anything in its place: a link is not followed, a pipe not waited for. */
async function openPlainly(file: string): Promise<FileHandle | undefined> {
  try {
    // eslint-disable-next-line no-bitwise -- flags
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CommandResultError(code === 'ELOOP' ? 'was replaced by a link' : `cannot be read (${code})`);
  }
}

async function readBounded(handle: FileHandle): Promise<string> {
  if (!(await handle.stat()).isFile()) throw new CommandResultError('was replaced by something that is no file');
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
  if (bytesRead > MAX_BYTES) throw new CommandResultError(`is larger than ${MAX_BYTES / 1024} KiB`);
  return buffer.toString('utf8', 0, bytesRead);
}

function withLine(result: DeployResult, line: string): DeployResult {
  const [, key = line, value] = /^([^=]*)=(.*)$/.exec(line) ?? [];
  if (value === undefined) throw new CommandResultError(`holds "${safeLine(key, 60)}", which is no key=value`);
  if (key.trim() !== 'candidate-url') throw new CommandResultError(`holds the unknown key "${safeLine(key, 60)}"`);
  return { ...result, candidateUrl: webAddress(value.trim()) };
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new CommandResultError(`holds candidate-url=${safeLine(text, 100)}, which is no http or https URL`);
  }
  // the text is not repeated: it would show the password
  if (url.username !== '' || url.password !== '') throw new CommandResultError('holds a candidate-url with credentials in it');
  return text;
}
