import { FUNCTIONS } from './functions';
import { Comparison, Tree } from './tree';
import { Dictionary, FAILED, folded, isEqual, isGreater, isPrimitive, isUnknown, List, textOf, truths, Unknown, UNKNOWN, Value } from './values';

/** The status of the earlier jobs, for `success()`, `failure()` and `cancelled()`. With `skipped` none of the three is true. */
export type Status = 'success' | 'failure' | 'cancelled' | 'skipped';

/** The known values for an evaluation. */
export interface EvaluationContext {
  /** By name in lower case: `github`, `needs`. An absent one is unknown. */
  readonly contexts: Readonly<Record<string, Value>>;
  /** Unknown if absent. */
  readonly status?: Status;
}

/** Evaluates an expression as GitHub does, as far as its values are known. */
export function evaluate(tree: Tree, known: EvaluationContext): Value {
  switch (tree.kind) {
    case 'literal': return tree.value;
    case 'context': return tree.name in known.contexts ? known.contexts[tree.name] : UNKNOWN;
    case 'index': return lookedUp(evaluate(tree.of, known), tree.key && evaluate(tree.key, known));
    case 'call': return called(tree.name, tree.args.map((arg) => evaluate(arg, known)), known);
    case 'not': return oneOf(truths(evaluate(tree.of, known)).map((truth) => !truth));
    case 'compare': return compared(tree.operator, evaluate(tree.left, known), evaluate(tree.right, known));
    default: return combined(evaluate(tree.left, known), tree.kind === 'or', () => evaluate(tree.right, known));
  }
}

/** `&&` and `||`: the left side if it decides, else the right side. */
function combined(left: Value, decides: boolean, right: () => Value): Value {
  const known = truths(left);
  if (!known.includes(!decides)) return left;
  const other = right();
  return known.includes(decides) ? new Unknown([...new Set([decides, ...truths(other)])]) : other;
}

function oneOf(possible: readonly boolean[]): Value {
  if (possible.length === 0) return FAILED;
  return possible.length === 1 ? possible[0] : UNKNOWN;
}

function called(name: string, args: readonly Value[], { status }: EvaluationContext): Value {
  if (args.includes(FAILED)) return FAILED;
  if (name === 'always') return true;
  if (name === 'success' || name === 'failure' || name === 'cancelled') return status === undefined ? UNKNOWN : status === name;
  if (args.some(isUnknown)) return partlyCalled(name, args);
  const known = FUNCTIONS[name];
  return known?.call ? known.call(...args) : UNKNOWN;
}

/** The known beginning and end of an unknown text may be enough. */
function partlyCalled(name: string, [where, what]: readonly Value[]): Value {
  if (name === 'format') return partlyFormatted(where);
  if (name === 'contains' && where instanceof List) return where.items.every((item) => isAnother(what, item)) ? false : UNKNOWN;
  if (!(where instanceof Unknown) || !isPrimitive(what)) return UNKNOWN;
  const part = folded(textOf(what));
  const begin = folded(where.text.begin);
  const end = folded(where.text.end);
  if (name === 'startswith') return begin.startsWith(part) || (part.startsWith(begin) ? UNKNOWN : false);
  if (name === 'endswith') return end.endsWith(part) || (part.endsWith(end) ? UNKNOWN : false);
  return name === 'contains' && (begin.includes(part) || end.includes(part)) ? true : UNKNOWN;
}

/** The text before the first value and after the last one. */
function partlyFormatted(pattern: Value): Value {
  const [, begin, end] = (typeof pattern === 'string' && /^([^{}]*)\{.*\}([^{}]*)$/s.exec(pattern)) || [];
  return begin === undefined ? UNKNOWN : new Unknown(begin + end === '' ? UNKNOWN.comesTo : [true], { begin, end });
}

function compared(operator: Comparison, left: Value, right: Value): Value {
  if (left === FAILED || right === FAILED) return FAILED;
  if (isUnknown(left) || isUnknown(right)) {
    const differs = (operator === '==' || operator === '!=') && (isAnother(left, right) || isAnother(right, left));
    return differs ? operator === '!=' : UNKNOWN;
  }
  if (operator === '==' || operator === '!=') return isEqual(left, right) === (operator === '==');
  const [larger, smaller] = operator.startsWith('>') ? [left, right] : [right, left];
  return isGreater(larger, smaller) || (operator.endsWith('=') && isEqual(left, right));
}

/** Whether a value cannot be the unknown one. */
function isAnother(unknown: Value, text: Value): boolean {
  if (!(unknown instanceof Unknown)) return false;
  const { begin, end, isName = false } = unknown.text;
  if (text instanceof Unknown) return !fit(begin, text.text.begin, 'startsWith') || !fit(end, text.text.end, 'endsWith');
  if (typeof text !== 'string' || text === '') return isName && isPrimitive(text);
  return !folded(text).startsWith(folded(begin)) || !folded(text).endsWith(folded(end)) || text.length < begin.length + end.length;
}

/** Whether a text can begin, or end, with both. */
function fit(a: string, b: string, way: 'startsWith' | 'endsWith'): boolean {
  return folded(a)[way](folded(b)) || folded(b)[way](folded(a));
}

/** @param key absent for `*` */
function lookedUp(of: Value, key: Value | undefined): Value {
  if (of === FAILED || key === FAILED) return FAILED;
  if (of instanceof Unknown || key instanceof Unknown) return UNKNOWN;
  if (of instanceof List && of.isFiltered) return new List(of.items.flatMap((item) => itemsOf(item, key)), true);
  if (key !== undefined) return itemsOf(of, key)[0] ?? null;
  return of instanceof Dictionary && of.isOpen ? UNKNOWN : new List(itemsOf(of, key), true);
}

function itemsOf(of: Value, key: Value | undefined): Value[] {
  if (of instanceof Unknown) return [UNKNOWN];
  if (of instanceof Dictionary) {
    if (key === undefined) return of.entries.map(([, one]) => one);
    const found = isPrimitive(key) ? of.find(textOf(key)) : undefined;
    return found === undefined ? [] : [found];
  }
  if (!(of instanceof List)) return [];
  if (key === undefined) return [...of.items];
  const index = isPrimitive(key) ? Math.floor(Number(key ?? 0)) : NaN;
  return of.items.slice(index, index + 1).filter(() => index >= 0);
}
