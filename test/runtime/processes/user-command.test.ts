import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { CommandManifest, EnvironmentManifest } from '../../../src/contract/manifest';
import { commandEnvironment, CommandOptions, CommandResult, environmentWithoutOurs, runUserCommand } from '../../../src/runtime/processes/user-command';
import { HandClock } from '../hand-clock';

let folder: string;
let clock: HandClock;
const leftBehind: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-command-'));
  clock = new HandClock();
});

afterEach(() => {
  for (const pid of leftBehind.splice(0)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const bash = (line: string): CommandManifest => ({ kind: 'bash', line });
const exec = (...argv: string[]): CommandManifest => ({ kind: 'exec', argv });

/** Runs a command; `onLine` also gets a way to let time pass or to interrupt it. */
async function run(command: CommandManifest, options: Partial<CommandOptions> = {}): Promise<CommandResult & { lines: string[] }> {
  const lines: string[] = [];
  const { onLine, ...rest } = options;
  const result = await runUserCommand(command, {
    cwd: folder,
    env: { PATH: process.env.PATH, FOLDER: folder },
    timeoutMs: 60_000,
    graceMs: 10_000,
    clock,
    onLine: (line) => {
      lines.push(line);
      onLine?.(line);
    },
    ...rest,
  });
  return { ...result, lines };
}

/** Resolves when the last process that holds the pipe `name` for writing is gone. */
function everyoneGone(name: string): Promise<Buffer> {
  const pipe = join(folder, name);
  execFileSync('mkfifo', [pipe]);
  return readFile(pipe);
}

describe('a command of the target', () => {
  test('that ends well has succeeded, and says how long it took', async () => {
    const result = await run(bash('echo one; echo two >&2'), { onLine: (line) => line === 'one' && clock.pass(1_500) });
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0, durationMs: 1_500 });
    expect(result.lines.sort()).toEqual(['one', 'two']);
  });

  test('that ends badly has failed, with its exit code', async () => {
    expect(await run(bash('exit 7'))).toMatchObject({ outcome: 'failed', exitCode: 7 });
  });

  test('that a signal ended has failed, with the signal', async () => {
    const result = await run(bash('kill -SEGV $$'));
    expect(result).toMatchObject({ outcome: 'failed', signal: 'SIGSEGV' });
    expect(result.exitCode).toBeUndefined();
  });

  test('runs in the folder it is given, with exactly the environment it is given', async () => {
    const { lines } = await run(exec('/usr/bin/env'), { env: { ONLY: 'this one', AND: 'that' } });
    expect(lines.sort()).toEqual(['AND=that', 'ONLY=this one']);
    expect((await run(exec('pwd', '-P'))).lines).toEqual([execFileSync('pwd', ['-P'], { cwd: folder, encoding: 'utf8' }).trim()]);
  });

  test('has no standard input to wait for', async () => {
    expect(await run(bash('cat; echo over'))).toMatchObject({ outcome: 'succeeded', lines: ['over'] });
  });

  test('reads the text or the file that it gets as standard input', async () => {
    expect((await run(bash('cat'), { input: { text: 'a\nb\n' } })).lines).toEqual(['a', 'b']);
    writeFileSync(join(folder, 'given'), 'c\n');
    expect((await run(bash('cat'), { input: { file: join(folder, 'given') } })).lines).toEqual(['c']);
  });

  test('may end before it has read its standard input', async () => {
    expect(await run(bash('echo over'), { input: { text: 'x'.repeat(1_000_000) } })).toMatchObject({ outcome: 'succeeded', lines: ['over'] });
  });
});

describe('a shell line', () => {
  test('stops at the first failure, as on GitHub', async () => {
    expect(await run(bash('false\necho not reached'))).toMatchObject({ outcome: 'failed', exitCode: 1, lines: [] });
  });

  test('fails when a part of a pipe fails', async () => {
    expect(await run(bash('false | cat'))).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  test('may have unset variables, as on GitHub', async () => {
    expect(await run(bash('echo "<$NOBODY_SET_THIS>"'))).toMatchObject({ outcome: 'succeeded', lines: ['<>'] });
  });

  test('is a line even if it begins with a dash', async () => {
    expect(await run(bash('-x() { echo called; }; -x'))).toMatchObject({ outcome: 'succeeded', lines: ['called'] });
  });
});

describe('an argv', () => {
  test('is no shell line: nothing in it is expanded or executed', async () => {
    const { lines } = await run(exec('printf', '%s\n', '$(id)', '; id', '*', '$PATH'));
    expect(lines).toEqual(['$(id)', '; id', '*', '$PATH']);
  });

  test('whose program is missing has failed, and says which', async () => {
    const result = await run(exec('no-such-deploy-tool', 'x'));
    expect(result.outcome).toBe('failed');
    expect(result.lines).toEqual([expect.stringContaining('no-such-deploy-tool: not found')]);
  });

  test('whose program may not be executed has failed, and says so', async () => {
    writeFileSync(join(folder, 'tool'), '#!/bin/sh\n');
    chmodSync(join(folder, 'tool'), 0o644);
    const result = await run(exec('./tool'));
    expect(result.outcome).toBe('failed');
    expect(result.lines).toEqual([expect.stringContaining('./tool: is not executable')]);
  });

  test('that no system could start has failed', async () => {
    expect(await run(exec('echo', 'a\0b'))).toMatchObject({ outcome: 'failed', lines: [expect.stringContaining('could not be started')] });
    expect(await run(exec())).toMatchObject({ outcome: 'failed', lines: [expect.stringContaining('could not be started')] });
  });
});

describe('a command that does not end in time', () => {
  test('is asked to end', async () => {
    const result = await run(bash('trap "echo cleaning up; exit 5" TERM; echo ready; while :; do sleep 0.01; done'), {
      timeoutMs: 4_000,
      onLine: (line) => line === 'ready' && clock.pass(4_000),
    });
    expect(result).toMatchObject({ outcome: 'timedOut', exitCode: 5, durationMs: 4_000, lines: expect.arrayContaining(['cleaning up']) });
  });

  test('is not stopped a moment before', async () => {
    execFileSync('mkfifo', [join(folder, 'answer')]);
    const result = await run(bash('echo ready; read -r answer < answer'), {
      timeoutMs: 4_000,
      onLine: () => {
        clock.pass(3_999);
        writeFileSync(join(folder, 'answer'), 'go on\n');
      },
    });
    expect(result.outcome).toBe('succeeded');
  });

  test('is killed after the grace period if it does not listen', async () => {
    const result = await run(bash('trap "echo no" TERM; echo ready; while :; do sleep 0.01 || true; done'), {
      timeoutMs: 4_000,
      graceMs: 2_000,
      onLine: (line) => {
        if (line === 'ready') clock.pass(4_000);
        if (line === 'no') clock.pass(2_000);
      },
    });
    expect(result).toMatchObject({ outcome: 'timedOut', signal: 'SIGKILL', durationMs: 6_000 });
  });

  test('does not leave behind what it started, even if that ignores SIGTERM', async () => {
    const gone = everyoneGone('alive');
    const result = await run(bash(`
      exec 3> alive
      (trap 'echo grandchild stays' TERM; echo grandchild ready; while :; do sleep 0.01 || true; done) &
      wait
    `), {
      timeoutMs: 4_000,
      graceMs: 2_000,
      onLine: (line) => {
        if (line === 'grandchild ready') clock.pass(4_000);
        if (line === 'grandchild stays') clock.pass(2_000);
      },
    });
    expect(result.outcome).toBe('timedOut');
    await gone;
  });

  test('lets what it started clean up, though it is gone itself', async () => {
    const result = await run(bash(`
      (trap 'sleep 0.1; echo cleaned up; exit' TERM; echo grandchild ready; while :; do sleep 0.01; done) &
      wait
    `), { timeoutMs: 4_000, onLine: (line) => line === 'grandchild ready' && clock.pass(4_000) });
    expect(result).toMatchObject({ outcome: 'timedOut', signal: 'SIGTERM', lines: expect.arrayContaining(['cleaned up']) });
  });
});

describe('an interruption', () => {
  test('stops the command and everything it started', async () => {
    const gone = everyoneGone('alive');
    const abort = new AbortController();
    const result = await run(bash('exec 3> alive; sleep 300 & echo ready; wait'), { signal: abort.signal, onLine: () => abort.abort() });
    expect(result).toMatchObject({ outcome: 'interrupted', signal: 'SIGTERM' });
    await gone;
  });

  test('that came before does not let the command begin', async () => {
    const result = await run(bash('echo began'), { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ outcome: 'interrupted', lines: [] });
  });

  test('kills sooner than a time limit does: the runner itself waits 10 s only', async () => {
    const abort = new AbortController();
    const result = await run(bash('trap "echo no" TERM; echo ready; while :; do sleep 0.01 || true; done'), {
      signal: abort.signal,
      graceMs: undefined,
      onLine: (line) => {
        if (line === 'ready') abort.abort();
        if (line === 'no') clock.pass(5_000);
      },
    });
    expect(result).toMatchObject({ outcome: 'interrupted', signal: 'SIGKILL', durationMs: 5_000 });
  });
});

describe('what a command leaves running', () => {
  test('in a session of its own does not keep us waiting, and goes on running', async () => {
    const result = await run(bash('setsid sleep 300 & echo $!'));
    leftBehind.push(Number(result.lines[0]));
    expect(result.outcome).toBe('succeeded');
    expect(process.kill(leftBehind[0], 0)).toBe(true);
  });

  test('in its own group goes on running too: a deploy script may start a server', async () => {
    const result = await run(bash('nohup sleep 300 & echo $!'));
    leftBehind.push(Number(result.lines.find((line) => /^\d+$/.test(line))));
    expect(result.outcome).toBe('succeeded');
    expect(process.kill(leftBehind[0], 0)).toBe(true);
  });

  test('and writes without end is not listened to for ever', async () => {
    const result = await run(bash('setsid bash -c "while :; do echo noise; done" & echo pid $!'));
    leftBehind.push(Number(result.lines.find((line) => line.startsWith('pid'))?.slice(4)));
    expect(result.outcome).toBe('succeeded');
  });

  /** Ends a process of its own after a script in which `run(line, onLine)` runs commands. Returns how it ended. */
  function endedAfter(script: string) {
    const bundle = join(folder, 'bundle.cjs');
    buildSync({ entryPoints: [resolve(__dirname, '../../../src/runtime/processes/user-command.ts')], bundle: true, platform: 'node', outfile: bundle });
    return spawnSync(process.execPath, ['-e', `
      const { runUserCommand } = require(${JSON.stringify(bundle)});
      const options = { cwd: ${JSON.stringify(folder)}, env: process.env, timeoutMs: 1e6 };
      const run = (line, onLine) => runUserCommand({ kind: 'bash', line }, { ...options, onLine });
      ${script}
    `], { encoding: 'utf8' });
  }
  const STAYS = 'trap "" TERM; echo ready; while :; do sleep 0.01; done';

  test('dies with the process that ran the command, if that ends first', async () => {
    const gone = everyoneGone('alive');
    expect(endedAfter(`run('exec 3> alive; ${STAYS}', () => process.exit(9));`).status).toBe(9);
    await gone;
  });

  test('dies with a process that is killed, if the command has not ended by then: each of several', async () => {
    const [gone, left] = [everyoneGone('alive'), everyoneGone('left')];
    let isLeft = true;
    void left.then(() => { isLeft = false; });
    const { signal, stdout } = endedAfter(`
      (async () => {
        await run('nohup sleep 300 > left 2>&1 & echo $!', console.log);
        let ready = 0;
        const isReady = () => { if (++ready === 2) process.kill(process.pid, 'SIGKILL'); };
        await Promise.all([run('exec 3> alive; ${STAYS}', isReady), run('true', isReady), run('exec 3> alive; ${STAYS}', isReady)]);
      })();
    `);
    leftBehind.push(Number(stdout));
    expect(signal).toBe('SIGKILL');
    await gone;
    await pause(100);
    // it belongs to a command that had ended
    expect(isLeft).toBe(true);
  });

  test('is guarded again after the guard itself was killed', async () => {
    const gone = everyoneGone('alive');
    const { signal } = endedAfter(`
      const processes = require('node:child_process');
      const { spawn } = processes;
      let guard;
      processes.spawn = (file, args, options) => {
        const child = spawn(file, args, options);
        if (args.includes('guard')) guard = child;
        return child;
      };
      (async () => {
        await run('true', console.log);
        guard.ref();
        await new Promise((resolve) => guard.on('exit', resolve).kill('SIGKILL'));
        await run('exec 3> alive; ${STAYS}', () => process.kill(process.pid, 'SIGKILL'));
      })();
    `);
    expect(signal).toBe('SIGKILL');
    await gone;
  });
});

describe('the output of a command', () => {
  test('comes line by line, whatever ends a line', async () => {
    expect((await run(bash("printf 'a\\nb\\r\\nc\\rd\\n\\ne'"))).lines).toEqual(['a', 'b', 'c', 'd', '', 'e']);
  });

  test('arrives while the command runs', async () => {
    const pipe = join(folder, 'answer');
    execFileSync('mkfifo', [pipe]);
    const result = await run(bash('echo asked; read -r answer < answer; echo "got $answer"'), {
      onLine: (line) => line === 'asked' && writeFileSync(pipe, 'yes\n'),
    });
    expect(result.lines).toEqual(['asked', 'got yes']);
  });

  test('arrives whole, though the command ends at once', async () => {
    const { lines } = await run(bash('seq 1 50000'));
    expect(lines.length).toBe(50_000);
    expect(lines.at(-1)).toBe('50000');
  });

  test('in lines of 64 KB and more comes in pieces, and nothing is lost', async () => {
    const { lines } = await run(bash("head -c 200000 /dev/zero | tr '\\0' x; echo end"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(8192);
    expect(lines.join('')).toBe(`${'x'.repeat(200_000)}end`);
  });

  test('shows no half of a secret where a long line is cut', async () => {
    const secret = 'correct horse battery staple';
    const print = 'process.stdout.write("x".repeat(8180) + process.argv[1] + "y".repeat(9000))';
    const { lines } = await run(exec(process.execPath, '-e', print, secret), { secrets: ['short', secret] });
    expect(lines.join('')).toBe(`${'x'.repeat(8180)}***${'y'.repeat(9000)}`);
  });

  test('that is no UTF-8 is shown as far as it goes', async () => {
    expect((await run(bash("printf 'a\\xffb\\xc3\\n\\xe2\\x82\\xac\\n'"))).lines).toEqual(['a\ufffdb\ufffd', '€']);
  });
});

describe('the environment of a command', () => {
  const environment = {
    name: 'production',
    variables: { API_URL: 'https://api.example.com', SHARED: 'from the environment' },
    secrets: ['DEPLOY_KEY'],
    healthChecks: [{ secretRequestHeaders: { 'Authorization': 'PROBE_TOKEN', 'X-Key': 'DEPLOY_KEY' } }],
  } as unknown as EnvironmentManifest;
  const release = { version: 'v1.2.3', sha: 'a'.repeat(40) };
  const job = {
    PATH: '/bin',
    SHARED: 'from the job',
    DEPLOY_KEY: 'k',
    PROBE_TOKEN: 'p',
    GITHUB_SHA: 'b'.repeat(40),
    GITHUB_STEP_SUMMARY: '/summary',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://oidc',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'oidc',
  };
  const ours = {
    GITHUB_TOKEN: 't',
    GITHUB_OUTPUT: '/output',
    GITHUB_ENV: '/env',
    GITHUB_PATH: '/path',
    GITHUB_STATE: '/state',
    ACTIONS_RUNTIME_TOKEN: 'r',
    ACTIONS_RESULTS_URL: 'https://results',
    ACTIONS_CACHE_URL: 'https://cache',
    DELIVERY_ARTIFACT_ID: '7',
    DELIVERY_ARTIFACT_DIGEST: 'd',
    DELIVERY_VERSION: 'v0.0.1-forged',
    DELIVERY_ROLLBACK_FROM: 'v0.0.1-forged',
  };

  test('says what is deployed where', () => {
    const variables = commandEnvironment(job, { environment, release, slot: 'green', stable: { version: 'v1.2.2', sha: 'c'.repeat(40) }, resultFile: '/result' });
    expect(variables).toMatchObject({
      DEPLOY_ENV: 'production',
      DELIVERY_VERSION: 'v1.2.3',
      DELIVERY_SHA: 'a'.repeat(40),
      DELIVERY_STABLE_VERSION: 'v1.2.2',
      DELIVERY_SLOT: 'green',
      DELIVERY_RESULT: '/result',
      API_URL: 'https://api.example.com',
      DEPLOY_KEY: 'k',
    });
    expect(variables).not.toHaveProperty('DELIVERY_ROLLBACK_FROM');
  });

  test('names the release being left only in a rollback', () => {
    expect(commandEnvironment(job, { environment, release, rollbackFrom: { version: 'v1.3.0', sha: 'd'.repeat(40) } })).toMatchObject({ DELIVERY_ROLLBACK_FROM: 'v1.3.0' });
  });

  test('sets nothing where nothing applies, not even an empty value', () => {
    const variables = commandEnvironment({ ...job, ...ours }, { environment, release });
    expect(Object.keys(variables).filter((name) => name.startsWith('DELIVERY_')).sort()).toEqual(['DELIVERY_SHA', 'DELIVERY_VERSION']);
  });

  test("has none of the runtime's token, files and facts", () => {
    const variables = environmentWithoutOurs({ ...job, ...ours }, environment);
    for (const name of Object.keys(ours)) expect(variables).not.toHaveProperty(name);
  });

  test('keeps what the job has for everyone: OIDC, the commit, the summary', () => {
    const { PROBE_TOKEN, ...kept } = job;
    expect(environmentWithoutOurs({ ...job, ...ours }, environment)).toEqual(kept);
    expect(PROBE_TOKEN).toBe('p');
  });

  test('has no secret that only health checks need', () => {
    expect(commandEnvironment(job, { environment, release })).not.toHaveProperty('PROBE_TOKEN');
    expect(commandEnvironment(job, { environment, release })).toHaveProperty('DEPLOY_KEY', 'k');
  });

  test("prefers the environment's variables to the job's", () => {
    expect(commandEnvironment(job, { environment, release }).SHARED).toBe('from the environment');
  });
});
