import { readFileSync } from 'node:fs';
import { DOCUMENT, readResult, tableOf, withTable } from './target-figures';

test('the table in docs/figures.md is what bench/results says of the targets', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toBe(withTable(document, readResult()));
});

test('each target that was measured has a row, and without a result the page says so', () => {
  const targets = ['CDK', 'CDK, fast path', 'Lambda', 'ECS rolling', 'ECS blue/green', 'static site', 'image and commands', 'servers', 'servers behind HAProxy', 'servers with containers', 'servers with Podman', 'servers behind Caddy',
    'Kubernetes', 'Kubernetes with slots', 'Argo Rollouts canary', 'Argo Rollouts blue/green', 'GitOps', 'GitHub Pages', 'npm'];
  expect(Object.keys(readResult()?.data ?? {}).filter((target) => !targets.includes(target))).toEqual([]);
  expect(withTable(readFileSync(DOCUMENT, 'utf8'), undefined)).toContain('Not measured yet.');
});

test('a row has the median and the longest of its rollbacks, and a busy machine is named', () => {
  const found = { restores: [1400, 1100, 1300], measuredAt: '2026-11-29T03:00:00.000Z', loadBefore: 1.2, cores: 2 };
  expect(tableOf({ data: { Lambda: found, npm: { ...found, measuredAt: '2026-11-30T00:20:00.000Z', loadBefore: 0.4 } } }).split('\n').slice(2)).toEqual([
    '| Lambda | 1.3 s | 1.4 s | 3 | 2026-11-29 | 1.2 on 2 cores, busy |', '| npm | 1.3 s | 1.4 s | 3 | 2026-11-30 | 0.4 on 2 cores |',
  ]);
});
