import { isListOf, isNumber, isObject, isText, parseJson } from '../json-value';
import { PlannedChanges } from '../targets/planned-changes';
import { PlannedChange } from '../targets/target-driver';

/** What a merge would change in the engine of one environment. Its texts are untrusted. */
export interface MergeChanges {
  readonly environment: string;
  readonly changes: PlannedChanges;
  /** How many more there are. */
  readonly more: number;
}

/** All lines are one variable of a process, for which Linux allows 128 KiB. */
const ALL_BYTES = 100_000;
const MOST_BYTES = 20_000;
const TEXT_LENGTH = 200;
const PROPERTIES = 8;

const KINDS: Readonly<Record<PlannedChange['kind'], true>> = { added: true, changed: true, changedPerhapsReplaced: true, orphaned: true, removed: true, replaced: true };

/**
 * Returns one line of JSON for the job that plans. The first changes are the most important ones: it holds as many as fit.
 *
 * @param environments the number of environments with such a line
 */
export function writtenChanges(environment: string, planned: PlannedChanges, environments: number): string {
  if (planned.kind === 'unknown') return JSON.stringify({ environment, changes: { ...planned, why: planned.why.slice(0, 500) }, more: 0 });
  const most = Math.min(MOST_BYTES, ALL_BYTES / Math.max(1, environments));
  const all = planned.changes.map(shortened);
  const line = (count: number) => JSON.stringify({ environment, changes: { kind: 'known', changes: all.slice(0, count) }, more: all.length - count });
  let count = all.length;
  while (count > 0 && Buffer.byteLength(line(count)) > most) count = Math.floor(count * 0.9);
  return line(count);
}

function shortened({ properties, type, what, ...rest }: PlannedChange): PlannedChange {
  const short = (text: string) => text.slice(0, TEXT_LENGTH);
  return { ...rest, what: short(what), type: short(type), properties: properties.slice(0, PROPERTIES).map(short) };
}

/** Reads the lines of all jobs. A line that is none, as of a job that did not end, is left out. */
export function readChanges(text: string): MergeChanges[] {
  return text.split('\n').flatMap((line) => {
    const value = parseJson(line);
    return isMergeChanges(value) ? [value] : [];
  });
}

function isMergeChanges(value: unknown): value is MergeChanges {
  if (!isObject(value) || !isText(value.environment) || !isNumber(value.more) || !isObject(value.changes)) return false;
  const { changes, kind, why } = value.changes;
  return kind === 'unknown' ? isText(why) : kind === 'known' && isListOf(changes, isPlannedChange);
}

function isPlannedChange(value: unknown): value is PlannedChange {
  return isObject(value) && isText(value.kind) && Object.hasOwn(KINDS, value.kind) && isText(value.what) && isText(value.type)
    && typeof value.isSecurity === 'boolean' && typeof value.isStateful === 'boolean' && isListOf(value.properties, isText);
}
