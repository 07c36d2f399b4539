import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Manifest, manifestFile, RUNTIME_FILE } from '../contract/manifest';
import { unlessEjected } from './reporting/command-line';

/** The digest of a synthesized file, independent of the line ends of the checkout. */
export function fingerprint(file: string): string {
  return createHash('sha256').update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).digest('hex');
}

/** Why the runtime's file does not match the manifest, if it does not. A rollback does not check it, because it must run anyway. */
export function mismatchOf(file: string, { project, runtime }: Manifest): string | undefined {
  if (fingerprint(file) === runtime.sha256) return undefined;
  return `${RUNTIME_FILE} is not the one that ${manifestFile(project?.name)} was synthesized with (projen-delivery ${runtime.version}). ${unlessEjected('Run npx projen and commit both', 'Restore both as one commit has them')}.`;
}
