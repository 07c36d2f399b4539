/** The server of the stand-ins: a call in it behaves as a call in a process of its own. */
import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StandInServer } from '../../tools/stand-in-server/stand-in-server';

const SERVER = resolve(__dirname, '../../tools/stand-in-server');

/** An executable with a few commands. */
const PROGRAM = `
const { appendFileSync, existsSync } = require('node:fs');
const { call } = require('${SERVER}/call.cjs');
const COMMANDS = {
  show: (...args) => call().print(JSON.stringify({ args, env: call().env.AWS_WHO, folder: call().path('.') })),
  pid: () => call().print(String(process.pid)),
  fail: () => {
    call().print('ö\\n');
    call().printError('✅\\n');
    try {
      call().exit(42);
    } finally {
      call().print('cleaned up\\n');
    }
    call().print('not reached');
  },
  throw: () => { throw new Error('a bug'); },
  wait: async () => {
    call().print('waiting\\n');
    while (!existsSync(call().path('go'))) await call().pause(5);
    call().print('went on with ' + call().env.AWS_WHO);
  },
  look: async () => {
    for (;;) {
      appendFileSync(call().path('looks'), '.');
      call().print('.');
      await call().pause(5);
    }
  },
  hang: () => { call().print('hangs'); call().hang(); },
  kill: () => call().killCaller(),
};
module.exports = ([command, ...args]) => COMMANDS[command](...args);
`;

let folder: string;
let env: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'stand-in-')));
  writeFileSync(join(folder, 'program'), `#!/usr/bin/env bash\nsource '${SERVER}/client.bash'\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'program.cjs'), PROGRAM);
  env = { PATH: process.env.PATH, AWS_WHO: 'me' };
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly error: string;
}

/** Starts an executable; `said` resolves when its output has that text. */
function start(args: readonly string[], { cwd = folder, file = join(folder, 'program'), who = 'me' } = {}) {
  const child = spawn(file, args, { cwd, env: { ...env, AWS_WHO: who }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let [output, error] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => { error += chunk.toString(); });
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output, error }) as Ended);
  const said = async (text: string) => { while (!output.includes(text)) await once(child.stdout, 'data'); };
  return { child, ended, said };
}

const run = (...args: readonly string[]) => start(args).ended;

async function readyServer(idleMs?: number): Promise<StandInServer> {
  const server = new StandInServer({ idleMs });
  await until(() => existsSync(server.env.STAND_IN_SERVER!));
  return server;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(5);
}

describe.each(['in the server', 'in a process of its own'])('a call %s', (where) => {
  const isServed = where === 'in the server';
  let server: StandInServer;

  beforeAll(async () => {
    if (isServed) server = await readyServer();
  });

  beforeEach(() => {
    if (isServed) env = { ...env, ...server.env };
  });

  test('is where it should be', async () => {
    const pids = [(await run('pid')).output, (await run('pid')).output];
    expect(new Set(pids).size).toBe(isServed ? 1 : 2);
  });

  test('gets the arguments, the variables and the folder of its caller', async () => {
    const args = ['', 'a b', '"quoted" $(id)', 'two\nlines', 'ü', '*', 'x'.repeat(100_000)];
    mkdirSync(join(folder, 'ö'));
    const { code, output } = await start(['show', ...args], { cwd: join(folder, 'ö') }).ended;
    expect([code, JSON.parse(output)]).toEqual([0, { args, env: 'me', folder: join(folder, 'ö') }]);
  });

  test('has both streams and an exit code, and ends where it says so', async () => {
    expect(await run('fail')).toEqual({ code: 42, signal: null, output: 'ö\ncleaned up\n', error: '✅\n' });
  });

  test('shows a bug', async () => {
    expect(await run('throw')).toMatchObject({ code: 1, output: '', error: expect.stringContaining('Error: a bug') });
  });

  test('prints while it goes on', async () => {
    const { ended, said } = start(['wait']);
    await said('waiting\n');
    writeFileSync(join(folder, 'go'), '');
    expect(await ended).toMatchObject({ code: 0, output: 'waiting\nwent on with me' });
  });

  test('does not mix with others at the same time', async () => {
    const calls = ['ann', 'ben', 'cleo'].map((who) => start(['wait'], { who }));
    await Promise.all(calls.map(({ said }) => said('waiting\n')));
    writeFileSync(join(folder, 'go'), '');
    const outputs = (await Promise.all(calls.map(({ ended }) => ended))).map(({ output }) => output);
    expect(outputs).toEqual(['ann', 'ben', 'cleo'].map((who) => `waiting\nwent on with ${who}`));
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('that hangs ends by %s only', async (signal) => {
    const { child, ended, said } = start(['hang']);
    await said('hangs');
    // others are served meanwhile
    expect((await run('pid')).code).toBe(0);
    child.kill(signal);
    expect(await ended).toMatchObject({ signal, output: 'hangs' });
  });

  test('makes no further step when its process is killed', async () => {
    const { child, ended, said } = start(['look']);
    await said('...');
    child.kill('SIGKILL');
    await ended;
    const looks = () => readFileSync(join(folder, 'looks'), 'utf8').length;
    await run('pid');
    const before = looks();
    for (let i = 0; i < 3; i++) await run('pid');
    expect(looks()).toBe(before);
  });

  test('kills the process that called', async () => {
    const { ended } = start(['-c', './program kill; echo survived'], { file: 'bash' });
    expect(await ended).toMatchObject({ signal: 'SIGKILL', output: '' });
  });
});

describe('the server', () => {
  test('ends after a time without calls; then a call is a process of its own, until it is started again', async () => {
    const server = await readyServer(3000);
    env = { ...env, ...server.env };
    await until(() => !existsSync(server.env.STAND_IN_SERVER!));
    expect((await run('show')).code).toBe(0);
    await until(() => server.ensure() && existsSync(server.env.STAND_IN_SERVER!));
  });

  test('does not end while a call goes on', async () => {
    const server = await readyServer(3000);
    env = { ...env, ...server.env };
    const { ended, said } = start(['wait']);
    await said('waiting\n');
    await pause(3500);
    expect(existsSync(server.env.STAND_IN_SERVER!)).toBe(true);
    writeFileSync(join(folder, 'go'), '');
    expect((await ended).code).toBe(0);
  });

  test('ends with the process that started it, and a call that goes on fails', async () => {
    const server = spawn(process.execPath, [join(SERVER, 'server.cjs'), join(folder, 'server'), '60000'], { stdio: ['pipe', 'ignore', 'inherit'] });
    started.push(server);
    env = { ...env, STAND_IN_SERVER: join(folder, 'server', 'port') };
    await until(() => existsSync(env.STAND_IN_SERVER!));
    const { ended, said } = start(['hang']);
    await said('hangs');
    server.stdin.end();
    expect(await once(server, 'exit')).toEqual([0, null]);
    expect(await ended).toMatchObject({ code: 70, error: 'the server of the stand-ins has ended\n' });
    expect(existsSync(join(folder, 'server'))).toBe(false);
  });

  test('that was killed leaves its port: a call is a process of its own', async () => {
    const server = spawn(process.execPath, [join(SERVER, 'server.cjs'), join(folder, 'server'), '60000'], { stdio: ['pipe', 'ignore', 'inherit'] });
    env = { ...env, STAND_IN_SERVER: join(folder, 'server', 'port') };
    await until(() => existsSync(env.STAND_IN_SERVER!));
    server.kill('SIGKILL');
    await once(server, 'exit');
    expect(await run('show')).toMatchObject({ code: 0, error: '' });
  });
});
