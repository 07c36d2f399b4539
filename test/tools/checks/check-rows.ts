/** Checks and rows for tests of what a run selects and records. */
import { Check } from '../../../tools/checks/inputs';
import { Row } from '../../../tools/checks/pass-table';

export function aCheck(name: string, about: Partial<Check> = {}): Check {
  return { name, always: false, nightly: false, isSuite: name.endsWith('.ts'), isSampled: false, inputs: [], named: [], hash: 'now', ...about };
}

/** A row of a check that passed with the inputs of now. */
export function aRow(check: string, about: Partial<Row> = {}): Row {
  return { check, result: 'passed', inputs: 'now', commit: 'abc', date: '2026-12-02', seconds: 1, cpuSeconds: 10, share: '', ...about };
}

export function table(...rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.check, row]));
}
