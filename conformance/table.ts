import { Assumption, AssumptionId, ASSUMPTIONS, MeasuredId } from './assumptions';

/** What a measurement showed. */
export interface Finding {
  readonly measured: string;
  readonly holds: boolean;
}

export type Findings = Partial<Record<MeasuredId, Finding>>;

/** `failed`: it was to be measured and could not be. `left out`: it was not asked for. */
export type Outcome = 'holds' | 'does not hold' | 'not measurable here' | 'failed' | 'left out';

export interface Row {
  readonly id: AssumptionId;
  readonly text: string;
  readonly measured: string;
  readonly outcome: Outcome;
}

/** One row for each assumption, in their order. `failures` says why a measurement could not be made. */
export function rowsOf(findings: Findings, failures: Partial<Record<MeasuredId, string>>): Row[] {
  const measured: Partial<Record<string, Finding>> = findings;
  const failed: Partial<Record<string, string>> = failures;
  const all: readonly (Assumption & { readonly id: AssumptionId })[] = ASSUMPTIONS;
  return all.map(({ id, text, notMeasurable }): Row => {
    if (notMeasurable !== undefined) return { id, text, measured: notMeasurable, outcome: 'not measurable here' };
    const found = measured[id];
    if (found) return { id, text, measured: found.measured, outcome: found.holds ? 'holds' : 'does not hold' };
    const why = failed[id];
    return { id, text, measured: why ?? '', outcome: why === undefined ? 'left out' : 'failed' };
  });
}

/** For the job's summary. */
export function markdownTable(rows: readonly Row[]): string {
  return [
    '| Assumption | | Measured | Holds |',
    '|---|---|---|---|',
    ...rows.map(({ id, text, measured, outcome }) => `| \`${id}\` | ${cell(text)} | ${cell(measured)} | ${mark(outcome)} |`),
  ].join('\n');
}

/** For the log: one line for each. */
export function logTable(rows: readonly Row[]): string {
  const [ids, outcomes] = [rows.map(({ id }) => id.length), rows.map(({ outcome }) => outcome.length)].map((lengths) => Math.max(...lengths));
  return rows.map(({ id, outcome, measured }) => `${id.padEnd(ids)}  ${outcome.padEnd(outcomes)}  ${measured}`).join('\n');
}

function mark(outcome: Outcome): string {
  switch (outcome) {
    case 'holds': return '✅ holds';
    case 'does not hold': return '❌ does not hold';
    case 'failed': return '⚠️ could not be measured';
    default: return outcome;
  }
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}
