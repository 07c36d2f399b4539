import { invalid, show } from './validation-error';
import { isLoopback, outputsIn, replaceOutputs } from '../contract/deployment-outputs';

/** Fixes for options that do not have `secretRequestHeaders` or `allowInsecure`. */
interface AddressFixes {
  readonly credentials?: string;
  readonly insecure?: string;
}

/** Parses a URL option: http(s), without credentials, and plain http only on loopback or with `allowInsecure`. */
export function webAddress(option: string, value: unknown, allowInsecure: boolean, fixes: AddressFixes = {}): URL {
  const url = parse(option, value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    invalid(option, `${show(value)} has the scheme ${show(url.protocol.slice(0, -1))}, but only https and http can be probed`, 'Write https://...');
  }
  if (url.username || url.password) {
    // the value is not shown, because it contains a password
    invalid(option, `the URL of ${url.host} carries credentials, which everyone who can read the repository would see`,
      fixes.credentials ?? 'Remove them and send a secret header: secretRequestHeaders: { authorization: \'NAME_OF_A_SECRET\' }');
  }
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url)) {
    invalid(option, `${show(value)} is plain http, so anyone on the network path can forge the response`, fixes.insecure ?? 'Write https://..., or set allowInsecure: true');
  }
  return url;
}

function parse(option: string, value: unknown): URL {
  if (typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(value) && !/[\s\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(value)) {
    try {
      return new URL(value);
    } catch { /* reported below */ }
  }
  const corrected = typeof value === 'string' && /^[\w.-]+(:\d+)?(\/\S*)?$/.test(value) ? `https://${value}` : 'https://www.example.com';
  invalid(option, `${show(value)} is not a URL`, `Write it with its scheme: '${corrected}'`);
}

/** Parses a URL option in which placeholders may stand for outputs of a deployment: the rest of it must be valid. */
export function webAddressWithOutputs(option: string, value: unknown, allowInsecure: boolean): URL {
  return webAddress(option, withoutOutputs(option, value), allowInsecure);
}

/** Puts something into the place of each output, as its value would be: a URL where the text begins with it. */
export function withoutOutputs(option: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  checkPlaceholders(option, value);
  const [first] = outputsIn(value);
  const isUrl = first !== undefined && value.startsWith(`{output:${first}}`);
  const rest = (text: string) => replaceOutputs(text, () => 'output');
  return isUrl ? `https://output.invalid${rest(value.slice(`{output:${first}}`.length))}` : rest(value);
}

/** Rejects a placeholder that is not well-formed: it would never be replaced. */
export function checkPlaceholders(option: string, value: string): void {
  const wrong = /\{output:[^}]*\}?/i.exec(replaceOutputs(value, () => ''))?.[0];
  if (wrong !== undefined) invalid(option, `${show(wrong)} is not the placeholder of an output`, 'Write `${StackOutput.of(\'Api\', \'Url\')}`, which has the form {output:Api.Url}');
}

/** Returns whether a placeholder stands in the text. */
export function needsOutputs(text: string): boolean {
  return outputsIn(text).length > 0;
}
