/** docs/targets/servers-containers.md holds what bench/results says about containers beside Kamal. */
import { readFileSync } from 'node:fs';
import { DOCUMENT, readResult, withTable } from './kamal-table';

test('its table is that of the result: npx ts-node -T -P test/tsconfig.json test/docs/kamal-table.ts', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toBe(withTable(text, readResult()));
});

test('each scenario has a row for both, and an empty cell stays empty', () => {
  const table = { headers: ['Scenario', 'With'], rows: [['good', 'one'], ['', 'other']], caption: 'Two hosts' };
  const made = withTable('<!-- made by test/docs/kamal-table.ts -->\n\n<!-- end -->', { measuredAt: '2026-11-29T09:00:00Z', machine: '2 cores (a CPU)', loadBefore: 0.24, table });
  expect(made.split('\n').slice(1, -1)).toEqual([
    '| Scenario | With |', '|---|---|', '| good | one |', '| | other |', '', 'Two hosts. Measured on 2026-11-29, 2 cores, load 0.2.',
  ]);
});
