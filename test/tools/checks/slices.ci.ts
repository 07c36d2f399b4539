/** The slices of a night, as `.ci/checks slice` writes them in a checkout. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneHere } from './checkout-copy';

let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'slices-')); });
afterEach(() => rmSync(folder, { recursive: true }));

test('hold every check once, also if a slice records what it cost before the next one begins', () => {
  const copy = cloneHere(folder);
  const slice = (which: string) => {
    execFileSync(join(copy, '.ci/checks'), ['slice', join(folder, 'slice'), which]);
    return readFileSync(join(folder, 'slice'), 'utf8').split('\n').slice(0, -1);
  };
  const all = slice('1/1');
  const taken = [...slice('1/3')];
  const table = join(copy, '.ci/nightly.md');
  const costlier = readFileSync(table, 'utf8').replace(/(?<=\| )\d+(?= \|[^|]*\|?$)/gm, (cost, offset: number) => String(offset % 1000 + parseInt(cost)));
  expect(costlier).not.toBe(readFileSync(table, 'utf8'));
  writeFileSync(table, costlier);
  taken.push(...slice('2/3'), ...slice('3/3'));
  expect(taken.sort()).toEqual(all.sort());
});
