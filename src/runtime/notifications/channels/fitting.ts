import { safeLine } from '../../reporting/untrusted-text';
import { NotificationEvent } from '../notification';

/** Longer lines of a notification are cut. */
const LINE_LIMIT = 1000;

/**
 * As much of a text as fits into `max` characters after each of its characters was spelt; a mark shows that there was more. No
 * character, and no spelling of one, is cut in two.
 */
export function fitting(text: string, max: number, spell: (character: string) => string = (character) => character): string {
  let fit = '';
  let withMark = '';
  for (const character of text) {
    const longer = fit + spell(character);
    if (longer.length > max) return `${withMark}…`;
    if (longer.length < max) withMark = longer;
    fit = longer;
  }
  return fit;
}

/** Several lines of untrusted text, each safe wherever it is shown. */
export function safeLines(text: string): string {
  return text.split(/\r\n|[\r\n]/).map((line) => safeLine(line, LINE_LIMIT)).join('\n').trim();
}

/** An address that a browser may follow, spelt as addresses are; undefined where it is none. */
export function safeAddress(address: string | undefined): string | undefined {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return url.href.replace(/[<>|\\`"'()\s]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * A safe address that fits into `max` characters after it was spelt: the whole, else its page without what is asked of it, else its site. Half an
 * address leads nowhere.
 */
export function fittingAddress(address: string | undefined, max: number, spell: (address: string) => string = (whole) => whole): string | undefined {
  const safe = safeAddress(address);
  if (safe === undefined) return undefined;
  const { origin, pathname } = new URL(safe);
  return [safe, `${origin}${pathname}`, `${origin}/`].map(spell).find(({ length }) => length <= max);
}

const ICONS: Record<NotificationEvent, string> = { firing: '🔥', reminder: '⏰', resolved: '✅', unwatched: '🚫', deployed: '✅', rolledBack: '↩️', halted: '🛑' };

/** At the head of what a person reads. */
export function iconOf(event: NotificationEvent): string {
  return ICONS[event];
}
