import { show } from '../../validation/validation-error';

/** Prometheus rejects the query, and every rule of a file that contains it. */
export class PromqlFault extends Error {
  constructor(public readonly why: string, public readonly fix: string) {
    super(why);
  }
}

/** The query has a construct that this parser does not know and a newer Prometheus may know. */
export class PromqlUnknown extends Error {
  constructor(public readonly why: string) {
    super(why);
  }
}

export interface Token {
  readonly kind: 'number' | 'duration' | 'text' | 'name' | 'mark' | 'end';
  /** The value of a string; any other token as it is written. */
  readonly text: string;
}

const SPACE = /(?:\s|#[^\n]*)+/y;
const TEXT = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y;
const DURATION = /(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?(?![\w.])/y;
const NUMBER = /(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/y;
const NAME = /[A-Za-z_][\w:]*/y;
const MARK = /==|!=|=~|!~|>=|<=|[-=<>+*/%^(){}[\],:@]/y;

/**
 * Splits a query into tokens. The last one is an `end`.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#literals
 */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length;) {
    const [kind, found] = next(query, at);
    at += found.length;
    if (kind !== 'space') tokens.push({ kind, text: kind === 'text' ? valueOf(found) : found });
  }
  return [...tokens, { kind: 'end', text: 'the end' }];
}

function next(query: string, at: number): [kind: Token['kind'] | 'space', text: string] {
  const found = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(query)?.[0] ?? '';
  };
  for (const [kind, pattern] of [['space', SPACE], ['text', TEXT], ['duration', DURATION], ['number', NUMBER], ['name', NAME], ['mark', MARK]] as const) {
    const text = found(pattern);
    if (text === '') continue;
    return [kind === 'name' && /^(?:inf|nan)$/i.test(text) ? 'number' : kind, text];
  }
  throw new PromqlUnknown(`${show(query.slice(at, at + 10))} is not a known token`);
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Returns the value of a string. Between backticks a backslash is literal; elsewhere Go's escapes apply. */
function valueOf(text: string): string {
  const [quote, inner] = [text[0], text.slice(1, -1)];
  if (quote === '`') return inner;
  return inner.replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[^])/gu, (all, escape: string) => {
    if (escape === '\\' || escape === quote) return escape;
    if (/^[xuU]./.test(escape)) return String.fromCodePoint(Math.min(parseInt(escape.slice(1), 16), 0x10ffff));
    if (/^\d{3}/.test(escape)) return String.fromCharCode(parseInt(escape, 8));
    const letter = ESCAPES[escape];
    if (letter === undefined) throw new PromqlFault(`${all} in ${text} is not an escape that Prometheus knows`, `Double the backslash: \\${all}, or write the text between backticks`);
    return letter;
  });
}
