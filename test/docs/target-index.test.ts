/** docs/targets.md lists every target. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResult } from './target-figures';
import { DOCUMENT, ROWS, withIndex } from './target-index';
import { Target } from '../../src';

test('its table is that of test/docs/target-index.ts: npx ts-node -T -P test/tsconfig.json test/docs/target-index.ts', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(text).toBe(withIndex(text, readResult()));
});

test('each target, and each page of one, has a row', () => {
  const pages = readdirSync(join(__dirname, '../../docs/targets')).filter((name) => !name.includes('-first-steps')).map((name) => `targets/${name}`);
  expect(pages.filter((page) => !ROWS.some((row) => row.page === page))).toEqual([]);
  const targets = Object.getOwnPropertyNames(Target).filter((name) => typeof (Target as unknown as Record<string, unknown>)[name] === 'function');
  expect(targets.filter((name) => !ROWS.some(({ target }) => target.includes(`\`Target.${name}\``)))).toEqual([]);
});

test('a time that was measured counts, and otherwise what is known', () => {
  const taking = (restores: number[], loadBefore = 0.2) => ({ restores, measuredAt: '2026-11-29T09:00:00Z', loadBefore, cores: 2 });
  const data = { 'servers with containers': taking([1000, 3000, 2000]), 'servers with Podman': taking([2500], 12.3), 'CDK': taking([1000]) };
  const text = withIndex('<!-- made by test/docs/target-index.ts -->\n\n<!-- end -->', { data });
  expect(text).toContain('| 0.5 to 1.8 s, [beside Kamal](targets/servers-containers.md#beside-kamal); 2.0 s, 2.5 s at a load of 12 (servers with Podman) |');
  // one of both is not measured
  expect(text).toMatch(/`Target\.awsCdk`.*\| 8 s \|/);
});
