/** Processes that want the lock of an environment (`Lock.gitRef()`): every order of the real lock's requests, killed anywhere. All scenarios: lock.ci.ts. */
import { LOCK_SCENARIOS } from './lock-scenarios';
import { exploreLock, loadLockCode } from '../../../tools/model-checker/interleavings/lock-model';

const { steps, twoRuns } = LOCK_SCENARIOS;

test.each([steps, twoRuns])('the rules hold: $name', async (scenario) => {
  const { states, ends, violations } = await exploreLock(await loadLockCode(), scenario);
  process.stdout.write(`  ${scenario.name}: ${states} states, ${ends} ends\n`);
  expect(violations.slice(0, 1)).toEqual([]);
  expect(ends).toBeGreaterThan(1);
});
