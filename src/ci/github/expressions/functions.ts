import { Dictionary, FAILED, folded, fromJson, isEqual, isPrimitive, List, textOf, Unknown, UNKNOWN, Value } from './values';

/** A function of GitHub's expressions; unknown and failed arguments are handled before the call. */
interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  call?(...args: Value[]): Value;
}

/** By name in lower case. One without `call` depends on the context of the expression. */
export const FUNCTIONS: Readonly<Record<string, ExpressionFunction | undefined>> = {
  contains: { least: 2, most: 2, call: contains },
  startswith: { least: 2, most: 2, call: (text, part) => compared(text, part, (a, b) => a.startsWith(b)) },
  endswith: { least: 2, most: 2, call: (text, part) => compared(text, part, (a, b) => a.endsWith(b)) },
  format: { least: 1, most: 255, call: format },
  join: { least: 1, most: 2, call: join },
  tojson: { least: 1, most: 1, call: (value) => toJson(value) },
  fromjson: { least: 1, most: 1, call: parsed },
  case: { least: 3, most: 255, call: choose },
  hashfiles: { least: 1, most: 255 },
  always: { least: 0, most: 0 },
  success: { least: 0, most: 0 },
  failure: { least: 0, most: 0 },
  cancelled: { least: 0, most: 0 },
};

function contains(where: Value, what: Value): Value {
  if (where instanceof List) {
    if (where.items.some((item) => !(item instanceof Unknown) && isEqual(what, item))) return true;
    return where.items.some((item) => item instanceof Unknown) ? UNKNOWN : false;
  }
  return compared(where, what, (a, b) => a.includes(b));
}

/** Letter case makes no difference. */
function compared(text: Value, part: Value, holds: (text: string, part: string) => boolean): Value {
  return isPrimitive(text) && isPrimitive(part) && holds(folded(textOf(text)), folded(textOf(part)));
}

function format(pattern: Value, ...values: Value[]): Value {
  let isWrong = false;
  const text = textOf(pattern).replace(/\{\{|\}\}|\{(\d+)[^}]*\}|[{}]/g, (found, number?: string) => {
    if (found === '{{' || found === '}}') return found[0];
    isWrong ||= number === undefined || Number(number) >= values.length;
    return isWrong ? '' : textOf(values[Number(number)]);
  });
  return isWrong ? FAILED : text;
}

function join(values: Value, separator: Value = ','): Value {
  if (!(values instanceof List)) return isPrimitive(values) ? textOf(values) : '';
  if (values.items.some((item) => item instanceof Unknown)) return UNKNOWN;
  return values.items.map(textOf).join(isPrimitive(separator) ? textOf(separator) : ',');
}

function parsed(text: Value): Value {
  try {
    return fromJson(JSON.parse(textOf(text)));
  } catch {
    return FAILED;
  }
}

function toJson(value: Value): Value {
  return isKnown(value) ? JSON.stringify(plain(value), undefined, 2) : UNKNOWN;
}

function isKnown(value: Value): boolean {
  if (value instanceof List) return value.items.every(isKnown);
  if (value instanceof Dictionary) return !value.isOpen && value.entries.every(([, one]) => isKnown(one));
  return !(value instanceof Unknown);
}

function plain(value: Value): unknown {
  if (value instanceof List) return value.items.map(plain);
  return value instanceof Dictionary ? Object.fromEntries(value.entries.map(([key, one]) => [key, plain(one)])) : value;
}

function choose(...args: Value[]): Value {
  for (let i = 0; i < args.length - 1; i += 2) {
    if (typeof args[i] !== 'boolean') return FAILED;
    if (args[i] === true) return args[i + 1];
  }
  return args.length % 2 === 0 ? FAILED : args.at(-1)!;
}
