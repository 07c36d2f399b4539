/** docs/canary.md holds what bench/results says about releases behind a real HAProxy. */
import { readFileSync } from 'node:fs';
import { DOCUMENT, readResult, Result, withTable } from './live-canary-figures';

const RESULT: Result = {
  measuredAt: '2026-11-29T09:00:00Z',
  machine: '2 cores (a CPU), 24 GB',
  loadBefore: 0.24,
  figures: [{ what: 'failed requests', measured: '0 of 100' }],
  table: { headers: ['release', 'canary', 'blue/green'], rows: [['healthy', 'promoted', ''], ['5 % errors', 'taken back', '7 + 300 a minute']], caption: 'One release each' },
};

test('its table is that of the result: npx ts-node -T -P test/tsconfig.json test/docs/live-canary-figures.ts', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toBe(withTable(text, readResult()));
});

test('a result has one row for each release', () => {
  const [, table] = /<!-- made by .* -->\n([\s\S]*)\n<!-- end -->/.exec(withTable('<!-- made by test/docs/live-canary-figures.ts -->\n\n<!-- end -->', RESULT))!;
  expect(table).toBe([
    '| release | canary | blue/green |',
    '| --- | --- | --- |',
    '| healthy | promoted | |',
    '| 5 % errors | taken back | 7 + 300 a minute |',
    '',
    'One release each.',
    '',
    'Failed requests: 0 of 100. Measured on 2026-11-29, 2 cores, load 0.2.',
  ].join('\n'));
});
