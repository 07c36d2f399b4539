import { FileHandle, open } from 'node:fs/promises';
import { NamedError } from '../errors';

/** One entry of a tar, as its header says it. */
export interface TarMember {
  readonly name: string;
  /** `other`: a device, a pipe, or something only one kind of tar knows. */
  readonly type: 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';
  /** Of what it holds, in bytes. */
  readonly size: number;
  /** Where a link leads. */
  readonly target?: string;
}

/** The file is no tar, or a damaged one. */
export class TarFormatError extends NamedError {}

const BLOCK = 512;
/** A name or a pax header longer than this is no honest one. */
const MAX_META = 1024 * 1024;

/**
 * Reads the headers of a tar, skipping its contents: what a listing for people leaves ambiguous
 * (a name with ` -> ` in it, or a line break) is exact here. Knows ustar, pax and GNU's long names.
 * Throws `TarFormatError`.
 */
export async function readTarMembers(file: string): Promise<TarMember[]> {
  const handle = await open(file);
  try {
    return await readAll(handle);
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle): Promise<TarMember[]> {
  const members: TarMember[] = [];
  const { size } = await handle.stat();
  let ahead: Ahead = {};
  let position = 0;
  while (position + BLOCK <= size) {
    const header = await readBytes(handle, position, BLOCK);
    position += BLOCK;
    // blocks of zeros end a tar; nothing may hide behind them, so they are read over
    if (header.every((byte) => byte === 0)) continue;
    const { typeflag, length, ...plain } = parseHeader(header);
    const meta = META.has(typeflag);
    const contents = meta ? ahead = { ...ahead, ...await readMeta(handle, position, typeflag, length) } : ahead;
    position += Math.ceil((meta ? length : contents.size ?? length) / BLOCK) * BLOCK;
    if (position > size) throw new TarFormatError('it ends in the middle of a file');
    if (meta) continue;
    members.push(memberOf(typeflag, { name: ahead.name ?? plain.name, size: ahead.size ?? length, target: ahead.target ?? plain.target }));
    ahead = {};
  }
  return members;
}

/** What an entry before the file's own says about it. */
interface Ahead {
  readonly name?: string;
  readonly target?: string;
  readonly size?: number;
}

const META = new Set(['L', 'K', 'x', 'g']);

async function readMeta(handle: FileHandle, position: number, typeflag: string, length: number): Promise<Ahead> {
  if (length > MAX_META) throw new TarFormatError('it has an endless name');
  const data = await readBytes(handle, position, length);
  switch (typeflag) {
    case 'L': return { name: textOf(data) };
    case 'K': return { target: textOf(data) };
    case 'x': return readPax(data);
    default:
      // what holds for every file from here on is never a name in an honest tar
      if (Object.keys(readPax(data)).length > 0) throw new TarFormatError('it names all its files at once');
      return {};
  }
}

/** Records `<length> <key>=<value>\n`, the length in bytes and counting itself. */
function readPax(data: Buffer): Ahead {
  let ahead: Ahead = {};
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(' ', at);
    const length = Number(data.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > data.length) throw new TarFormatError('it has a damaged pax header');
    const record = data.toString('utf8', space + 1, at + length - 1);
    const key = record.slice(0, record.indexOf('='));
    const value = record.slice(key.length + 1);
    if (key === 'path') ahead = { ...ahead, name: value };
    if (key === 'linkpath') ahead = { ...ahead, target: value };
    if (key === 'size') ahead = { ...ahead, size: Number(value) };
    at += length;
  }
  return ahead;
}

function parseHeader(header: Buffer) {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (sum !== numberOf(header.subarray(148, 156))) throw new TarFormatError('it is no tar, or it is damaged');
  // only ustar keeps a prefix there, GNU keeps times
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    target: textOf(header.subarray(157, 257)),
    typeflag: String.fromCharCode(header[156]),
    length: numberOf(header.subarray(124, 136)),
  };
}

const TYPES: Record<string, TarMember['type']> = { '0': 'file', '\0': 'file', '7': 'file', '1': 'hardlink', '2': 'symlink', '5': 'folder' };

function memberOf(typeflag: string, { name, size, target }: { name: string; size: number; target: string }): TarMember {
  const type = TYPES[typeflag] ?? 'other';
  return type === 'symlink' || type === 'hardlink' ? { name, size, type, target } : { name, size, type };
}

/** Octal digits, or for large numbers base 256 behind a first byte of 0x80. */
function numberOf(field: Buffer): number {
  if (field[0] === 0x80) return field.subarray(1).reduce((total, byte) => total * 256 + byte, 0);
  const digits = textOf(field).trim();
  const number = digits === '' ? 0 : /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
  if (!Number.isSafeInteger(number)) throw new TarFormatError('it is no tar, or it is damaged');
  return number;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

async function readBytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new TarFormatError('it ends in the middle of a file');
  return buffer;
}
