/** The scripts of Target.servers, as the shell of a host runs them: what an earlier process left, or still does, when another one takes over. */
import { ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECK, CLAIM, MARKER, MOVED, OVERTAKEN, REMOVE, RESTART, SWITCH, UNPACK } from '../../../src/engines/servers/runtime/host-scripts';
import { HostScript } from '../../../src/engines/servers/runtime/ssh-connection';

let folder: string;
let host: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  host = join(folder, 'shop');
  mkdirSync(join(host, '.delivery'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With executables that replace those of the host. */
function run({ name, text }: HostScript, args: readonly string[], programs: Readonly<Record<string, string>> = {}) {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [program, script] of Object.entries(programs)) writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const { status, stderr, stdout } = spawnSync('sh', ['-s', '--', name, host, ...args], {
    input: `main() {\nshift\n${text}\n}\nmain "$@" </dev/null\n`, encoding: 'utf8', env: { PATH: `${bin}:${process.env.PATH}`, HOST: host },
  });
  return { status, stderr, stdout };
}

const claimedBy = (token: string) => writeFileSync(join(host, '.delivery/claim'), `${token}\n`);
const left = () => readdirSync(join(host, '.delivery')).sort();

/** As `put` sends it. */
function uploaded(token: string): string[] {
  mkdirSync(join(folder, 'dist/assets'), { recursive: true });
  for (const file of ['index.html', 'assets/app.js']) writeFileSync(join(folder, 'dist', file), file);
  const tar = join(host, `.delivery/incoming.${token}`);
  execFileSync('tar', ['-cf', tar, '-C', folder, 'dist']);
  mkdirSync(join(host, 'releases'), { recursive: true });
  return [token, tar, createHash('sha256').update(readFileSync(tar)).digest('hex'), 'dist', 'v1', '{"version":"v1"}'];
}

describe('a process that takes over', () => {
  it('makes room before it writes: the disk may be full of what an earlier one sent', () => {
    writeFileSync(join(host, '.delivery/incoming.old'), 'x');
    // nothing can be written there
    mkdirSync(join(host, '.delivery/claim.new'));
    expect(run(CLAIM, ['new']).status).not.toBe(0);
    expect(left()).toEqual(['claim.new']);
  });

  it('is not stopped by a script that still unpacks files', () => {
    mkdirSync(join(host, '.delivery/incoming.old.7'));
    // as rm ends if another process adds a file meanwhile
    expect(run(CLAIM, ['new'], { rm: 'echo "rm: cannot remove: Directory not empty" >&2; exit 1' }).status).toBe(0);
    expect(left()).toEqual(['claim', 'old.new.incoming.old.7']);
  });

  it('takes away the files of a script that still unpacks them, so that no incomplete release appears', () => {
    claimedBy('old');
    const given = uploaded('old');
    writeFileSync(join(folder, 'claim.sh'), `set -- claim ${host} new\nshift\n${CLAIM.text}`);
    // another process claims the host while tar is at work, and then tar goes on
    const real = execFileSync('sh', ['-c', 'command -v tar'], { encoding: 'utf8' }).trim();
    const { status } = run(UNPACK, given, { tar: `${real} "$@" && sh ${folder}/claim.sh >/dev/null` });
    expect(status).not.toBe(0);
    expect(readdirSync(join(host, 'releases'))).toEqual([]);
  });
});

describe('a release', () => {
  it('appears complete, and leaves nothing else', () => {
    claimedBy('mine');
    expect(run(UNPACK, uploaded('mine'))).toEqual({ status: 0, stderr: '', stdout: '' });
    expect(readdirSync(join(host, 'releases/v1')).sort()).toEqual([MARKER, 'assets', 'index.html']);
    expect(left()).toEqual(['claim']);
  });

  it('that a call without a connection still unpacks is not mixed with the same one of the repeated call', () => {
    claimedBy('mine');
    const given = uploaded('mine');
    const real = execFileSync('sh', ['-c', 'command -v tar'], { encoding: 'utf8' }).trim();
    writeFileSync(join(folder, 'again.sh'), `set -- ${[host, ...given].map((word) => `'${word}'`).join(' ')}\n${UNPACK.text}`);
    // the repeated call does all of it while the first one is at work
    const again = `[ ! -e ${folder}/once ] || exec ${real} "$@"; : > ${folder}/once; ${real} "$@" && sh ${folder}/again.sh`;
    expect(run(UNPACK, given, { tar: again }).status).toBe(0);
    expect(readFileSync(join(host, 'releases/v1/assets/app.js'), 'utf8')).toBe('assets/app.js');
    expect(readdirSync(join(host, 'releases/v1')).sort()).toEqual([MARKER, 'assets', 'index.html']);
    expect(left()).toEqual(['claim']);
  });
});

describe('a switch', () => {
  beforeEach(() => {
    claimedBy('mine');
    for (const version of ['v1', 'v2']) mkdirSync(join(host, 'releases', version), { recursive: true });
    symlinkSync('releases/v1', join(host, 'current'));
    // written by a restart
    writeFileSync(join(host, '.delivery/running'), 'v1\n');
  });
  const switched = (from: string, to: string) => run(SWITCH, ['mine', `releases/${from}`, `releases/${to}`]).status;

  it('leads to another release, and no longer says what runs: it was not restarted yet', () => {
    expect(switched('v1', 'v2')).toBe(0);
    expect([readlinkSync(join(host, 'current')), left()]).toEqual(['releases/v2', ['claim']]);
  });

  it('gives way to someone else who switched meanwhile', () => {
    expect(switched('v2', 'v2')).toBe(MOVED);
    expect([readlinkSync(join(host, 'current')), left()]).toEqual(['releases/v1', ['claim', 'running']]);
  });
});

describe('a restart', () => {
  const restart = (sleep: string) => {
    mkdirSync(join(host, 'releases/v1'), { recursive: true });
    symlinkSync('releases/v1', join(host, 'current'));
    claimedBy('mine');
    const { status, stdout } = run(RESTART, ['mine', 'echo "started $A in $PWD"', 'A=b c'], { sleep: `echo x >> "$HOST/waits"; ${sleep}` });
    const waits = existsSync(join(host, 'waits')) ? readFileSync(join(host, 'waits'), 'utf8').split('\n').length - 1 : 0;
    return { status, said: stdout.trim().split('\n').at(-1), waits, left: left() };
  };
  /** Runs until the test has ended. */
  const another = (...argv: readonly [string, ...string[]]) => {
    const [file, ...args] = argv;
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    writeFileSync(join(host, '.delivery/restarting'), `${child.pid}\n`);
    others.push(child);
  };
  const others: ChildProcess[] = [];
  afterEach(() => others.splice(0).forEach((child) => child.kill('SIGKILL')));
  const done = () => ({ status: 0, said: `started b c in ${host}/current`, left: ['claim'] });

  it('runs at once where no other one runs, or the other one was killed', () => {
    writeFileSync(join(host, '.delivery/restarting'), `${spawnSync('true').pid}\n`);
    expect(restart('')).toEqual({ ...done(), waits: 0 });
  });

  it('does not wait for another process that has the number now', () => {
    another('cat');
    expect(restart('')).toEqual({ ...done(), waits: 0 });
  });

  it('waits for one that still runs, for a limited time', () => {
    another('sh', '-s', '--', 'restart', host);
    expect(restart('[ "$(wc -l < "$HOST/waits")" -lt 3 ] || rm -f "$HOST/.delivery/restarting"')).toEqual({ ...done(), waits: 3 });
  });

  it('does not wait for ever', () => {
    another('sh', '-s', '--', 'restart', host);
    expect(restart('')).toEqual({ ...done(), waits: 30 });
  });
});

describe('what arrives after another process took over', () => {
  beforeEach(() => {
    mkdirSync(join(host, 'releases/v1'), { recursive: true });
    mkdirSync(join(host, 'releases/v2'));
    symlinkSync('releases/v1', join(host, 'current'));
    claimedBy('new');
  });

  it.each<[string, HostScript, string[]]>([
    ['a restart', RESTART, ['touch "$HOST/done"']],
    ['a check', CHECK, ['touch "$HOST/done"', '1']],
    ['a removal', REMOVE, ['v2']],
  ])('%s does nothing', (_, script, args) => {
    expect(run(script, ['old', ...args])).toMatchObject({ status: OVERTAKEN, stderr: 'another delivery has taken over\n' });
    expect([existsSync(join(host, 'done')), existsSync(join(host, 'releases/v2'))]).toEqual([false, true]);
    expect(run(script, ['new', ...args]).status).toBe(0);
    expect([existsSync(join(host, 'done')), existsSync(join(host, 'releases/v2'))]).toEqual(script === REMOVE ? [false, false] : [true, true]);
  });
});
