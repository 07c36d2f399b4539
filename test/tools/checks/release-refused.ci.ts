/** A commit with debt, refused by the release workflow: its step is executed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { aRow } from './check-rows';
import { cloneHere, commitAll } from './checkout-copy';
import { readCheckout } from '../../../tools/checks/checkout';
import { checksOf } from '../../../tools/checks/inputs';
import { NIGHTLY, PASSED, updateTable } from '../../../tools/checks/pass-table';

const folder = mkdtempSync(join(tmpdir(), 'release-gate-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the step of release.yml refuses a commit with debt, and lets it pass when the debt is paid', () => {
  const copy = cloneHere(folder);
  writeFileSync(join(copy, 'src/runtime/deployment/lease.ts'), `${readFileSync(join(copy, 'src/runtime/deployment/lease.ts'), 'utf8')}\n// changed\n`);
  const commit = commitAll(copy, 'a line in the core');
  const { steps } = parse(readFileSync(join(copy, '.github/workflows/release.yml'), 'utf8')).jobs.release as { steps: readonly { name: string; run?: string }[] };
  const names = steps.map(({ name }) => name);
  const gate = steps[names.indexOf('Refuse a commit that is not proven')];
  expect(names.indexOf(gate.name)).toBeLessThan(names.indexOf('release'));
  const run = () => spawnSync('bash', ['-eo', 'pipefail', '-c', gate.run!], { cwd: copy, encoding: 'utf8' });

  const refused = run();
  expect(refused.status).toBe(1);
  expect(refused.stdout).toContain('  test/tools/model-checker/interleavings.ci.ts: owed; ');
  expect(refused.stdout).toContain('.ci/nightly --owed');

  const checks = checksOf(readCheckout(copy));
  const rows = checks.map(({ name, hash }) => aRow(name, { inputs: hash, commit: commit.slice(0, 12) }));
  for (const file of [PASSED, NIGHTLY]) updateTable(join(copy, file), '# Table', rows, new Set(checks.map(({ name }) => name)));
  const passed = run();
  expect(passed.stdout).toBe('Every check passed with the inputs of this commit, and so did the night.\n');
  expect(passed.status).toBe(0);
});
