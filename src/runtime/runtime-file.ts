import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest, manifestFile, MONITORING_FILE, RUNTIME_FILE } from '../manifest';
import { Misconfigured } from './misconfigured';
import type * as monitoring from './monitoring';

/** The second runtime file, as the first one sees it. */
export type Monitoring = typeof monitoring;

/** Of a file as it was synthesized, whatever line ends a checkout gave it. */
export function fingerprint(file: string): string {
  return createHash('sha256').update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).digest('hex');
}

/** Why the runtime's files do not go with the manifest, if they do not. Never asked in a rollback: that one does what it can. */
export function mismatches(root: string, manifest: Manifest): string[] {
  const { sha256, monitoringSha256 } = manifest.runtime;
  return [
    ...mismatch(root, RUNTIME_FILE, sha256, manifest),
    ...(monitoringSha256 === undefined ? [] : mismatch(root, MONITORING_FILE, monitoringSha256, manifest)),
  ];
}

/** Throws `Misconfigured`. Nothing of the file runs unless it is the one that is meant. */
export function loadMonitoring(root: string, manifest: Manifest): Monitoring {
  const [problem] = mismatch(root, MONITORING_FILE, manifest.runtime.monitoringSha256, manifest);
  if (problem) throw new Misconfigured(problem);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- another file, only where it is needed
  return require(join(root, MONITORING_FILE)) as Monitoring;
}

function mismatch(root: string, name: string, sha256: string | undefined, { project, runtime }: Manifest): string[] {
  const file = join(root, name);
  if (!existsSync(file)) return [`${name} is missing. Run npx projen and commit it.`];
  if (fingerprint(file) === sha256) return [];
  return [`${name} is not the one that ${manifestFile(project?.name)} was synthesized with (projen-delivery ${runtime.version}). Run npx projen and commit both.`];
}
