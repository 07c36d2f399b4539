import { Event, EventLogError, Stream, Topic } from './event-log';
import { UPGRADERS } from './upgraders';
import { isNumber, isText } from '../json-value';
import { unlessEjected } from '../reporting/command-line';
import { VERSION } from '../version';

/** The schema of what this version writes. */
export const SCHEMA = UPGRADERS.length + 1;

/** Who wrote a record or an event: what a newer version needs to be named. */
export interface Writer {
  readonly schema: number;
  /** Its version. Undefined where it does not say. */
  readonly writtenBy?: string;
}

/** Stands in what this version writes. */
export const WRITTEN: Writer = { schema: SCHEMA, writtenBy: VERSION };

/** A newer version wrote what decides here. The message names the version that is needed. */
export class NewerRecordError extends EventLogError {
  /**
   * @param what `the newest record of staging (deployment 7)`
   * @param unknown what this version does not know: `schema 2`
   */
  constructor(what: string, unknown: string, writtenBy: string | undefined) {
    const [writer, needed] = writtenBy === undefined ? ['a newer projen-delivery', ''] : [`projen-delivery ${writtenBy}`, ` to ${writtenBy} or later`];
    const begun = unlessEjected('Update projen-delivery', 'Take .projen and the workflows from the branch that wrote it, of projen-delivery');
    const update = `${begun}${needed}${unlessEjected(' on this branch and run `npx projen`', '')}`;
    super(`${what} was written by ${writer} (${unknown}, which this one, ${VERSION}, does not know), so nothing is changed. ${update}.`);
  }
}

export function newerSchemaError(what: string, { schema, writtenBy }: Writer): NewerRecordError {
  return new NewerRecordError(what, `schema ${schema}`, writtenBy);
}

export function isSchema(value: unknown): value is number {
  return isNumber(value) && Number.isInteger(value) && value >= 1;
}

/** As it stands in what others may have written, too. */
export function readVersion(value: unknown): string | undefined {
  return isText(value) && /^[\w.+-]{1,40}$/.test(value) ? value : undefined;
}

/** The record as this version would have written it. */
export function upgradedRecord(record: Stream['record'], topic: Topic, schema: number): Stream['record'] {
  return UPGRADERS.slice(schema - 1).reduce((read, upgrader) => upgrader.record(read, topic), record);
}

/** The event as this version would have written it. */
export function upgradedEvent(event: Event, topic: Topic, schema: number): Event {
  return UPGRADERS.slice(schema - 1).reduce((read, upgrader) => upgrader.event(read, topic), event);
}

const FIELD = 'schema=';
const BY = 'by=';

/** What an event says of its schema beside its fields. Nothing in the first one. */
export function schemaFields({ schema, writtenBy }: Writer): string[] {
  if (schema === 1) return [];
  return [`${FIELD}${schema}`, ...(writtenBy !== undefined && /^[\w.]+$/.test(writtenBy) ? [`${BY}${writtenBy}`] : [])];
}

/** The fields of an event, and who wrote them. */
export function readSchemaFields(all: readonly string[]): { readonly fields: readonly string[]; readonly writer: Writer } {
  const at = all.findIndex((field) => /^schema=\d{1,9}$/.test(field));
  if (at < 0) return { fields: all, writer: { schema: 1 } };
  const by = all.slice(at + 1).find((field) => field.startsWith(BY));
  return { fields: all.slice(0, at), writer: { schema: Number(all[at]!.slice(FIELD.length)), writtenBy: by && readVersion(by.slice(BY.length)) } };
}
