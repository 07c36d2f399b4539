/** As crashes.test.ts, from a laptop: at every point, those of the ledger's file and its lock among them. A landing takes a share of the cuts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { End } from '../../../tools/model-checker/crashes/crash-world';
import { Laptop } from '../../../tools/model-checker/crashes/laptop';
import { Kind, nameOf } from '../../../tools/model-checker/crashes/pipeline';
import { Behaviour } from '../../../tools/model-checker/crashes/service';
import { sayTaken, taken } from '../../../tools/model-checker/share';
import { STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const HOWS = ['SIGKILL', 'SIGINT'] as const;
const kinds: Kind[] = STRATEGY_KINDS.map((strategy) => ({ strategy }));
const cases = kinds.flatMap((kind) => (['good', 'bad'] as const).map((behaviour) => [`${nameOf(kind)}, a ${behaviour} release`, kind, behaviour] as const));
const root = mkdtempSync(join(tmpdir(), 'delivery-crashes-'));
const lines: string[] = [];

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`crash points on a laptop:\n${lines.join('\n')}\n`);
});

test.each(cases)('%s: cut off anywhere, the next command fixes it, whichever it is', async (name, kind, behaviour) => {
  const laptop = await Laptop.create(join(root, name.replace('/', '-')), kind);
  await laptop.deliver(['deploy', 'production', '--release', 'v1']);
  laptop.save();
  const { points } = await laptop.deploy('v2', behaviour);
  const faults: string[] = [];
  const all = HOWS.flatMap((how) => points.map((point, index) => ({ end: { ...point, how }, isRecovered: index % 2 === 0 })));
  const some = taken(all);
  for (const { end, isRecovered } of some) {
    faults.push(...(await faultsAt(laptop, behaviour, end, isRecovered)).map((fault) => `${end.how} at ${end.name} (${end.nth}): ${fault}`));
  }
  await laptop.stop();
  lines.push(`  ${name}: cut off at ${sayTaken(some.length, all.length)}`);
  expect(faults).toEqual([]);
});

async function faultsAt(laptop: Laptop, behaviour: Behaviour, end: End, isRecovered: boolean): Promise<string[]> {
  laptop.restore();
  const { code, points } = await laptop.deploy('v2', behaviour, end);
  // every other time the person who sees it recovers it; else the next one deploys
  const next = isRecovered ? await laptop.deliver(['rollback', 'production', '--recover']) : await laptop.deploy('v3', 'good');
  const { stable, state } = await laptop.status();
  const { served, isWell } = laptop.service;
  const right = isRecovered ? ['v1', ...(behaviour === 'good' ? ['v2'] : [])] : ['v3'];
  const isMet = points.some(({ name, nth }) => name === end.name && nth === end.nth) && (end.how !== 'SIGKILL' || code === null);
  return [
    ...(isMet ? [] : ['it never came to that']),
    ...(isWell && served === stable && right.includes(String(stable)) ? [] : [`Stable ${stable}, served ${served}, ${state}; the next command ended ${next.code}:\n${next.output}`]),
    ...(state === 'halted' ? ['halted, though there was a rollback point'] : []),
  ];
}
