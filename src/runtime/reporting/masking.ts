import { safeLine } from './untrusted-text';

/** Shorter secrets are not masked: that would hide too much of the log. */
const SHORTEST = 3;

type Mask = (text: string) => string;

/** Patterns are long, and each probe needs the same one. */
const known = new Map<string, Mask>();

/**
 * Replaces every secret, each of its lines, and their forms in JSON, URLs and Base64 by `***`. Longest first, so that nothing is left
 * over.
 */
export function masker(secrets: readonly string[]): Mask {
  const key = JSON.stringify(secrets);
  const mask = known.get(key) ?? newMask(secrets);
  known.set(key, mask);
  return mask;
}

function newMask(secrets: readonly string[]): Mask {
  const hidden = secrets
    .flatMap((secret) => [secret, ...secret.split(/\r\n|[\r\n]/), ...withoutScheme(secret)])
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  if (hidden.length === 0) return (text) => text;
  const looks = new RegExp([...new Set(hidden.flatMap((secret) => [patternOf(secret), ...base64(secret)]))].join('|'), 'g');
  return (text) => text.replace(looks, '***');
}

/** `Bearer abc`: the token alone is a secret, too. */
function withoutScheme(secret: string): string[] {
  const [, credentials] = /^\s*[\w-]+ +(\S{8,})\s*$/.exec(secret) ?? [];
  return credentials === undefined ? [] : [credentials];
}

/** A pattern for a secret: each character plain, or as JSON, a URL or a form escapes it, even twice. */
function patternOf(secret: string): string {
  return [...secret.matchAll(/\\+|[^\\]/gsu)].map(([piece]) => {
    if (/^\w$/.test(piece)) return piece;
    // escaping multiplies backslashes; a URL turns them into slashes
    if (piece.startsWith('\\')) return `(?:\\\\{${piece.length},}|/{${piece.length}}|(?:%5[cC]){${piece.length}})`;
    return `\\\\{0,7}(?:${escapedForms(piece).map(literally).join('|')})`;
  }).join('');
}

function escapedForms(character: string): string[] {
  const inUrl = Buffer.from(character).toString('hex').replace(/../g, '%$&');
  const inJson = character.charCodeAt(0).toString(16).padStart(4, '0');
  const short = JSON.stringify(character).slice(1, -1).replace('\\', '');
  return [...new Set([character, short, `u${inJson}`, `u${inJson.toUpperCase()}`, inUrl, inUrl.toUpperCase(), ...(character === ' ' ? ['+'] : [])])];
}

function literally(text: string): string {
  return text.replace(/[^\w%]/g, '\\$&');
}

/** Shorter pieces of Base64 occur by chance. */
const SHORTEST_BASE64 = 8;

/** The part of the Base64 form that does not depend on the text around it, for each of the three alignments. */
function base64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const core = encoded.slice(Math.ceil(before * 4 / 3), Math.floor((before + bytes.length) * 4 / 3));
    return core.length < SHORTEST_BASE64 ? [] : [core.replaceAll('+', '[+-]').replaceAll('/', '[/_]')];
  });
}

/** A safe line without secrets. Masks before the text is cut, which may split a secret, and afterwards, which may join the parts of one. */
export function maskedLine(text: string, mask: Mask, max?: number): string {
  return mask(safeLine(mask(text), max));
}

/** Masks all text within a plain value. Call it before escaping, which changes how a secret looks. */
export function maskWithin<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => maskWithin(item, mask)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskWithin(item as unknown, mask)])) as T;
}
