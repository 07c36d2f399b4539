/** Files that cannot be written or read: every command as a real process, against /dev/full, a limit of the file size and a damaged ledger. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, World } from './world';

let world: World;

beforeEach(async () => {
  world = await World.create('redeploy');
  await world.ship('v1');
  world.release('v2');
});
afterEach(() => world.destroy());

it('a summary that cannot be written fails no deployment, and the log says why there is none', async () => {
  const { code, output, outputs } = await step({ GITHUB_STEP_SUMMARY: '/dev/full' });
  expect({ code, outputs }).toEqual({ code: 0, outputs: { state: 'confirming' } });
  expect(output).toContain('GITHUB_STEP_SUMMARY could not be written (ENOSPC: no space left on device, write. The disk is full: make room on it.)');
  expect(world.served).toBe('v2');
});

it('outputs that cannot be written are named, with the cause, and the record stands for the next job', async () => {
  const id = world.newRun();
  const { code, output } = await world.step({ id, tag: 'v2', env: { GITHUB_OUTPUT: '/dev/full' } }, 'deploy', 'production');
  expect(code).toBe(1);
  expect(output).toMatch(/the outputs state could not be written to GITHUB_OUTPUT \(ENOSPC.*make room on it\.\)/);
  expect(output).not.toContain('The runtime failed');

  expect(await world.step({ id, tag: 'v2' }, 'rollback', 'production', '--recover')).toMatchObject({ code: 0 });
  expect(world.served).toBe('v2');
  expect((await status()).stable?.version).toBe('v2');
});

it('a ledger that may not grow rejects the deploy before anything is changed, names the cause, and leaves no lock', async () => {
  const before = readFileSync(ledger(), 'utf8');
  world.forgetCommands();
  writeFileSync(`${ledger()}.reserve`, '');
  const { code, output } = await limited('deploy', 'production', '--release', 'v2');
  expect(code).toBe(1);
  expect(output).toMatch(/nothing was changed: beside the ledger .* there is no room .*\(EFBIG.*ledger\.json.*raise the limit \(ulimit -f\)/);
  expect({ served: world.served, commands: world.commands, stable: (await status()).stable?.version }).toEqual({ served: 'v1', commands: [], stable: 'v1' });
  expect(JSON.parse(readFileSync(ledger(), 'utf8'))).toMatchObject({ streams: (JSON.parse(before) as { streams: unknown[] }).streams });
  expect(beside()).toEqual(['ledger.json']);
  expect(await world.delivery('deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
});

it('a ledger that was cut off is neither overwritten nor begun anew: the deploy is rejected, with what to do, and leaves no lock', async () => {
  truncateSync(ledger(), 300);
  const before = readFileSync(ledger(), 'utf8');
  world.forgetCommands();
  for (const args of [['deploy', 'production', '--release', 'v2'], ['rollback', 'production', '--recover'], ['status', 'production']]) {
    const { code, output } = await world.delivery(...args);
    expect({ args, code }).toEqual({ args, code: 1 });
    expect(output).toMatch(/the ledger .*ledger\.json is damaged: .*Restore it from a backup\. If there is none, move it away: mv /);
  }
  expect(readFileSync(ledger(), 'utf8')).toBe(before);
  expect({ served: world.served, commands: world.commands }).toEqual({ served: 'v1', commands: [] });
  expect(beside().filter((name) => !name.endsWith('.reserve'))).toEqual(['ledger.json']);
});

function step(env: NodeJS.ProcessEnv): Promise<Ended> {
  return world.step({ id: world.newRun(), tag: 'v2', env }, 'deploy', 'production');
}

/** No file may be larger than what the ledger is now, and a bit more. */
function limited(...args: string[]): Promise<Ended> {
  const limiting = join(world.root, 'machine/limited.cjs');
  writeFileSync(limiting, `
    if (!process.env.IS_LIMITED) {
      const line = 'trap "" XFSZ; ulimit -f 16; exec "$@"';
      const { status } = require('node:child_process').spawnSync('bash', ['-c', line, 'bash', process.execPath, ...process.argv.slice(1)], {
        stdio: 'inherit', env: { ...process.env, IS_LIMITED: 'yes' },
      });
      process.exit(status ?? 99);
    }`);
  return world.run(args, { NODE_OPTIONS: `--require ${limiting}` });
}

function ledger(): string {
  return join(world.root, 'machine/ledger.json');
}

function beside(): string[] {
  return readdirSync(join(world.root, 'machine')).filter((name) => name.startsWith('ledger.json'));
}

async function status(): Promise<{ stable?: { version: string } }> {
  const { output } = await world.delivery('status', 'production', '--json');
  return (JSON.parse(output) as [{ stable?: { version: string } }])[0];
}
