/** A commit that has landed proves what it selected. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneHere, commitAll } from './checkout-copy';
import { PASSED, readTable } from '../../../tools/checks/pass-table';

const folder = mkdtempSync(join(tmpdir(), 'landed-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('records what the commit selected, so that nothing of it is owed any more', () => {
  const copy = cloneHere(folder);
  const checks = (...args: readonly string[]) => execFileSync(join(copy, '.ci/checks'), args, { encoding: 'utf8' });
  const written = (...args: readonly string[]) => {
    checks(args[0], join(folder, 'written'), ...args.slice(1));
    return readFileSync(join(folder, 'written'), 'utf8').split('\n').slice(0, -1);
  };
  writeFileSync(join(copy, 'src/runtime/deployment/lease.ts'), `${readFileSync(join(copy, 'src/runtime/deployment/lease.ts'), 'utf8')}\n// changed\n`);
  const landing = commitAll(copy, 'a line in the core');
  const ran = written('select');
  const owed = written('owed', '1/1');
  expect(owed.filter((name) => ran.includes(name)).length).toBeGreaterThan(5);
  expect(ran).toContain('test');

  // a later commit asks
  commitAll(copy, 'something else');
  expect(checks('landed', landing)).toContain(`${ran.length} checks passed with the landing of ${landing.slice(0, 12)}`);
  const rows = readTable(join(copy, PASSED));
  expect([...rows.values()].filter(({ commit }) => commit === landing.slice(0, 12)).map(({ check }) => check).sort()).toEqual([...ran].sort());
  expect(written('owed', '1/1')).toEqual(owed.filter((name) => !ran.includes(name)));
});
