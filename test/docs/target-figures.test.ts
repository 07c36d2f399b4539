import { readFileSync } from 'node:fs';
import { DOCUMENT, readResult, tableOf, withTable } from './target-figures';

test('the table in docs/figures.md is what bench/results says of the targets', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toBe(withTable(document, readResult()));
});

test('each target that was measured has a row, and without a result the page says so', () => {
  const targets = ['CDK', 'CDK, fast path', 'Lambda', 'ECS rolling', 'ECS blue/green', 'static site', 'image and commands', 'servers', 'servers behind HAProxy', 'servers with containers', 'servers with Podman', 'servers behind Caddy'];
  expect(Object.keys(readResult()?.data ?? {}).filter((target) => !targets.includes(target))).toEqual([]);
  expect(withTable(readFileSync(DOCUMENT, 'utf8'), undefined)).toContain('Not measured yet.');
});

test('a row has the median and the longest of its rollbacks, and a busy machine is named', () => {
  const result = { measuredAt: '2026-11-29T03:00:00.000Z', machine: '2 cores (a CPU), 24 GB, linux, Node v20', loadBefore: 1.2, data: { Lambda: [1400, 1100, 1300] } };
  expect(tableOf(result).split('\n').slice(2)).toEqual(['| Lambda | 1.3 s | 1.4 s | 3 |', '', 'Measured on 2026-11-29, 2 cores, load 1.2, a busy machine: quiet ones are faster.']);
  expect(tableOf({ ...result, loadBefore: 0.4 })).toMatch(/load 0\.4\.$/);
});
