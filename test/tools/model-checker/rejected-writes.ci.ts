/** As rejected-writes.test.ts, at each write. A landing takes a share of the writes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Laptop } from '../../../tools/model-checker/crashes/laptop';
import { Kind, nameOf } from '../../../tools/model-checker/crashes/pipeline';
import { faultsOfRejection } from '../../../tools/model-checker/crashes/rejected-writes';
import { sayTaken, taken } from '../../../tools/model-checker/share';
import { STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const HOWS = ['once', 'full', 'readOnly'] as const;
const kinds: Kind[] = STRATEGY_KINDS.map((strategy) => ({ strategy }));
const cases = kinds.flatMap((kind) => (['good', 'bad'] as const).map((behaviour) => [`${nameOf(kind)}, a ${behaviour} release`, kind, behaviour] as const));
const root = mkdtempSync(join(tmpdir(), 'delivery-rejected-'));
const found: string[] = [];

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`rejected writes on a laptop:\n${found.join('\n')}\n`);
});

test.each(cases)('%s: whichever write is rejected, success is reported only if it is recorded, and a healthy release stays', async (name, kind, behaviour) => {
  const laptop = await Laptop.create(join(root, name.replace('/', '-')), kind);
  await laptop.deliver(['deploy', 'production', '--release', 'v1']);
  laptop.save();
  const { writes } = await laptop.deploy('v2', behaviour);
  const faults: string[] = [];
  const all = HOWS.flatMap((how) => Array.from({ length: writes }, (_, index) => ({ from: index + 1, how })));
  const some = taken(all);
  for (const rejection of some) {
    faults.push(...(await faultsOfRejection(laptop, behaviour, rejection)).map((fault) => `${rejection.how} from write ${rejection.from} on: ${fault}`));
  }
  await laptop.stop();
  found.push(`  ${name}: rejected ${sayTaken(some.length, all.length)}`);
  expect(faults).toEqual([]);
});
