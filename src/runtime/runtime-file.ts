import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Manifest, manifestFile, RUNTIME_FILE } from '../contract/manifest';
import { unlessEjected } from './reporting/ejected';

/** Of a file as it was synthesized, whatever line ends a checkout gave it. */
export function fingerprint(file: string): string {
  return createHash('sha256').update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).digest('hex');
}

/** Why the runtime's file does not go with the manifest, if it does not. Never checked in a rollback: that one does what it can. */
export function mismatchOf(file: string, { project, runtime }: Manifest): string | undefined {
  if (fingerprint(file) === runtime.sha256) return undefined;
  return `${RUNTIME_FILE} is not the one that ${manifestFile(project?.name)} was synthesized with (projen-delivery ${runtime.version}). ${unlessEjected('Run npx projen and commit both', 'Restore both as one commit has them')}.`;
}
