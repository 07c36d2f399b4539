import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENT, idsIn, withTables } from './document';
import { Assumption, ASSUMPTIONS } from '../../conformance/assumptions';
import { AWS_ASSUMPTIONS } from '../../conformance/aws/assumptions';
import { AWS_MEASUREMENTS } from '../../conformance/aws/measure';
import { MEASUREMENTS } from '../../conformance/measure';
import { logTable, markdownTable, rowsOf } from '../../conformance/table';

const ALL: readonly Assumption[] = ASSUMPTIONS;
const AWS: readonly Assumption[] = AWS_ASSUMPTIONS;
const ids = ALL.map(({ id }) => id);

describe('what is assumed of GitHub and AWS', () => {
  it('is listed in docs/assumptions.md as in the code, each by an id of its own', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    expect(document).toBe(withTables(document));
    expect(idsIn(document)).toEqual([...ids, ...AWS.map(({ id }) => id)]);
    expect(new Set(idsIn(document)).size).toBe(idsIn(document).length);
  });

  it.each([...ALL, ...AWS].map((assumption) => [assumption.id, assumption] as const))('%s has a source or is unverified, names the code that rests on it, and a fallback', (_, { sources, usedBy, ifWrong }) => {
    expect(sources.filter((url) => !/^https:\/\/\S+$/.test(url))).toEqual([]);
    expect(usedBy.length).toBeGreaterThan(0);
    expect(usedBy.filter((path) => !existsSync(join(__dirname, '../..', path)))).toEqual([]);
    expect(ifWrong).toMatch(/\.$/);
  });

  it('is measured by one measurement each, unless a run cannot', () => {
    const measured = MEASUREMENTS.flatMap((measurement) => [...measurement.ids]);
    expect([...measured].sort()).toEqual(ALL.filter(({ notMeasurable }) => notMeasurable === undefined).map(({ id }) => id).sort());
    expect(AWS_MEASUREMENTS.flatMap((measurement) => [...measurement.ids]).sort()).toEqual(AWS.map(({ id }) => id).sort());
  });
});

describe('the table', () => {
  const rows = rowsOf(
    ASSUMPTIONS,
    { 'queue-max': { measured: 'success | success', holds: true }, 'rate-limit': { measured: '60 requests an hour', holds: false } },
    { 'artifact-digest': 'HTTP 500' },
  );
  const outcomeOf = (id: string) => rows.find((row) => row.id === id)?.outcome;

  it('has every assumption, whatever was measured', () => {
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(['queue-max', 'rate-limit', 'artifact-digest', 'lost-runner-noticed', 'log-url-kept'].map(outcomeOf)).toEqual([
      'holds', 'does not hold', 'failed', 'not measurable here', 'left out',
    ]);
  });

  it('says the same in the summary and in the log', () => {
    const markdown = markdownTable(rows).split('\n');
    expect(markdown).toContain(`| \`queue-max\` | ${rows.find(({ id }) => id === 'queue-max')!.text} | success \\| success | ✅ holds |`);
    expect(markdown).toHaveLength(ids.length + 2);
    expect(logTable(rows).split('\n').map((line) => line.split(' ')[0])).toEqual(ids);
  });
});
