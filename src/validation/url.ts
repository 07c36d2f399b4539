import { invalid, show } from './validation-error';

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Fixes that a message names instead of the usual ones, for an option that lacks the usual options. */
export interface AddressFixes {
  readonly credentials?: string;
  readonly insecure?: string;
}

/** What a URL option may hold: http(s), no credentials, and plain http only on loopback or where `allowInsecure` is said. */
export function webAddress(option: string, value: unknown, allowInsecure: boolean, fixes: AddressFixes = {}): URL {
  const url = parse(option, value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    invalid(option, `${show(value)} has the scheme ${show(url.protocol.slice(0, -1))}, and only https and http can be probed`, 'Write https://...');
  }
  if (url.username || url.password) {
    // the value is not shown: it holds a password
    invalid(option, `the URL of ${url.host} carries credentials, which everyone who reads the repository would see`,
      fixes.credentials ?? 'Take them out and send a secret header: secretRequestHeaders: { authorization: \'NAME_OF_A_SECRET\' }');
  }
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url)) {
    invalid(option, `${show(value)} is plain http, so anybody on the way can answer for the service`, fixes.insecure ?? 'Write https://... or say allowInsecure: true');
  }
  return url;
}

export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}

function parse(option: string, value: unknown): URL {
  if (typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(value) && !/[\s\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(value)) {
    try {
      return new URL(value);
    } catch { /* said below */ }
  }
  const mended = typeof value === 'string' && /^[\w.-]+(:\d+)?(\/\S*)?$/.test(value) ? `https://${value}` : 'https://www.example.com';
  invalid(option, `${show(value)} is not a URL`, `Write it with its scheme: '${mended}'`);
}
