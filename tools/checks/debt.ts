/** The debt: checks whose inputs are not those with which they last passed, and in which order a run pays it. Pure. */
import { createHash } from 'node:crypto';
import { Check } from './inputs';
import { Row } from './pass-table';

/** What git knows of the files that changed after a commit. */
export interface Changes {
  /** When each file first changed after that commit, in seconds since 1970; undefined if the clone does not have the commit. */
  since(commit: string): ReadonlyMap<string, number> | undefined;
}

export interface Owed {
  readonly check: Check;
  /** In seconds since 1970; 0 if it never passed. */
  readonly since: number;
  /** The changed inputs, those that its rooms name first; empty if it never passed, or if nothing tells. */
  readonly changed: readonly string[];
  /** Its rooms name a changed file themselves; the others only import it. */
  readonly isNear: boolean;
}

/** Returns what is owed, in the order in which runs pay it: what is near to the change, then what is owed longest, then as the hash of the commit says. */
export function debtOf(checks: readonly Check[], passed: ReadonlyMap<string, Row>, changes: Changes, commit: string): Owed[] {
  const lot = ({ check: { name } }: Owed) => createHash('sha256').update(`${commit} ${name}`).digest('hex');
  return checks.filter(({ always, nightly, name, hash }) => !always && !nightly && passed.get(name)?.inputs !== hash)
    .map((check) => owed(check, passed.get(check.name), changes))
    .sort((a, b) => Number(b.isNear) - Number(a.isNear) || a.since - b.since || (lot(a) < lot(b) ? -1 : 1));
}

function owed(check: Check, row: Row | undefined, changes: Changes): Owed {
  if (!row) return { check, since: 0, changed: [], isNear: true };
  const times = changes.since(row.commit);
  const changed = times ? check.inputs.filter((path) => times.has(path)) : [];
  // also a change of the rooms themselves makes a check stale
  if (!times || changed.length === 0) return { check, since: Date.parse(row.date) / 1000, changed, isNear: false };
  const named = changed.filter((path) => check.named.includes(path));
  return {
    check,
    since: Math.min(...changed.map((path) => times.get(path)!)),
    changed: [...named, ...changed.filter((path) => !named.includes(path))],
    isNear: named.length > 0,
  };
}

/** Returns one slice of what is owed. Each check is always in the same one, so that slices can be paid at different commits. */
export function sliceOf(debt: readonly Check[], number: number, count: number): Check[] {
  return debt.filter(({ name }) => parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16) % count === number - 1);
}
