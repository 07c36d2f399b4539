import { NamedError } from '../errors';
import { constants } from 'node:fs';
import { FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safeLine } from '../reporting/untrusted-text';

/** What a command may say of its work, in the file `DELIVERY_RESULT`: a line `key=value` each. */
export interface SaidResult {
  /** `candidate-url=<url>`, of deploy: where the candidate answers, http or https. */
  readonly candidateUrl?: string;
  /** `irreversible=true`, of migrate: the release before it cannot run any more, so nothing goes back by itself. */
  readonly irreversible?: boolean;
}

/** The commands that may say something, and what. */
const LINES = { deploy: 'candidate-url=https://green.example.com', migrate: 'irreversible=true' } as const;
type Saying = keyof typeof LINES;

/** The file holds something that it may not; the message says what, and what it may. */
export class CommandResultError extends NamedError {
  constructor(problem: string, command: Saying) {
    super(`the file DELIVERY_RESULT ${problem}. The ${command} command may write lines of the form ${LINES[command]} into it.`);
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

/**
 * Reads what the command wrote; nothing is fine, and of several values the last one counts. Throws `CommandResultError`, which tells whole
 * what it refuses: that is cut where it is shown, after the secrets in it were hidden.
 */
export async function readCommandResult(file: string, command: Saying): Promise<SaidResult> {
  const refuse = (problem: string) => new CommandResultError(problem, command);
  const handle = await openPlainly(file, refuse);
  if (!handle) return {};
  try {
    const lines = (await readBounded(handle, refuse)).split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
    return lines.reduce((result, line) => ({ ...result, ...readLine(line, command, refuse) }), {});
  } finally {
    await handle.close();
  }
}

type Refuse = (problem: string) => CommandResultError;

/** The command may have put anything in its place: a link is not followed, a pipe not waited for. */
async function openPlainly(file: string, refuse: Refuse): Promise<FileHandle | undefined> {
  try {
    // eslint-disable-next-line no-bitwise -- flags
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refuse(code === 'ELOOP' ? 'was replaced by a link' : `cannot be read (${code})`);
  }
}

async function readBounded(handle: FileHandle, refuse: Refuse): Promise<string> {
  if (!(await handle.stat()).isFile()) throw refuse('was replaced by something that is no file');
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
  if (bytesRead > MAX_BYTES) throw refuse(`is larger than ${MAX_BYTES / 1024} KiB`);
  return buffer.toString('utf8', 0, bytesRead);
}

function readLine(line: string, command: Saying, refuse: Refuse): SaidResult {
  const [, said = line, value] = /^([^=]*)=(.*)$/.exec(line) ?? [];
  const key = said.trim();
  if (value === undefined) throw refuse(`holds "${safeLine(said, MAX_BYTES)}", which is no key=value`);
  if (command === 'deploy' && key === 'candidate-url') return { candidateUrl: webAddress(value.trim(), refuse) };
  if (command !== 'migrate' || key !== 'irreversible') throw refuse(`holds the unknown key "${safeLine(said, MAX_BYTES)}"`);
  // what is not understood could be the one thing that matters
  if (!['true', 'false'].includes(value.trim())) throw refuse(`holds irreversible=${safeLine(value, MAX_BYTES)}, which is neither true nor false`);
  return { irreversible: value.trim() === 'true' };
}

function webAddress(text: string, refuse: Refuse): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw refuse(`holds candidate-url=${safeLine(text, MAX_BYTES)}, which is no http or https URL`);
  }
  // the text is not repeated: it would show the password
  if (url.username !== '' || url.password !== '') throw refuse('holds a candidate-url with credentials in it');
  return text;
}
