/** What a release needs: no debt at its commit, and a night that passed with the inputs of that commit. Pure. */
import { Check } from './inputs';
import { Row } from './pass-table';

/** Returns a line for each check that refuses the release. */
export function refusals(checks: readonly Check[], passed: ReadonlyMap<string, Row>, night: ReadonlyMap<string, Row>): string[] {
  return checks.flatMap((check) => {
    const { name, always, nightly, hash } = check;
    const row = passed.get(name);
    if (!always && !nightly && row?.inputs !== hash) return [`${name}: owed; ${row ? `it last passed with other inputs, at ${row.commit}` : 'it never passed'}`];
    const ofNight = nightDebt(check, night);
    return ofNight ? [`${name}: ${ofNight}`] : [];
  });
}

/** Returns why the last night does not count for a check, or undefined. */
export function nightDebt({ name, hash }: Check, night: ReadonlyMap<string, Row>): string | undefined {
  const row = night.get(name);
  if (!row) return 'no night ran it';
  if (row.result === 'failed') return `it failed in the night of ${row.date}, at ${row.commit}`;
  return row.inputs === hash ? undefined : `the night of ${row.date} ran it with other inputs, at ${row.commit}`;
}
