/** What an upgrade changes is there to be seen, and a runtime reads no manifest that another version wrote in another way. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_SCHEMA } from '../../src/contract/manifest';
import { packageVersion } from '../../src/files/delivery-files';
import { World } from '../runtime/world';

let world: World;
beforeEach(async () => { world = await World.create(); });
afterEach(() => world.destroy());

const file = (name: string) => join(world.root, '.projen', name);

it('prints the version, the schema and the sha256, which the manifest contains, too', async () => {
  const { code, output } = await world.delivery('--version');

  const sha256 = createHash('sha256').update(readFileSync(file('delivery.cjs'))).digest('hex');
  expect(output).toBe(`${packageVersion()} (manifest schema ${MANIFEST_SCHEMA}, sha256 ${sha256})\n`);
  expect(world.manifest.runtime.sha256).toBe(sha256);
  expect(code).toBe(0);
});

it('prints them also if the manifest cannot be read', async () => {
  writeFileSync(file('delivery.json'), '{');

  expect((await world.delivery('--version')).output).toContain(packageVersion());
});

it.each([0, MANIFEST_SCHEMA + 97, undefined])('reads no manifest of schema %s, and says how to fix it', async (schema) => {
  writeFileSync(file('delivery.json'), JSON.stringify({ ...world.manifest, schema }));

  const { code, output } = await world.delivery('deploy', 'production');

  expect(output).toBe(
    `error: Not done: .projen/delivery.json has schema ${schema}, and this runtime (${packageVersion()}) reads schema ${MANIFEST_SCHEMA}. Run npx projen and commit both files.\n`,
  );
  expect(code).toBe(2);
  expect(world.commands).toEqual([]);
});

it.each(['null', '5', '[]'])('reads no manifest that is %s', async (content) => {
  writeFileSync(file('delivery.json'), content);

  const { code, output } = await world.delivery('status');

  expect(output).toContain('Run npx projen and commit both files.');
  expect(code).toBe(2);
});

it('deploys nothing with a runtime from another synthesis than the manifest', async () => {
  writeFileSync(file('delivery.cjs'), `${readFileSync(file('delivery.cjs'), 'utf8')}// another version\n`);
  world.commit('half an upgrade');

  const { code, output } = await world.ship('v1.0.0');

  expect(output).toContain('.projen/delivery.cjs is not the one that .projen/delivery.json was synthesized with');
  expect(code).toBe(2);
  expect(world.commands).toEqual([]);
});
