import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';

interface PackageManifest extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly version: string;
  readonly release: string;
}

/** Writes a tarball as npm packs it, with the same bytes each time. `release` is what users get with it. */
export function writeTarball(file: string, manifest: PackageManifest): void {
  const text = Buffer.from(JSON.stringify(manifest));
  const header = Buffer.alloc(512);
  header.write('package/package.json');
  header.write('0000644\0', 100);
  header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0ustar\x0000', 156);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, gzipSync(Buffer.concat([header, text, Buffer.alloc(1536 - text.length % 512)])));
}
