import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Manifest, manifestFile, RUNTIME_FILE } from '../contract/manifest';
import { unlessEjected } from './reporting/command-line';

/** The digest of a synthesized file, independent of the line ends of the checkout. */
export function fingerprint(file: string): string {
  const bytes = readFileSync(file);
  // nearly always the bytes are hashed as they are: the start of a deployment does not wait for a conversion of 1 MB
  return createHash('sha256').update(bytes.includes('\r\n') ? bytes.toString('utf8').replaceAll('\r\n', '\n') : bytes).digest('hex');
}

/** Why the runtime's file does not match the manifest, if it does not. A rollback does not check it, because it must run anyway. */
export function mismatchOf(file: string, { project, runtime }: Manifest): string | undefined {
  if (fingerprint(file) === runtime.sha256) return undefined;
  return `${RUNTIME_FILE} is not the one that ${manifestFile(project?.name)} was synthesized with (projen-delivery ${runtime.version}). ${unlessEjected('Run npx projen and commit both', 'Restore both as one commit has them')}.`;
}
