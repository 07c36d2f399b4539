/** A ledger that cannot be read: the lines of the message work, through the bundled runtime as a real process. */
import { execSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest } from '../../../src/contract/manifest';
import { damagedLedgerRemedy } from '../../../src/runtime/ci/local/damaged-ledger';
import { World } from '../world';

let world: World;
afterEach(() => world.destroy());

it.each(['redeploy', 'blueGreen'] as const)('%s: the file is moved away, and what is live is recorded', async (strategy) => {
  world = await World.create(strategy);
  await world.ship('v1');
  // the place where a laptop keeps it, without a remote
  const ledger = { DELIVERY_LEDGER: '' };
  expect((await world.run(['adopt', 'production', '--release', 'v1', '--local', ...(strategy === 'blueGreen' ? ['--slot', 'blue'] : [])], ledger)).code).toBe(0);
  const path = join(world.root, '.git/delivery/ledger.json');
  writeFileSync(path, '{"schema": 1, "las');
  for (const command of ['status', 'deploy', 'rollback']) {
    const { code, output } = await world.run(command === 'status' ? [command] : [command, 'production'], ledger);
    expect([code, output]).toEqual([1, expect.stringContaining('is damaged')]);
  }
  const { output } = await world.run(['status'], ledger);
  const said = output.replace(/\s*\n\s+/g, ' ');
  const [, move] = /move it away: (mv \S+ \S+)\. /.exec(said)!;
  execSync(move, { cwd: world.root });
  const [, adopt] = /: npx projen delivery (adopt .*?--local)/.exec(said)!;
  const words = adopt.replace('VERSION', 'v1').replace('SLOT', 'blue').split(' ');
  const adopted = await world.run(words, ledger);
  expect([adopted.code, adopted.output]).toEqual([0, expect.stringContaining('v1 was adopted on production: verified and Stable')]);
});

it('each environment is named', async () => {
  world = await World.create('blueGreen');
  const [production] = world.manifest.environments;
  const environments: Manifest['environments'] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...production, name }));
  const said = damagedLedgerRemedy('/some where/ledger.json', { environments, project: { name: 'api', directory: 'api' } });
  expect(said).toContain("mv '/some where/ledger.json' '/some where/ledger.json.damaged'.");
  expect(said).toContain('npx projen delivery adopt a --project api --release VERSION --slot SLOT --local ; ');
  expect(said).toMatch(/adopt c [^;]* ; and so for d, e$/);
});
