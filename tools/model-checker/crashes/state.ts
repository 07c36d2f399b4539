import { createHash } from 'node:crypto';
import { Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CrashWorld } from './crash-world';

/**
 * What a run meets that begins now: the ledger, the runs before it, and all that is on the service's machine. Runs that meet the same go on the same. Left out is only what
 * nothing reads that decides: when it was written, what calls it a unique name, and what is counted for the tests.
 */
export function stateOf({ api, kind, runRecords, service: { behaviours, lateness, machine } }: CrashWorld): string {
  const files = readdirSync(machine, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !isCount(entry.name, kind))
    .map((entry) => [relative(machine, join(entry.path, entry.name)).replace(PROCESS_ID, '.#'), contentOf(entry)])
    .sort();
  const deployments = api.deployments().map((deployment) => ({
    ...deployment, statuses: deployment.statuses.map((status) => ({ ...status, description: beginningOf(status.description) })),
  }));
  const text = JSON.stringify({ runRecords, deployments, issues: api.issues, files, behaviours, lateness });
  const names = new Map<string, number>();
  const alike = text.replace(TIME, '<time>').replace(UNIQUE, (name) => `<${names.get(name) ?? names.set(name, names.size).size}>`);
  return createHash('sha256').update(alike).digest('hex');
}

function contentOf(entry: Dirent): string {
  const path = join(entry.path, entry.name);
  if (entry.isSymbolicLink()) return `to ${readlinkSync(path)}`;
  return entry.isFile() ? readFileSync(path, 'latin1') : 'no file';
}

/** Its state is at the beginning; what follows is for people, and is cut off somewhere. */
function beginningOf(description: string): string {
  return description.replace(DURATION, '<duration>').slice(0, 120);
}

/** The requests decide when an asynchronous release shows, and the errors what an alarm says. */
function isCount(name: string, { alarm, asynchronous }: CrashWorld['kind']): boolean {
  return /^(?:calls|commands|gate \d+|waiting)$/.test(name) || (name === 'requests' && !asynchronous) || (name === 'errors' && !alarm);
}

/** Of a file that a process was about to put in the place of another one. */
const PROCESS_ID = /\.\d+$/;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const DURATION = /\d+(?:\.\d+)? m?s\b/g;
/** A revision of an engine, or the last part of the id of a process, as it stands in a record and in a link. */
const UNIQUE = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=\d\.\d+\.|#)[0-9a-f]{8}\b/g;
