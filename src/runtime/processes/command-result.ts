import { constants } from 'node:fs';
import { FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeploymentOutputs, OUTPUT_KEY, OUTPUT_STACK } from '../../contract/deployment-outputs';
import { NamedError } from '../errors';
import { safeLine } from '../reporting/untrusted-text';

/** The result that a command may write to the file `DELIVERY_RESULT`, as lines `key=value`. */
export interface SaidResult {
  /** `candidate-url=<url>`, of deploy: the candidate's http or https URL. */
  readonly candidateUrl?: string;
  /** `irreversible=true`, of migrate: the previous release cannot run any more, so there is no automatic rollback. */
  readonly irreversible?: boolean;
  /** `output.<stack>.<key>=<value>`, of deploy and rollback. */
  readonly outputs?: DeploymentOutputs;
}

/** The commands that may write a result, with an example. */
const LINES = {
  deploy: 'candidate-url=https://green.example.com or output.Api.Url=https://api.example.com',
  rollback: 'output.Api.Url=https://api.example.com',
  migrate: 'irreversible=true',
} as const;
type Saying = keyof typeof LINES;

/** The file holds an invalid line; the message names it, and what is valid. */
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
 * Reads the result; an empty one is valid, and the last of several values counts. Throws `CommandResultError` with the whole line: it is
 * cut where it is shown, after secrets are hidden.
 */
export async function readCommandResult(file: string, command: Saying): Promise<SaidResult> {
  const reject = (problem: string) => new CommandResultError(problem, command);
  const handle = await openPlainly(file, reject);
  if (!handle) return {};
  try {
    const lines = (await readBounded(handle, reject)).split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
    return lines.map((line) => readLine(line, command, reject)).reduce((result, one) => (
      { ...result, ...one, ...(one.outputs && { outputs: { ...result.outputs, ...one.outputs } }) }
    ), {});
  } finally {
    await handle.close();
  }
}

type Reject = (problem: string) => CommandResultError;

/** The command may have replaced the file: links are not followed, and pipes do not block. */
async function openPlainly(file: string, reject: Reject): Promise<FileHandle | undefined> {
  try {
    // eslint-disable-next-line no-bitwise -- flags
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw reject(code === 'ELOOP' ? 'was replaced by a link' : `cannot be read (${code})`);
  }
}

async function readBounded(handle: FileHandle, reject: Reject): Promise<string> {
  if (!(await handle.stat()).isFile()) throw reject('was replaced by something that is no file');
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
  if (bytesRead > MAX_BYTES) throw reject(`is larger than ${MAX_BYTES / 1024} KiB`);
  return buffer.toString('utf8', 0, bytesRead);
}

function readLine(line: string, command: Saying, reject: Reject): SaidResult {
  const [, said = line, value] = /^([^=]*)=(.*)$/.exec(line) ?? [];
  const key = said.trim();
  if (value === undefined) throw reject(`holds "${safeLine(said, MAX_BYTES)}", which is no key=value`);
  if (command === 'deploy' && key === 'candidate-url') return { candidateUrl: webAddress(value.trim(), reject) };
  const [, stack, output] = /^output\.([^.]*)\.([^.]*)$/.exec(key) ?? [];
  if (command !== 'migrate' && stack !== undefined && OUTPUT_STACK.test(stack) && OUTPUT_KEY.test(output!)) return { outputs: { [`${stack}.${output}`]: value.trim() } };
  if (command !== 'migrate' || key !== 'irreversible') throw reject(`holds the unknown key "${safeLine(said, MAX_BYTES)}"`);
  // an unknown value must not be ignored
  if (!['true', 'false'].includes(value.trim())) throw reject(`holds irreversible=${safeLine(value, MAX_BYTES)}, which is neither true nor false`);
  return { irreversible: value.trim() === 'true' };
}

function webAddress(text: string, reject: Reject): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw reject(`holds candidate-url=${safeLine(text, MAX_BYTES)}, which is no http or https URL`);
  }
  // the text is not repeated: it would show the password
  if (url.username !== '' || url.password !== '') throw reject('holds a candidate-url with credentials in it');
  return text;
}
