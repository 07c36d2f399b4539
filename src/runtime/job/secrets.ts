/** Shorter ones would blot out half the log, and protect nothing. */
const SHORTEST = 3;

/** Replaces every secret, and each line of one that has several, by `***`. Longest first, so that no rest is left over. */
export function masker(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).map((secret) => secret.trim()))]
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** Every text within a plain value, masked: to be done before it is escaped, because afterwards a secret looks different. */
export function maskWithin<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => maskWithin(item, mask)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskWithin(item as unknown, mask)])) as T;
}
