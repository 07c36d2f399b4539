/**
 * The ledger's file system refuses while a laptop deploys: whatever write it is, what is not recorded is not said to be done, and the
 * next command takes no healthy release down. `npx jest --testMatch '**\/test/tools/model-checker/rejected-writes.ci.ts'` refuses each write.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Laptop } from '../../../tools/model-checker/crashes/laptop';
import { faultsOfRejection } from '../../../tools/model-checker/crashes/rejected-writes';

let root: string;
let laptop: Laptop;
/** How often a deploy writes while nothing is refused. */
let writes: number;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-refused-'));
  laptop = await Laptop.create(join(root, 'laptop'), { strategy: 'redeploy' });
  await laptop.deliver(['deploy', 'production', '--release', 'v1']);
  laptop.save();
  ({ writes } = await laptop.deploy('v2', 'good'));
});
afterAll(async () => {
  await laptop.stop();
  rmSync(root, { recursive: true, force: true });
});

test.each([
  ['the entry that says it is Stable', 0],
  ['an entry before that', 3],
  ['what comes after the deploy command', 9],
])('the disk is full from %s on: exit 0 only where the ledger has it, and no later settle takes a healthy release down', async (_, before) => {
  for (const how of ['full', 'once', 'readOnly'] as const) {
    expect({ how, faults: await faultsOfRejection(laptop, 'good', { from: writes - before, how }) }).toEqual({ how, faults: [] });
  }
});
