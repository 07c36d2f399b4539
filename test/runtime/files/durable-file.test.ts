/** A file that is replaced whole, or not at all. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../../src/runtime/files/durable-file';
import { temporaryFolder } from '../../test-project';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

it('has the new content, and nothing else is left', () => {
  const path = join(folder, 'ledger.json');
  writeFileSync(path, 'old');
  writeWhole(path, 'new');
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['new', ['ledger.json']]);
});

it('is as it was if the write fails: the error names it, and nothing else is left', () => {
  const path = join(folder, 'ledger.json');
  // a file cannot take the place of a folder
  mkdirSync(path);
  expect(() => writeWhole(path, 'new')).toThrow(path);
  expect(readdirSync(folder)).toEqual(['ledger.json']);
});
