import { safeLine, webUrl } from '../../reporting/untrusted-text';
import { NotificationEvent } from '../notification';

/** Longer lines of a notification are cut. */
const LINE_LIMIT = 1000;

/**
 * Cuts a text to `max` characters, counted after escaping; an ellipsis marks the cut. Never cuts within a character or its escape.
 */
export function fitting(text: string, max: number, escape: (character: string) => string = (character) => character): string {
  let fit = '';
  let withMark = '';
  for (const character of text) {
    const longer = fit + escape(character);
    if (longer.length > max) return `${withMark}…`;
    if (longer.length < max) withMark = longer;
    fit = longer;
  }
  return fit;
}

/** Makes each line of untrusted text safe to show. */
export function safeLines(text: string): string {
  return text.split(/\r\n|[\r\n]/).map((line) => safeLine(line, LINE_LIMIT)).join('\n').trim();
}

/** The normalized http(s) URL; undefined if it is none. */
function safeAddress(address: string | undefined): string | undefined {
  return webUrl(address)?.href.replace(/[<>|\\`"'()\s]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Shortens a URL to `max` characters after escaping: the whole, else without its query, else its origin. A URL cut in the middle is useless.
 */
export function fittingAddress(address: string | undefined, max: number, escape: (address: string) => string = (whole) => whole): string | undefined {
  const safe = safeAddress(address);
  if (safe === undefined) return undefined;
  const { origin, pathname } = new URL(safe);
  return [safe, `${origin}${pathname}`, `${origin}/`].map(escape).find(({ length }) => length <= max);
}

const ICONS: Record<NotificationEvent, string> = { firing: '🔥', reminder: '⏰', resolved: '✅', unwatched: '🚫', deployed: '✅', rolledBack: '↩️', halted: '🛑' };

/** The icon before a title. */
export function iconOf(event: NotificationEvent): string {
  return ICONS[event];
}

/**
 * Limits in UTF-16 units, after escaping. A channel rejects a longer message as a whole, so it is cut before.
 * "Ours": the provider publishes no limit, or one for the whole message; our number keeps the whole below that.
 */
export interface ChannelLimits {
  /** Of the title. */
  readonly title: number;
  /** Of the text, in all its lines. */
  readonly text: number;
  /** Of a URL: a longer one is shortened to its path or its origin. */
  readonly url: number;
  /** Of a single fact. */
  readonly fact?: number;
  /** Of all facts together. */
  readonly facts?: number;
  /** Of the fallback text. */
  readonly fallback?: number;
  /** Of a link, with its text. */
  readonly link?: number;
  /** Of the key by which a receiver groups notifications. */
  readonly key?: number;
  /** How many lines get a block of their own. */
  readonly lines?: number;
}
