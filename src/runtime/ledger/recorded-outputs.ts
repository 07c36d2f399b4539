import type { Entry } from './entries';
import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { isObject, isText, parseJson } from '../json-value';

/**
 * The most characters of the outputs that an entry records, as JSON: on GitHub they are a part of the link to the run. What GitHub accepts there is
 * not documented.
 */
export const RECORDED_LIMIT = 700;

const FIELD = 'outputs=';

/** Returns the field of an event that holds the outputs. */
export function outputsField(outputs: DeploymentOutputs): string {
  const text = Buffer.from(jsonOf(outputs)).toString('base64');
  return `${FIELD}${text.replaceAll('+', '.').replaceAll('/', '_').replace(/=+$/, '')}`;
}

/** Reads the outputs from the fields of an event; undefined if there are none. */
export function readOutputsField(fields: readonly string[]): DeploymentOutputs | undefined {
  const field = fields.find((one) => one.startsWith(FIELD))?.slice(FIELD.length);
  return field === undefined ? undefined : readOutputs(parseJson(Buffer.from(field.replaceAll('.', '+').replaceAll('_', '/'), 'base64').toString()));
}

/** Reads outputs from JSON; undefined if they are none. */
export function readOutputs(value: unknown): DeploymentOutputs | undefined {
  return isObject(value) && Object.values(value).every(isText) ? value as DeploymentOutputs : undefined;
}

/** The same outputs give the same text. */
export function jsonOf(outputs: DeploymentOutputs): string {
  return JSON.stringify(Object.fromEntries(Object.entries(outputs).sort(([one], [other]) => (one < other ? -1 : 1))));
}

/** The newest outputs that a deployment recorded. */
export function lastOutputs(entries: readonly Pick<Entry, 'outputs'>[]): DeploymentOutputs | undefined {
  return [...entries].reverse().find(({ outputs }) => outputs !== undefined)?.outputs;
}
