import { PromqlFault } from './tokens';
import { show } from '../../validation/validation-error';

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** Constructs of RE2 that JavaScript does not have. Only Prometheus can check the rest of such a pattern. */
const OF_RE2 = /\(\?[imsU-]|\(\?P<|\[\[:|\\[QEAzCpP]/;

/** @throws PromqlFault if Prometheus rejects the pattern */
export function checkPattern({ label, operator, value }: Matcher): void {
  if (operator !== '=~' && operator !== '!~') return;
  const fault = patternFault(value);
  if (fault !== undefined) throw new PromqlFault(`the pattern ${show(value)} of ${label} ${fault}`, 'Write a regular expression in RE2 syntax: https://github.com/google/re2/wiki/Syntax');
}

function patternFault(source: string): string | undefined {
  const plain = source.replace(/\\\\/g, '');
  if (/\(\?(?:[=!]|<[=!])/.test(plain)) return 'has look-around, which RE2 does not support';
  if (/\\[1-9]/.test(plain)) return 'has a back-reference, which RE2 does not support';
  const letter = /\\([ce-gh-mo-qyuGHIJKLMNORTUVXYZF])/.exec(plain.replace(/\\[afp]/g, ''))?.[1];
  if (letter !== undefined) return `contains \\${letter}, which RE2 does not support`;
  if ([...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, least, most]) => Number(least) > 1000 || Number(most ?? 0) > 1000)) return 'repeats more than 1,000 times';
  return OF_RE2.test(plain) || compiled(source) ? undefined : 'is not a valid regular expression';
}

/** Whether the matcher selects series without the label. False if that is unknown. */
export function matchesEmpty({ operator, value }: Matcher): boolean {
  switch (operator) {
    case '=': return value === '';
    case '!=': return value !== '';
    case '=~': return compiled(value)?.test('') ?? false;
    default: return !(compiled(value)?.test('') ?? true);
  }
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return undefined;
  }
}
