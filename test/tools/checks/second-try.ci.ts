/** `.ci/run`, executed with a part that fails beside others and passes alone. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneHere, commitAll } from './checkout-copy';
import { PASSED, readTable } from '../../../tools/checks/pass-table';

const PART = 'status-page';
const folder = mkdtempSync(join(tmpdir(), 'second-try-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what fails runs once more, alone; two second tries in a row fail the run', () => {
  const copy = cloneHere(folder);
  const tried = join(folder, 'tried');
  writeFileSync(join(copy, '.ci', PART), `#!/usr/bin/env bash\n[ -e ${tried} ] || { touch ${tried}; echo "beside others"; exit 1; }\necho "alone"\n`);
  chmodSync(join(copy, '.ci', PART), 0o755);
  commitAll(copy, 'a part that passes at the second try');
  const run = () => {
    rmSync(tried, { force: true });
    const env = { ...process.env, PROJECT_IS_READY: '1', NIGHTLY: '', IS_BATCH: '1', RESULTS: '' };
    return spawnSync(join(copy, '.ci/run'), [PART], { encoding: 'utf8', env });
  };

  const first = run();
  expect(first.stdout).toContain(`=== second try: ${PART}`);
  expect(first.stdout).toContain(`second try (.ci/passed.md): ${PART}`);
  expect(first.stdout).toMatch(/\nOwed: \d+ checks?, \d+ CPU-minutes\. The oldest: .*\. To pay: \.ci\/nightly --owed\n/);
  expect(first.status).toBe(0);
  expect(readTable(join(copy, PASSED)).get(PART)?.result).toBe('second try');

  commitAll(copy, 'what passed');
  const second = run();
  expect(second.stdout).toContain('its last pass was a second try');
  expect(second.stdout).not.toContain('=== second try');
  expect(second.stderr).toContain(`failed: ${PART}`);
  expect(second.status).not.toBe(0);
});
