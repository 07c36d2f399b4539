/** What each command costs before it does anything: in builtin modules, in formatters, and in processes of git. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from './world';

let world: World;

beforeAll(async () => {
  world = await World.create('redeploy');
  world.release('v1');
  const [production] = world.manifest.environments;
  world.manifest = { ...world.manifest, environments: ['production', 'staging', 'test'].map((name) => ({ ...production, name })) };
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify(world.manifest));
});

afterAll(() => world.destroy());

describe.each([['--version'], ['config'], ['status']])('%s', (command) => {
  it('loads no module that only requests or archives need, and makes no segmenter', async () => {
    const seen = join(world.root, 'machine', 'seen.json');
    const spy = join(world.root, 'machine', 'spy.cjs');
    writeFileSync(spy, `
      let made = 0;
      Intl.Segmenter = class extends Intl.Segmenter { constructor(...args) { super(...args); made += 1; } };
      process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ made, modules: process.moduleLoadList })));
    `);
    const { code } = await world.run([command], { NODE_OPTIONS: `--require=${spy}` });
    expect(code).toBe(0);
    const { made, modules } = JSON.parse(readFileSync(seen, 'utf8')) as { made: number; modules: string[] };
    expect(made).toBe(0);
    expect(modules).toContain('NativeModule path');
    expect(modules.filter((name) => /^NativeModule (https?|tls|zlib|dns)$/.test(name))).toEqual([]);
  });
});

it.each([
  ['--version', []],
  ['config', []],
  // whose records, and where they are
  ['status', ['remote get-url origin', 'rev-parse --git-dir']],
])('%s of three environments calls git this often: %j', async (command, expected) => {
  const folder = join(world.root, 'machine');
  const calls = join(folder, `git-${command}`);
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho "$*" >> '${calls}'\nPATH='${process.env.PATH}' exec git "$@"\n`);
  chmodSync(join(folder, 'git'), 0o755);
  // without a ledger of its own: the records are under .git
  const { code } = await world.run([command], { PATH: `${folder}:${process.env.PATH}`, DELIVERY_LEDGER: undefined });
  expect(code).toBe(0);
  expect(existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []).toEqual(expected);
});
