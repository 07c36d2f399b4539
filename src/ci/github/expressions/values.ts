export interface UnknownText {
  readonly begin: string;
  readonly end: string;
  /** Neither empty nor a number. */
  readonly isName?: boolean;
}

/** An unknown value: its possible truth values (none: an error), and the known beginning and end of its text. */
export class Unknown {
  constructor(public readonly comesTo: readonly boolean[] = [true, false], public readonly text: UnknownText = { begin: '', end: '' }) {}
}

/** An array. Property access on the result of `*` applies to its items. */
export class List {
  constructor(public readonly items: readonly Value[], public readonly isFiltered = false) {}
}

/** An object. An open one may have more keys, with unknown values. */
export class Dictionary {
  public readonly entries: readonly (readonly [string, Value])[];
  /** Letter case makes no difference. */
  private readonly byKey: ReadonlyMap<string, Value>;

  constructor(entries: Readonly<Record<string, Value>>, public readonly isOpen = false) {
    this.entries = Object.entries(entries);
    // of two keys that differ in letter case the first one counts
    this.byKey = new Map(this.entries.map(([key, value]) => [folded(key), value] as const).reverse());
  }

  public find(key: string): Value | undefined {
    const found = this.byKey.get(folded(key));
    return found === undefined && this.isOpen ? UNKNOWN : found;
  }
}

/** A value of GitHub's expressions. @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions */
export type Value = null | boolean | number | string | List | Dictionary | Unknown;

export const UNKNOWN = new Unknown();

/** An evaluation that GitHub ends with an error. */
export const FAILED = new Unknown([]);

export function isPrimitive(value: Value): value is null | boolean | number | string {
  return value === null || typeof value !== 'object';
}

/** In an open object it is unknown whether the key exists. */
export function isUnknown(value: Value): value is Unknown | Dictionary {
  return value instanceof Unknown || (value instanceof Dictionary && value.isOpen);
}

/** The possible truth values: one if the value is known. */
export function truths(value: Value): readonly boolean[] {
  if (isUnknown(value)) return value instanceof Unknown ? value.comesTo : UNKNOWN.comesTo;
  return [isPrimitive(value) ? Boolean(value) : true];
}

export function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return value === 0 ? '0' : String(Number(value.toFixed(15)));
  return isPrimitive(value) ? String(value) : value instanceof List ? 'Array' : 'Object';
}

/** Compares texts as GitHub does: without letter case, except that a dotless i differs from I. */
export function folded(text: string): string {
  return text.includes('ı') ? text.replace(/[^ı]+/g, (part) => part.toUpperCase()) : text.toUpperCase();
}

export function isEqual(a: Value, b: Value): boolean {
  const [left, right] = sameKind(a, b);
  return typeof left === 'string' && typeof right === 'string' ? folded(left) === folded(right) : left === right;
}

export function isGreater(a: Value, b: Value): boolean {
  const [left, right] = sameKind(a, b);
  if (typeof left === 'string' && typeof right === 'string') return folded(left) > folded(right);
  return typeof left === typeof right && isPrimitive(left) && left !== null && left > right!;
}

export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return new List(json.map(fromJson));
  if (typeof json === 'object' && json !== null) return new Dictionary(Object.fromEntries(Object.entries(json).map(([key, one]) => [key, fromJson(one)])));
  return json as Value;
}

/** Values of different kinds are compared as numbers. */
function sameKind(a: Value, b: Value): [Value, Value] {
  return kindOf(a) === kindOf(b) || !isPrimitive(a) || !isPrimitive(b) ? [a, b] : [Number(a ?? 0), Number(b ?? 0)];
}

function kindOf(value: Value): string {
  return value === null ? 'null' : typeof value;
}
