/** A laptop whose clock is wrong for a while: every command as a real process, with a clock that is moved. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, World } from './world';

const YEARS_MS = 4 * 365 * 86_400_000;

let world: World;

beforeEach(async () => {
  world = await World.create('redeploy');
  writeFileSync(join(world.root, 'machine/moved-clock.cjs'), 'const { now } = Date; Date.now = () => now() + Number(process.env.CLOCK_AHEAD_MS);');
});
afterEach(() => world.destroy());

it('a deploy with a clock that ran ahead does not lock the ledger: deploys, rollbacks and a status with the right clock go on', async () => {
  world.release('v1');
  expect(await delivery(0, 'deploy', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  world.release('v2');
  expect(await delivery(YEARS_MS, 'deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0 });

  world.release('v3');
  expect(await delivery(0, 'deploy', 'production', '--release', 'v3')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v3');
  expect(await delivery(0, 'rollback', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v2');
  expect(await stable()).toBe('v2');
});

it('a deploy with a clock that was set back counts as the newest all the same', async () => {
  world.release('v1');
  expect(await delivery(0, 'deploy', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  world.release('v2');
  expect(await delivery(-YEARS_MS, 'deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
  expect(await stable()).toBe('v2');
  expect(await delivery(0, 'deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0, output: expect.stringContaining('already live') as string });
});

it('a freeze that was lifted with a clock that ran ahead is on again with the right clock, and can be lifted', async () => {
  world.change({ freezes: [freeze(0), freeze(YEARS_MS)] });
  world.release('v1');
  expect((await delivery(YEARS_MS, 'unfreeze', 'production', '--local', '--reason', 'by mistake')).output).toContain('is lifted');

  expect((await delivery(0, 'deploy', 'production', '--release', 'v1')).output).toContain('a freeze is on');
  expect(world.served).toBeUndefined();
  expect((await delivery(0, 'unfreeze', 'production', '--local', '--reason', 'the fix')).output).toContain('is lifted');
  expect(await delivery(0, 'deploy', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v1');
});

/** From a day before to a day after what a clock shows that is so far ahead. */
function freeze(aheadMs: number) {
  const day = (offset: number) => new Date(Date.now() + aheadMs + offset * 86_400_000).toISOString().slice(0, 16);
  return { kind: 'between', from: day(-1), until: day(1), timeZone: 'UTC' } as const;
}

async function stable(): Promise<string | undefined> {
  const { output } = await delivery(0, 'status', 'production', '--json');
  return (JSON.parse(output) as [{ stable?: { version: string } }])[0].stable?.version;
}

function delivery(aheadMs: number, ...args: string[]): Promise<Ended> {
  return world.run(args, { CLOCK_AHEAD_MS: String(aheadMs), NODE_OPTIONS: `--require ${join(world.root, 'machine/moved-clock.cjs')}` });
}
