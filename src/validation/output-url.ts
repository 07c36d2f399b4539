import { webAddress } from './url';
import { invalid, show } from './validation-error';
import { outputsIn, replaceOutputs } from '../contract/deployment-outputs';

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
