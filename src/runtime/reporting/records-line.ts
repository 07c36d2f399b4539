import { RuntimeContext } from '../context';

/** The first line names the records, before they are read, which may fail. In JSON they are a field. */
export function reportRecords({ ci, json, log, print }: RuntimeContext): void {
  if (!json) print(`records: ${ci.records}`);
  if (ci.recordsHint !== undefined) log.line(ci.recordsHint);
}
