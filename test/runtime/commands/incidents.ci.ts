import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, Ended, World } from '../world';

/** What a person reads at night: each message has a next command that works as it is printed. */
let world: World;

beforeEach(async () => {
  world = await World.create('blueGreen');
  await world.ship('v1');
});
afterEach(() => world.destroy());

/** Runs the only line that a message has. */
function followed({ output }: Ended, ...words: string[]): Promise<Ended> {
  const [, line] = new RegExp(`npx projen delivery (${words.join(' ')}.*?)[.]?$`, 'm').exec(output)!;
  return world.delivery(...line!.split(' '));
}

test('two deployers: the second one changes nothing, and sees what the first one does', async () => {
  world.release('v2');
  let second: Promise<Ended> | undefined;
  const first = await world.run(['deploy', 'production'], {}, (line) => {
    if (line.startsWith('Bake')) second ??= world.run(['deploy', 'production'], {});
  });
  const refused = await second!;
  expect([first.code, refused.code]).toEqual([0, 1]);
  expect(refused.output).toMatch(/^error: Not done: the environment production is in use by process \d+ .*Nothing was changed\. What it does: npx projen delivery status production$/m);
  expect(await followed(refused, 'status')).toMatchObject({ code: 0, output: expect.stringContaining('v2') as string });
});

test('records gone: the line after a rollback that is not possible leads to the one that records what is live', async () => {
  rmSync(join(world.root, 'machine/ledger.json'));
  const refused = await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'slow');
  expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('Nothing was ever verified here: restore the records from a backup, or ') as string });
  const named = await followed(refused, 'deploy');
  expect(named).toMatchObject({ code: 2, output: expect.stringContaining('v1 responds on ') as string });
  expect(await followed(named, 'adopt')).toMatchObject({ code: 0 });
});

test('records damaged: the message says which command names what is live', async () => {
  const ledger = join(world.root, 'machine/ledger.json');
  writeFileSync(ledger, '{ "half');
  const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
  expect([code, world.served]).toEqual([1, 'v1']);
  expect(output).toContain('A deployment then changes nothing until what is live is recorded, and its message names what responds.');
});

test('a place for the lock that cannot be written: nothing was changed, and another empty place is no way out', async () => {
  const path = join(world.root, 'machine/file');
  writeFileSync(path, '');
  world.release('v2');
  const { code, output } = await world.run(['deploy', 'production'], { DELIVERY_LEDGER: join(path, 'ledger.json') });
  expect([code, world.served]).toEqual([1, 'v1']);
  expect(output).toMatch(/Or move the ledger to another place, and name it there: DELIVERY_LEDGER=<path>\)\. Nothing was changed\.$/m);
  expect(existsSync(path)).toBe(true);
});

test('a wrong URL: a rehearsal of the checks says where to look', async () => {
  world.change({ healthChecks: [check('http://127.0.0.1:9/health')] });
  const { code, output } = await world.delivery('check', 'production');
  expect(code).toBe(1);
  expect(output.trim().split('\n').at(-1)).toBe('Next: run this again when production is healthy. If it is healthy, the check or its URL is wrong: health (http://127.0.0.1:9/health).');
});
