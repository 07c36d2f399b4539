import { FileHandle, open } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { formatDuration } from '../../../../contract/duration-text';
import { Clock } from '../../../clock';
import { NamedError } from '../../../errors';
import { isDiskError } from '../../../files/file-error';
import { streamRequest } from '../../../http/http-exchange';

export interface Limits {
  readonly maxBytes: number;
  /** How long the whole download may take, in milliseconds. */
  readonly totalMs: number;
  /** How long the connection may be idle before it counts as failed, in milliseconds. */
  readonly idleMs: number;
}

export interface Download {
  /** Returns the file's URL for each try: a signed one expires soon. */
  readonly locate: () => Promise<URL>;
  /** The file to write. */
  readonly to: string;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

/** The download did not end in time, or is too large. */
export class DownloadError extends NamedError {}

/** How many tries in a row may receive no new byte. */
const FRUITLESS_TRIES = 6;
const FIRST_WAIT_MS = 1000;
const ADDRESS_ATTEMPT_MS = 1000;

/** The part that is already on the disk. */
interface Part {
  bytes: number;
  /** The ETag of the bytes; without one the download cannot be resumed. */
  validator?: string;
}

/**
 * Streams a file from the network to the disk. After a reset it resumes, unless the server sends the whole file again. Sends no token.
 * Rejects with `DownloadError`, with Node's error if the disk fails, with the signal's reason, or with the error of `locate`.
 */
export async function download(options: Download): Promise<void> {
  const { clock, limits, locate, signal, to } = options;
  const file = await open(to, 'w');
  const giveUpAt = clock.now() + limits.totalMs;
  const part: Part = { bytes: 0 };
  try {
    for (let fruitless = 0; ;) {
      const before = part.bytes;
      const url = await locate();
      const failure = await receive(url, { ...options, file, giveUpAt, part });
      if (failure === undefined) return;
      fruitless = part.bytes > before ? 1 : fruitless + 1;
      if (fruitless >= FRUITLESS_TRIES) throw new DownloadError(`${failure}; tried ${fruitless} times without a byte more`);
      const waitMs = FIRST_WAIT_MS * 2 ** (fruitless - 1);
      if (clock.now() + waitMs >= giveUpAt) throw new DownloadError(`${failure}; it is not here after ${formatDuration(limits.totalMs)}`);
      await clock.sleep(waitMs, signal);
      signal.throwIfAborted();
    }
  } finally {
    await file.close();
  }
}

interface Reception extends Download {
  readonly file: FileHandle;
  readonly giveUpAt: number;
  readonly part: Part;
}

/** One try. Returns why it is incomplete, if it is. */
async function receive(url: URL, reception: Reception): Promise<string | undefined> {
  const { limits, part, signal } = reception;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`no byte came for ${formatDuration(limits.idleMs)}`)), limits.idleMs);
  const isResumed = part.bytes > 0 && part.validator !== undefined;
  const headers = {
    'user-agent': 'projen-delivery',
    'accept-encoding': 'identity',
    ...(isResumed ? { 'range': `bytes=${part.bytes}-`, 'if-range': part.validator! } : {}),
  };
  try {
    return await streamRequest(
      { url, headers, addressAttemptMs: ADDRESS_ATTEMPT_MS, signal: AbortSignal.any([signal, silence.signal]) },
      async (head, body) => take(head, body, { ...reception, onBytes: () => timer.refresh() }),
    );
  } catch (error) {
    if (signal.aborted || error instanceof DownloadError || isDiskError(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    return message || code || 'the connection broke off';
  } finally {
    clearTimeout(timer);
  }
}

async function take(
  { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
  body: AsyncIterable<Buffer>,
  { clock, file, giveUpAt, limits, onBytes, part }: Reception & { readonly onBytes: () => void },
): Promise<string | undefined> {
  const isRest = status === 206 && Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]) === part.bytes;
  if (!isRest && [200, 206, 416].includes(status)) {
    // another version, or a server without ranges: start from the beginning
    if (part.bytes > 0) await file.truncate(0);
    part.bytes = 0;
    part.validator = validatorOf(headers);
  }
  if (!isRest && status !== 200) return `the storage responded with HTTP ${status}`;
  for await (const chunk of body) {
    onBytes();
    if (part.bytes + chunk.length > limits.maxBytes) throw new DownloadError(`it has more than the ${limits.maxBytes} bytes that a release may have`);
    if (clock.now() > giveUpAt) throw new DownloadError(`only ${part.bytes} bytes came within ${formatDuration(limits.totalMs)}`);
    await writeAll(file, chunk, part.bytes);
    part.bytes += chunk.length;
  }
  return undefined;
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
  }
}

/** The value for If-Range: a weak tag does not identify bytes. */
function validatorOf({ etag, 'last-modified': date }: IncomingHttpHeaders): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : date;
}
