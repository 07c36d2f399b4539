/** The bundled runtime on the Node that executes this suite: .ci/node-versions takes 20, 22 and 24, and says which one in NODE_MAJOR. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './world';

const { NODE_MAJOR = process.versions.node.split('.')[0] } = process.env;

let world: World;
beforeAll(async () => {
  world = await World.create('blueGreen');
  writeFileSync(join(world.root, 'machine/witness.cjs'), 'require("node:fs").writeFileSync(process.env.WITNESS, process.version);');
});
afterAll(() => world.destroy());

/** A command on a laptop, whose process says what executes it. */
async function delivery(...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const witness = join(world.root, 'machine/node-version');
  writeFileSync(witness, 'nothing');
  const { code, output } = await world.run(args, { NODE_OPTIONS: '--require=./machine/witness.cjs', WITNESS: witness });
  expect(readFileSync(witness, 'utf8')).toMatch(new RegExp(`^v${NODE_MAJOR}\\.`));
  return { code, output };
}

// The tests are one story: what one of them leaves, the next finds.

test('it says what it can do', async () => {
  expect(await delivery('--help')).toEqual({ code: 0, output: expect.stringContaining('roll it back automatically if it is bad') as string });
});

test('a release is planned, deployed and live', async () => {
  world.release('v1');
  expect(await delivery('plan', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  expect(await delivery('deploy', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  world.release('v2');
  expect(await delivery('deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v2');
  expect(await delivery('status')).toEqual({ code: 0, output: expect.stringMatching(/production +v2/) as string });
});

test('one that is bad before users goes back by itself', async () => {
  world.release('v3', 'bad');
  expect(await delivery('deploy', 'production', '--release', 'v3')).toMatchObject({ code: 1 });
  expect(world.served).toBe('v2');
});

test('one that is good goes back by hand', async () => {
  expect(await delivery('rollback', 'production', '--release', 'v1')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v1');
});
