import { JsonConditionManifest, ReleaseIdentityManifest } from '../../../contract/manifest';
import { jsonSteps } from '../json-steps';

/**
 * All conditions on a JSON body as one expression in CEL, of which the exporter knows `body`. What is missing in the body is an error
 * there, and fails the probe.
 *
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md
 */
export function jsonExpression(conditions: JsonConditionManifest[], release: ReleaseIdentityManifest | undefined): string {
  return [
    ...conditions.map(({ path, equals }) => `${place(path)} == ${literal(equals)}`),
    ...(release?.kind === 'json' ? [`${place(release.path)} != null`, `${place(release.path)} != ""`] : []),
  ].join(' && ');
}

function place(path: string): string {
  return `body${jsonSteps(path).map((step) => (typeof step === 'string' && /^[A-Za-z_]\w*$/.test(step) && !RESERVED.has(step) ? `.${step}` : `[${JSON.stringify(step)}]`)).join('')}`;
}

/** Words that CEL keeps for itself, also behind a dot. */
const RESERVED = new Set(['as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace', 'null',
  'package', 'return', 'true', 'var', 'void', 'while']);

/** Numbers of JSON are doubles. */
function literal(value: string | number | boolean): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
