import { createHash } from 'node:crypto';
import { PackageFile } from './package-registry';

/** The hashes of a file by which registries name it. */
export function hashesOf(bytes: Buffer): Required<Pick<PackageFile, 'sha256' | 'sha1'>> {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return { sha256: hash('sha256'), sha1: hash('sha1') };
}
