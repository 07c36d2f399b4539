/** By time, then by id: the order in which an API lists things is never trusted. */
export function newestFirst(a: Placed, b: Placed): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt) || compareIds(b.id, a.id);
}

interface Placed {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Ids are whole numbers that may be too large for a `number`. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
