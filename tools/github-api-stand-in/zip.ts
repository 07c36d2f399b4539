import { crc32, deflateRawSync } from 'node:zlib';

export interface ZippedFile {
  readonly name: string;
  readonly content: Buffer;
  /** As another content's: a zip that is damaged. */
  readonly crc?: number;
}

const DEFLATED = 8;
/** Sizes and checksum follow the file, as in what upload-artifact streams. */
const FLAGS = 0x0808;
const VERSION = 45;

/** A zip as upload-artifact makes it: deflated, with data descriptors. */
export function zipOf(files: readonly ZippedFile[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, crc = crc32(content) } of files) {
    const title = Buffer.from(name);
    const packed = deflateRawSync(content);
    const sizes = [crc, packed.length, content.length] as const;
    const local = Buffer.concat([
      numbers([0x04034b50, 4], [VERSION, 2], [FLAGS, 2], [DEFLATED, 2], [0, 4], [0, 4], [0, 4], [0, 4], [title.length, 2], [0, 2]),
      title, packed,
      numbers([0x08074b50, 4], ...sizes.map((size) => [size, 4] as const)),
    ]);
    locals.push(local);
    central.push(
      numbers([0x02014b50, 4], [VERSION, 2], [VERSION, 2], [FLAGS, 2], [DEFLATED, 2], [0, 4], ...sizes.map((size) => [size, 4] as const),
        [title.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
      title,
    );
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([
    ...locals, directory,
    numbers([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [directory.length, 4], [offset, 4], [0, 2]),
  ]);
}

/** Little-endian, each with its width in bytes. */
function numbers(...all: (readonly [value: number, bytes: number])[]): Buffer {
  const buffer = Buffer.alloc(all.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of all) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}
