import { appendFileSync } from 'node:fs';
import { Assumption, MeasuredId } from './assumptions';

/** What a measurement showed. */
export interface Finding {
  readonly measured: string;
  readonly holds: boolean;
}

export type Findings = Partial<Record<MeasuredId, Finding>>;

/** `failed`: it was to be measured and could not be. `left out`: it was not asked for. */
export type Outcome = 'holds' | 'does not hold' | 'not measurable here' | 'failed' | 'left out';

export interface Row {
  readonly id: string;
  readonly text: string;
  readonly measured: string;
  readonly outcome: Outcome;
}

/** One row for each assumption, in their order. `failed` says why a measurement could not be made. */
export function rowsOf(all: readonly Assumption[], measured: Partial<Record<string, Finding>>, failed: Partial<Record<string, string>>): Row[] {
  return all.map(({ id, text, notMeasurable }): Row => {
    if (notMeasurable !== undefined) return { id, text, measured: notMeasurable, outcome: 'not measurable here' };
    const found = measured[id];
    if (found) return { id, text, measured: found.measured, outcome: found.holds ? 'holds' : 'does not hold' };
    const why = failed[id];
    return { id, text, measured: why ?? '', outcome: why === undefined ? 'left out' : 'failed' };
  });
}

/** Prints the table into the log and the job's summary. Returns the exit code: 0 where everything that was measured holds. */
export function publish(title: string, rows: readonly Row[], env: NodeJS.ProcessEnv): number {
  console.log(`\n${logTable(rows)}\n`);
  if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, summaryOf(title, rows));
  return rows.some(({ outcome }) => outcome === 'does not hold' || outcome === 'failed') ? 1 : 0;
}

function summaryOf(title: string, rows: readonly Row[]): string {
  const count = (outcome: Outcome) => rows.filter((row) => row.outcome === outcome).length;
  return [
    `# ${title}`,
    `${count('holds')} hold, ${count('does not hold')} do not hold, ${count('failed')} could not be measured, ${count('not measurable here')} are not measurable here.`,
    markdownTable(rows),
    '',
  ].join('\n\n');
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
