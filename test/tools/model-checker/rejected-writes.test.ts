/**
 * The ledger's file system rejects a write while a laptop deploys. Whichever write it is, the command reports success only if it is
 * recorded, and the next command does not replace a healthy release. A rejection that rejects no write is a fault, too.
 * At night each of them is rejected in each way, and rejected-writes.ci.ts rejects each write.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Laptop } from '../../../tools/model-checker/crashes/laptop';
import { faultsOfRejection } from '../../../tools/model-checker/crashes/rejected-writes';
import { IS_NIGHT } from '../../random';

let root: string;
let laptop: Laptop;
/** How often a deploy writes while no write is rejected. */
let writes: number;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-rejected-'));
  laptop = await Laptop.create(join(root, 'laptop'), { strategy: 'redeploy' });
  await laptop.deliver(['deploy', 'production', '--release', 'v1']);
  laptop.save();
  ({ writes } = await laptop.deploy('v2', 'good'));
});
afterAll(async () => {
  await laptop.stop();
  rmSync(root, { recursive: true, force: true });
});

const HOWS = ['full', 'once', 'readOnly'] as const;

test.each([
  ['the entry that records Stable', 0, 'full'],
  ['an entry before that', 3, 'once'],
  ['the first entry after the deploy command', 9, 'readOnly'],
] as const)('the disk is full from %s on: exit code 0 only if Stable is recorded, and a later recovery keeps a healthy release', async (_, before, usual) => {
  for (const how of IS_NIGHT ? HOWS : [usual]) {
    expect({ how, faults: await faultsOfRejection(laptop, 'good', { from: writes - before, how }) }).toEqual({ how, faults: [] });
  }
});
