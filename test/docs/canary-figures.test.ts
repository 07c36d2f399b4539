/** docs/canary-analysis.md and docs/figures.md hold what bench/results says about canaries. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesWithFigures } from './canary-figures';

test.each(pagesWithFigures())('%s has the figures that were measured: npx ts-node -T test/docs/canary-figures.ts --write', (path, text) => {
  expect(readFileSync(join(__dirname, '../..', path), 'utf8')).toBe(text);
});
