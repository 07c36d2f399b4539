import { Value } from './values';

/** Text that GitHub rejects as an expression. */
export class NoExpression extends Error {}

export type Token =
  | { readonly kind: 'literal'; readonly text: string; readonly value: Value }
  | { readonly kind: 'name' | 'sign'; readonly text: string };

const STRING = /'(?:[^']|'')*'/y;
const NAME = /[A-Za-z_][\w-]*/y;
const NUMBER = /[-+.\d][^\s()[\],!<>=&|]*/y;
const SIGN = /[<>=!]=|&&|\|\||[<>!()[\].,*]/y;
const SPACE = /[ \t\r\n]*/y;

const KEYWORDS = new Map<string, Value>([['true', true], ['false', false], ['null', null], ['NaN', NaN], ['Infinity', Infinity]]);

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = match(SPACE, text, 0)!.length;
  while (at < text.length) {
    const token = tokenAt(text, at, tokens.at(-1));
    tokens.push(token);
    at += token.text.length;
    at += match(SPACE, text, at)!.length;
  }
  return tokens;
}

export function unexpected(text = 'its end'): never {
  throw new NoExpression(`unexpected ${text}`);
}

function tokenAt(text: string, at: number, before: Token | undefined): Token {
  const isAfterValue = before?.kind === 'name' || (before?.kind === 'sign' && [')', ']', '*'].includes(before.text));
  const string = match(STRING, text, at);
  if (string !== undefined) return { kind: 'literal', text: string, value: string.slice(1, -1).replaceAll('\'\'', '\'') };
  const name = match(NAME, text, at);
  if (name !== undefined) {
    const keyword = before?.text === '.' ? undefined : KEYWORDS.get(name);
    return keyword === undefined ? { kind: 'name', text: name } : { kind: 'literal', text: name, value: keyword };
  }
  const number = text[at] === '.' && isAfterValue ? undefined : match(NUMBER, text, at);
  if (number !== undefined) return Number.isNaN(Number(number)) ? unexpected(number) : { kind: 'literal', text: number, value: Number(number) };
  return { kind: 'sign', text: match(SIGN, text, at) ?? unexpected(text.slice(at)) };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
