import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Entry, ZipFile } from 'yauzl';
import { NamedError } from '../../../errors';
import { isDiskError } from '../../../files/file-error';
import { onDemand } from '../../../lazily';

/** The zip is damaged, or lacks the member. */
export class ArchiveError extends NamedError {}

export interface Member {
  /** Its full name in the zip. Other members are ignored, so they cannot be written anywhere. */
  readonly name: string;
  /** The file to write it to. */
  readonly to: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Unpacks one member of a zip file, and returns the SHA-256 of its bytes, in hex. Rejects with `ArchiveError` if the zip is invalid,
 * with Node's error if the disk fails.
 */
export async function unpack(zip: string, member: Member): Promise<string> {
  let opened: ZipFile | undefined;
  try {
    opened = await onDemand.yauzl().openPromise(zip, { lazyEntries: true, autoClose: false });
    const entry = await find(opened, member);
    return await write(await opened.openReadStreamPromise(entry), member);
  } catch (error) {
    if (member.signal.aborted || isDiskError(error) || error instanceof ArchiveError) throw error;
    throw new ArchiveError(`it is damaged: ${(error as Error).message}`);
  } finally {
    opened?.close();
  }
}

async function find(zip: ZipFile, { name, maxBytes }: Member): Promise<Entry> {
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== name) continue;
    if (entry.uncompressedSize > maxBytes) throw new ArchiveError(`${name} in it has ${entry.uncompressedSize} bytes, more than the ${maxBytes} that a release may have`);
    return entry;
  }
  throw new ArchiveError(`it does not hold ${name}`);
}

async function write(contents: Readable, { to, signal }: Member): Promise<string> {
  const hash = createHash('sha256');
  const hashed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(contents, hashed, createWriteStream(to), { signal });
  return hash.digest('hex');
}
