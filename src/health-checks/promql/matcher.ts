import { PromqlFault } from './fault';
import { show } from '../../validation/validation-error';

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What RE2 has and JavaScript has not: of such a pattern only Prometheus can say more. */
const OF_RE2 = /\(\?[imsU-]|\(\?P<|\[\[:|\\[QEAzCpP]/;

/** @throws PromqlFault where Prometheus refuses the pattern */
export function checkPattern({ label, operator, value }: Matcher): void {
  if (operator !== '=~' && operator !== '!~') return;
  const fault = patternFault(value);
  if (fault !== undefined) throw new PromqlFault(`the pattern ${show(value)} of ${label} ${fault}`, 'Write a regular expression of RE2: https://github.com/google/re2/wiki/Syntax');
}

function patternFault(source: string): string | undefined {
  const plain = source.replace(/\\\\/g, '');
  if (/\(\?(?:[=!]|<[=!])/.test(plain)) return 'looks ahead or behind, which RE2 cannot';
  if (/\\[1-9]/.test(plain)) return 'refers to a group, which RE2 cannot';
  const letter = /\\([ce-gh-mo-qyuGHIJKLMNORTUVXYZF])/.exec(plain.replace(/\\[afp]/g, ''))?.[1];
  if (letter !== undefined) return `holds \\${letter}, which RE2 does not know`;
  if ([...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, least, most]) => Number(least) > 1000 || Number(most ?? 0) > 1000)) return 'repeats more than 1,000 times';
  return OF_RE2.test(plain) || compiled(source) ? undefined : 'is no regular expression';
}

/** Whether a series without the label fits. Where nobody can tell, no. */
export function fitsNothing({ operator, value }: Matcher): boolean {
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
