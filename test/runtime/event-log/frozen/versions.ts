import type { RecordCode } from './story';
import type { GithubApi } from '../../../../src/runtime/ci/github/api';
import type { GithubEventLog } from '../../../../src/runtime/ci/github/event-log';
import type { FileEventLog } from '../../../../src/runtime/ci/local/event-log';
import { loadRuntime, Mutation } from '../../../mutated-runtime';

/** A version of the runtime, with the places of its records. */
export interface Version extends RecordCode {
  readonly FileEventLog: typeof FileEventLog;
  readonly GithubApi: typeof GithubApi;
  readonly GithubEventLog: typeof GithubEventLog;
}

const ENTRY = `
export { FileEventLog } from './ci/local/event-log';
export { GithubApi } from './ci/github/api';
export { GithubEventLog } from './ci/github/event-log';
export { EnvironmentHistory } from './ledger/history';
export { Ledger } from './ledger/ledger';
export { AlertLog } from './monitoring/alert-log';
export { NotificationLog } from './notifications/notification-log';
export { PreviewLedger } from './previews/preview-ledger';
`;

const change = (file: string, find: string, replace: string): Mutation => ({ name: `the next version: ${replace}`, file, find, replace });

/** Other names in records, another form of entries. */
const OTHER_FORMS: readonly Mutation[] = [
  change('version.ts', "'0.0.0'", "'9.8.7'"),
  change('ledger/record-codec.ts', 'processId, by, reason } = value;', 'processId, requestedBy: by, reason } = value;'),
  change('ledger/ledger.ts', 'record: { ...record },', 'record: { ...record, by: undefined, requestedBy: record.by },'),
  change('ledger/record-codec.ts', '${flags}: ${entry.note}', '${flags} - ${entry.note}'),
  change('ledger/record-codec.ts', '(, irreversible)?:(?: (.*))?$/s', '(, irreversible)? -(?: (.*))?$/s'),
  change('monitoring/alert-log.ts', 'record: { after, carried: packed, processId }', 'record: { follows: after, carried: packed, processId }'),
  change('monitoring/alert-log.ts', 'record: { after, processId,', 'record: { follows: after, processId,'),
  change('monitoring/alert-log.ts', "return ['notified', entry.of", "return ['told', entry.of"),
  change('monitoring/alert-log.ts', "word === 'notified'", "word === 'told'"),
];

const UPGRADER = change('event-log/upgraders.ts', 'UPGRADERS: readonly Upgrader[] = [', `UPGRADERS: readonly Upgrader[] = [
  {
    record: ({ after, by, ...rest }, topic) => (topic === 'alert' ? { ...rest, follows: after } : { ...rest, requestedBy: by }),
    event: (event, topic) => (topic === 'alert'
      ? { ...event, fields: event.fields.map((field) => (field === 'notified' ? 'told' : field)) }
      : { ...event, text: event.text.replace(/^([A-Za-z]+(?:, [a-z ]+)*):/, '$1 -') }),
  },`);

export const loadToday = () => loadRuntime<Version>({ entry: ENTRY });
/** Writes the next schema, and reads this one. */
export const loadNext = () => loadRuntime<Version>({ entry: ENTRY, mutations: [...OTHER_FORMS, UPGRADER] });
/** Someone forgot the upgrader. */
export const loadNextWithoutUpgrader = () => loadRuntime<Version>({ entry: ENTRY, mutations: OTHER_FORMS });
