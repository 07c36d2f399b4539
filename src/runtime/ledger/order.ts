/** By id: ids are given one after the other, while every machine has a clock of its own. The order in which an API lists things is never trusted. */
export function newestFirst(a: Placed, b: Placed): number {
  return compareIds(b.id, a.id);
}

interface Placed {
  readonly id: string;
}

/** Ids are whole numbers that may be too large for a `number`. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
