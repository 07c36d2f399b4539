import { HttpCheckManifest } from '../../../contract/manifest';
import { jsonSteps } from '../json-steps';

/**
 * What must hold of a body, in the language of Argo's conditions; `result` is the body, parsed where it is JSON.
 *
 * @param pattern of the body's text, for RE2
 * @see https://expr-lang.org/docs/language-definition
 */
export function bodyCondition({ json, release }: HttpCheckManifest, pattern: string | undefined): string | undefined {
  const isJson = json.length > 0 || release?.kind === 'json';
  const conditions = json.map(({ path, equals }) => `${place(path)} == ${literal(equals)}`);
  if (!isJson) return pattern === undefined ? undefined : `type(result) != "string" || string(result) matches ${literal(pattern)}`;
  if (release?.kind !== 'json') return conditions.join(' && ');
  return `let found = ${place(release.path)}; let said = type(found) == "string" ? trim(found) : toJSON(found); ${[...conditions, IDENTIFIES].join(' && ')}`;
}

/** The version, a leading `v` ignored, or the sha, 7 digits and more. The Rollout passes the version as the service knows it. */
const IDENTIFIES = '(said == "{{args.version}}" || "v" + said == "{{args.version}}" || said == "v" + "{{args.version}}" '
  + '|| said matches "^[0-9a-fA-F]{7,40}$" && hasPrefix(lower("{{args.sha}}"), lower(said)))';

/** What is not there is `nil`, and no error. */
function place(path: string): string {
  return jsonSteps(path).reduce<string>((inner, step) => `get(${inner}, ${literal(step)})`, 'result');
}

/** Two braces would begin an argument. */
function literal(value: string | number | boolean): string {
  return JSON.stringify(value).replace(/\{(?=\{)/g, '\\u007b').replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
