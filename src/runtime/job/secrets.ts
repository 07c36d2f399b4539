/** Shorter ones would blot out half the log, and protect nothing. */
const SHORTEST = 3;

/**
 * Replaces every secret, each line of one that has several, and what these look like in JSON, in a URL or as Base64, by `***`.
 * Longest first, so that no rest is left over.
 */
export function masker(secrets: readonly string[]): (text: string) => string {
  const plain = secrets.flatMap((secret) => [secret, ...secret.split(/\r\n|[\r\n]/), ...withoutScheme(secret)]).map((secret) => secret.trim());
  const isSecret = (text: string) => text.length >= SHORTEST;
  // a look may be shorter than what is looked at: in a URL `../` is nothing
  const hidden = [...new Set(plain.filter(isSecret).flatMap(looksOf).filter(isSecret))].sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** `Bearer abc`: the token alone is a secret, too. */
function withoutScheme(secret: string): string[] {
  const [, credentials] = /^\s*[\w-]+ +(\S{8,})\s*$/.exec(secret) ?? [];
  return credentials === undefined ? [] : [credentials];
}

function looksOf(secret: string): string[] {
  const url = new URL('http://x');
  url.pathname = secret;
  url.search = secret;
  const encoded = form(secret);
  return [secret, JSON.stringify(secret).slice(1, -1), encoded, encoded.replaceAll('+', '%20'), url.pathname.slice(1), url.search.slice(1), ...base64(secret)];
}

/** As in a form or a query. encodeURIComponent would refuse half a character. */
function form(secret: string): string {
  return new URLSearchParams([['', secret]]).toString().slice(1);
}

/** Shorter pieces of Base64 are found by chance. */
const SHORTEST_BASE64 = 8;

/** What is always there of it, whatever stands before and after: three bytes become four characters, so there are three ways to lie. */
function base64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const core = encoded.slice(Math.ceil(before * 4 / 3), Math.floor((before + bytes.length) * 4 / 3));
    return core.length < SHORTEST_BASE64 ? [] : [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Every text within a plain value, masked: to be done before it is escaped, because afterwards a secret looks different. */
export function maskWithin<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => maskWithin(item, mask)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskWithin(item as unknown, mask)])) as T;
}
