/** As lock.test.ts: all scenarios. */
import { LOCK_SCENARIOS } from './lock-scenarios';
import { exploreLock, loadLockCode } from '../../../tools/model-checker/interleavings/lock-model';

test.each(Object.values(LOCK_SCENARIOS))('the rules hold: $name', async (scenario) => {
  const { states, ends, violations } = await exploreLock(await loadLockCode(), scenario);
  process.stdout.write(`  ${scenario.name}: ${states} states, ${ends} ends\n`);
  expect(violations.slice(0, 1)).toEqual([]);
  expect(ends).toBeGreaterThan(1);
});
