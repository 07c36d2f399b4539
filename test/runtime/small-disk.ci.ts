/** As full-disk.ci.ts, on a real file system of 512 KB that the deploy command itself fills. Mounting one needs root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, World } from './world';

let world: World;
let disk: string;

beforeEach(async () => {
  world = await World.create('redeploy');
  disk = join(world.root, 'machine/disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]);
  await ship('v1');
});
afterEach(async () => {
  execFileSync('umount', [disk]);
  await world.destroy();
});

it('the disk is full from the middle of the deploy on: the release is recorded as Stable all the same, and stays', async () => {
  fillWhileDeploying();
  expect(await ship('v2')).toMatchObject({ code: 0, output: expect.stringContaining('verified and Stable') as string });
  expect(await delivery('rollback', 'production', '--recover')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v2');
  expect(await stable()).toBe('v2');
});

it('the disk is full before a deploy: nothing is changed, the cause is named, no lock stays; with room it goes on', async () => {
  fillWhileDeploying();
  await ship('v2');
  world.forgetCommands();
  const { code, output } = await ship('v3');
  expect(code).toBe(1);
  expect(output).toMatch(/\(ENOSPC: no space left on device.*The disk is full: make room on it\./);
  expect({ served: world.served, commands: world.commands, stable: await stable() }).toEqual({ served: 'v2', commands: [], stable: 'v2' });
  expect(readdirSync(disk).filter((name) => /lock|tmp/.test(name))).toEqual([]);

  rmSync(join(disk, 'filler'));
  expect(await ship('v3')).toMatchObject({ code: 0 });
  expect(await stable()).toBe('v3');
});

it('the disk is read-only: nothing is changed, the cause is named; with a writable one it goes on', async () => {
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  world.forgetCommands();
  const { code, output } = await ship('v2');
  expect(code).toBe(1);
  expect(output).toMatch(/\(EROFS: read-only file system.*The file system is read-only: mount it writable\./);
  expect({ served: world.served, commands: world.commands, stable: await stable() }).toEqual({ served: 'v1', commands: [], stable: 'v1' });
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  expect(await ship('v2')).toMatchObject({ code: 0 });
});

it('the disk becomes read-only in the middle of the deploy: it ends 1, says so, and what it says to do makes the release Stable', async () => {
  withDeploy((line) => `${line}; mount -o remount,ro machine/disk`);
  const { code, output } = await ship('v2');
  expect(code).toBe(1);
  expect(output).toContain('the ledger did not record that: it is not Stable yet');
  expect(output).toContain('EROFS');
  expect(world.served).toBe('v2');
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  const [, named] = /npx projen delivery (.*)/.exec(output) ?? [];
  expect(await delivery(...named!.trim().split(' '))).toMatchObject({ code: 0 });
  expect(world.served).toBe('v2');
  expect(await stable()).toBe('v2');
});

function fillWhileDeploying(): void {
  withDeploy((line) => `${line}; head -c 1000000 /dev/zero > machine/disk/filler || true`);
}

function withDeploy(change: (line: string) => string): void {
  const { target } = world.manifest.environments[0];
  if (target.deploy.kind !== 'bash') throw new Error('the world deploys with bash');
  world.change({ target: { ...target, deploy: { kind: 'bash', line: change(target.deploy.line) } } });
}

async function stable(): Promise<string | undefined> {
  const { output } = await delivery('status', 'production', '--json');
  return (JSON.parse(output) as [{ stable?: { version: string } }])[0].stable?.version;
}

function ship(version: string): Promise<Ended> {
  if (world.git('tag', '--list', version) === '') world.release(version);
  return delivery('deploy', 'production', '--release', version);
}

function delivery(...args: string[]): Promise<Ended> {
  return world.run(args, { DELIVERY_LEDGER: join(disk, 'ledger.json') });
}
