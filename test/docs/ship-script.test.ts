/** The script of the README and the tutorial that starts a release in a slot: executed, over a release that takes its time to end. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../free-ports';

/** It finishes the requests that it has: it ends 1.5 s after it was told to. */
const SERVICE = `
import { createServer } from 'node:http';
const { PORT, VERSION } = process.env;
createServer((_, response) => response.end(VERSION)).listen(Number(PORT), '127.0.0.1');
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 1_500));
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-ship-'));
});
afterEach(() => {
  for (const slot of ['blue']) {
    try {
      process.kill(pidIn(slot), 'SIGKILL');
    } catch {
      // it never began
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

const pidIn = (slot: string) => Number(readFileSync(join(folder, 'slots', slot, 'pid'), 'utf8'));

it.each(['README.md', 'docs/tutorial.md'])('%s: the release gets the port of the one that it replaces', async (page) => {
  const [, script] = /`scripts\/ship\.sh`:\n\n```bash\n([\s\S]*?)```/.exec(readFileSync(resolve(__dirname, '../..', page), 'utf8'))!;
  const port = await freePort();
  mkdirSync(join(folder, 'scripts'));
  writeFileSync(join(folder, 'scripts/ship.sh'), script.replace('4001', String(port)));
  writeFileSync(join(folder, 'service.mjs'), SERVICE);
  for (const args of [['init', '--quiet'], ['add', '.'], ['-c', 'user.name=e', '-c', 'user.email=e@example.com', 'commit', '--quiet', '-m', 'a']]) {
    execFileSync('git', args, { cwd: folder });
  }
  await ship('v1');
  expect(await served(port, 'v1')).toBe('v1');
  const before = pidIn('blue');
  await ship('v2');
  expect(await served(port, 'v2')).toBe('v2');
  expect(() => process.kill(before, 0)).toThrow();
});

async function ship(version: string): Promise<void> {
  const env = { ...process.env, DELIVERY_SLOT: 'blue', DELIVERY_SHA: 'HEAD', DELIVERY_VERSION: version };
  const child = spawn('bash', ['scripts/ship.sh'], { cwd: folder, env, stdio: 'ignore' });
  expect(await new Promise((done) => child.on('close', done))).toBe(0);
}

/** What responds, once it is what is expected; else what responded last. */
async function served(port: number, expected: string): Promise<string> {
  let last = '';
  for (let tries = 0; tries < 200 && last !== expected; tries++) {
    await new Promise((next) => setTimeout(next, 50));
    last = await new Promise<string>((done) => {
      get({ host: '127.0.0.1', port }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => done(body));
      }).on('error', ({ message }) => done(message));
    });
  }
  return last;
}
