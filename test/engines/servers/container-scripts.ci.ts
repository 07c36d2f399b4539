/** The scripts of containers, as the shell of a host runs them: cut off at any call of the engine, late, or beside an earlier one. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUSY, CHECK, CLAIM, FOREIGN, PROBE, PULL, REMOVE, REPLACE } from '../../../src/engines/servers/runtime/container-scripts';
import { createArguments, containerKey, containerProbeIn, containerStateIn } from '../../../src/engines/servers/runtime/container-steps';
import { MOVED, OVERTAKEN } from '../../../src/engines/servers/runtime/host-scripts';
import { HostScript } from '../../../src/engines/servers/runtime/ssh-connection';
import { Release } from '../../../src/runtime/release';
import { DockerStandIn } from '../../../tools/docker-stand-in/stand-in';

const CONTAINER = { engine: 'docker', name: 'shop', ports: [], volumes: [], stopMs: 1_000, runOptions: [] } as const;
const OWNER = 'acme/shop:production';
const release = (n: number): Release => ({ version: `v${n}`, sha: String(n).repeat(40), artifact: { digest: String(n).repeat(64), image: 'ghcr.io/acme/shop' } });
const image = (n: number) => `ghcr.io/acme/shop@sha256:${String(n).repeat(64)}`;
const [V1, V2] = [release(1), release(2)].map((one) => containerKey(one)!);

let folder: string;
let host: DockerStandIn;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  host = new DockerStandIn(folder, ['web-1']);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const home = () => join(folder, 'hosts/web-1/home');
const state = (...path: string[]) => join(home(), '.projen-delivery/shop', ...path);
const sent = ({ text }: HostScript) => `main() {\nshift\n${text}\n}\nmain "$@" </dev/null\n`;
const env = (programs = '') => ({ PATH: `${programs && `${programs}:`}${join(folder, 'host-bin')}:${process.env.PATH}`, HOME: home(), HOST: 'web-1', SSH_STAND_IN: folder });

/** @param programs a folder with executables that replace those of the host */
function run(script: HostScript, args: readonly string[], programs?: string) {
  // a process group of its own: what is cut off is all of it
  const { status, stderr, stdout } = spawnSync('setsid', ['--wait', 'sh', '-s', '--', script.name, 'shop', 'docker', ...args], { input: sent(script), encoding: 'utf8', env: env(programs) });
  return { status, stderr, stdout };
}

const claim = (token: string) => run(CLAIM, [token, '5']);
const pull = (n: number, token = 'mine') => run(PULL, [token, image(n)]);
const replace = (n: number, how: 'new' | 'kept' | 'anew', { from = 'any', owner = OWNER, programs, token = 'mine' }: { from?: string; owner?: string; programs?: string; token?: string } = {}) => (
  run(REPLACE, [token, '5', '1', containerKey(release(n))!, from, how, owner, ...createArguments(CONTAINER, release(n), owner, {})], programs)
);
const containers = () => host.containers('web-1').map(({ labels, name, status }) => `${name} ${labels.version} ${status}`);

function deployed(): void {
  expect(claim('mine').status).toBe(0);
  for (const n of [1, 2]) expect(pull(n).status).toBe(0);
  expect(replace(1, 'new')).toEqual({ status: 0, stderr: '', stdout: '' });
}

it('the old container stays, stopped, and starts again', () => {
  deployed();
  expect(replace(2, 'new', { from: V1 }).status).toBe(0);
  expect(containers()).toEqual(['shop v2 running', `shop.${V1} v1 exited`]);
  expect(replace(1, 'kept').status).toBe(0);
  expect(containers()).toEqual(['shop v1 running', `shop.${V2} v2 exited`]);
  expect(host.created).toHaveLength(2);
  // a new one has what its options and its file with variables say now
  expect(replace(2, 'new').status).toBe(0);
  expect([containers(), host.created.length]).toEqual([['shop v2 running', `shop.${V1} v1 exited`], 3]);
});

/** The n-th call of the engine ends the script, as a host does that loses its power, before or after the call. */
function cutting(n: number, when: 'before' | 'after'): string {
  const programs = join(folder, 'cutting');
  mkdirSync(programs, { recursive: true });
  rmSync(join(programs, 'count'), { force: true });
  writeFileSync(join(programs, 'docker'), [
    '#!/bin/bash', `read -r n 2>/dev/null < ${programs}/count; n=$((n + 1)); echo $n > ${programs}/count`,
    ...(when === 'before' ? [`[ $n != ${n} ] || kill -9 0`] : []),
    `${join(folder, 'host-bin/docker')} "$@"`, 'code=$?',
    ...(when === 'after' ? [`[ $n != ${n} ] || kill -9 0`] : []),
    'exit $code', '',
  ].join('\n'), { mode: 0o755 });
  return programs;
}

describe.each(['before', 'after'] as const)('a replacement that is cut off %s a call of the engine', (when) => {
  it.each<[string, 'again' | 'back']>([['is completed by the same one', 'again'], ['is taken back', 'back']])('%s', (_, next) => {
    let cuts = 0;
    for (let n = 1; ; n++) {
      host.reset();
      deployed();
      const { status } = replace(2, 'new', { from: V1, programs: cutting(n, when) });
      if (status === 0) break;
      cuts += 1;
      expect(claim('next').status).toBe(0);
      const [number, how] = next === 'again' ? [2, 'new'] as const : [1, 'kept'] as const;
      expect(replace(number, how, { token: 'next' })).toMatchObject({ status: 0 });
      expect([n, containers().filter((one) => one.endsWith(' running'))]).toEqual([n, [`shop v${number} running`]]);
      // neither is lost: a rollback, and another one, can start what it was
      expect([n, containers().some((one) => / v1 /.test(one))]).toEqual([n, true]);
    }
    expect(cuts).toBeGreaterThan(6);
  });
});

it('what arrives after another process took over does nothing', () => {
  deployed();
  expect(claim('new').status).toBe(0);
  const late = [replace(2, 'new'), pull(2), run(REMOVE, ['mine', '5', 'image', image(1)])];
  expect(late.map(({ status, stderr }) => [status, stderr])).toEqual(late.map(() => [OVERTAKEN, 'another delivery has taken over\n']));
  expect(containers()).toEqual(['shop v1 running']);
});

it('what runs differently from what was expected is not replaced', () => {
  deployed();
  expect(replace(2, 'new', { from: 'none' })).toMatchObject({ status: MOVED, stderr: `shop runs ${V1} meanwhile\n` });
  expect(containers()).toEqual(['shop v1 running']);
});

it('a container of someone is not touched where no delivery has been', () => {
  expect(claim('mine').status).toBe(0);
  expect(pull(1).status).toBe(0);
  host.engine('web-1', 'create', '--name', 'shop', '--label=a=b', image(1));
  expect(replace(1, 'new')).toMatchObject({ status: FOREIGN, stderr: 'a container shop that no delivery made is there\n' });
  expect([host.containers('web-1').map(({ name }) => name), existsSync(state('owned'))]).toEqual([['shop'], false]);
});

it('a container of someone that removes itself once it ends is replaced', () => {
  deployed();
  host.engine('web-1', 'container', 'rm', '--force', 'shop');
  host.engine('web-1', 'create', '--name', 'shop', '--label=a=b', '--rm', image(1));
  host.engine('web-1', 'start', 'shop');
  expect(replace(2, 'new')).toEqual({ status: 0, stderr: '', stdout: '' });
  expect(containers()).toEqual(['shop v2 running']);
});

it.each([['replaced', 2, ['shop v2 running', `shop.${V1} v1 exited`]], ['restored', 1, ['shop v1 running']]] as const)('a container that was paused is %s', (_, n, left) => {
  deployed();
  host.engine('web-1', 'pause', 'shop');
  expect(replace(n, 'kept')).toEqual({ status: 0, stderr: '', stdout: '' });
  expect(containers()).toEqual(left);
});

describe('a container that waits and starts no more', () => {
  function lost(): void {
    deployed();
    expect(replace(2, 'new').status).toBe(0);
    host.loseNetwork('web-1', `shop.${V1}`);
  }

  it('is made again from its image, and the first one stays until the next replacement', () => {
    lost();
    expect(replace(1, 'kept')).toEqual({ status: 0, stderr: '', stdout: '' });
    expect(containers()).toEqual(['shop v1 running', `shop.${V1} v1 exited`, `shop.${V2} v2 exited`]);
    // what is repeated changes nothing
    expect(replace(1, 'kept').status).toBe(0);
    expect(host.created).toHaveLength(3);
    expect(replace(2, 'kept').status).toBe(0);
    expect(containers()).toEqual(['shop v2 running', `shop.${V1} v1 exited`]);
    expect(replace(1, 'kept').status).toBe(0);
    expect(host.created).toHaveLength(3);
  });

  it('stays what it is if a new one starts no more, too', () => {
    deployed();
    expect(replace(2, 'new').status).toBe(0);
    host.afflict('web-1', 'port-taken');
    expect(replace(1, 'kept')).toMatchObject({ status: 1, stderr: expect.stringContaining('address already in use') as string });
    expect(containers()).toEqual(['shop v1 exited', `shop.${V2} v2 exited`]);
    host.afflict('web-1', 'port-taken', false);
    expect(replace(1, 'kept').status).toBe(0);
    expect(host.engine('web-1', 'container', 'inspect', '--format', '{{.Id}}', 'shop')).toMatch(/^0+1\s*$/);
  });

  it('says why if its image is gone', () => {
    lost();
    rmSync(join(folder, 'hosts/web-1/images', '1'.repeat(64)));
    expect(replace(1, 'kept')).toMatchObject({ status: 1, stderr: expect.stringContaining('network 0123456789ab not found') as string });
  });

  it('is made again also after a power loss in between', () => {
    let cuts = 0;
    for (let n = 11; n < 100; n++) {
      host.reset();
      lost();
      const { status } = replace(1, 'kept', { programs: cutting(n, 'after') });
      if (status === 0) break;
      // the calls before the first start are those of any other replacement
      if (host.engineCalls.filter((call) => call.endsWith(' start shop')).length < 3) continue;
      cuts += 1;
      expect(replace(1, 'kept')).toMatchObject({ status: 0 });
      expect([n, containers().filter((one) => one.endsWith(' running'))]).toEqual([n, ['shop v1 running']]);
    }
    expect(cuts).toBeGreaterThan(5);
  });
});

it('preflight misses a folder only where the account could see it', () => {
  deployed();
  const closed = join(folder, 'closed');
  mkdirSync(join(closed, 'data'), { recursive: true });
  // root sees everything
  const isRoot = process.getuid!() === 0;
  for (const one of [folder, home()]) chmodSync(one, 0o755);
  chmodSync(closed, isRoot ? 0o700 : 0);
  const args = ['probe', 'shop', 'docker', '{{.Server.Version}}', '{{.DockerRootDir}}', '', '', '', '', join(closed, 'data'), join(folder, 'gone/data')];
  const { stdout } = spawnSync('sh', ['-s', '--', ...args], { input: sent(PROBE), encoding: 'utf8', env: env(), cwd: '/', ...isRoot && { uid: 65_534 } });
  chmodSync(closed, 0o700);
  expect(containerProbeIn(stdout, 'shop', OWNER).unshared).toEqual([join(folder, 'gone/data')]);
});

it('the container of another delivery is not touched', () => {
  deployed();
  expect(replace(2, 'kept', { owner: 'acme/books:production' })).toMatchObject({ status: FOREIGN, stderr: 'the container shop is that of another delivery, acme/shop:production\n' });
  expect(containers()).toEqual(['shop v1 running']);
});

it('a step waits for an earlier one that still runs, for a limited time', () => {
  deployed();
  const holder = spawn('flock', [state('lock'), 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise<void>((done, fail) => {
    holder.stdout.once('data', () => {
      try {
        const args = ['mine', '1', '1', V2!, 'any', 'new', OWNER, ...createArguments(CONTAINER, release(2), OWNER, {})];
        expect(run(REPLACE, args)).toMatchObject({ status: BUSY, stderr: 'an earlier step still runs on this host\n' });
        expect(containers()).toEqual(['shop v1 running']);
      } catch (error) {
        fail(error as Error);
      } finally {
        holder.stdin.end();
      }
    });
    holder.once('close', () => done());
  });
});

it('a host whose flock has no option -w, as that of BusyBox, is claimed and changed', () => {
  const programs = join(folder, 'busybox');
  mkdirSync(programs);
  const real = spawnSync('sh', ['-c', 'command -v flock'], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(join(programs, 'flock'), `#!/bin/sh\ncase $1 in -[!sxnu]*) echo "flock: invalid option" >&2; exit 1 ;; esac\nexec ${real} "$@"\n`, { mode: 0o755 });
  expect(run(CLAIM, ['mine', '5'], programs)).toMatchObject({ status: 0, stderr: '' });
  expect(pull(1).status).toBe(0);
  expect(replace(1, 'new', { programs })).toMatchObject({ status: 0, stderr: '' });
});

it('an image is pulled once, and the newest one is the last in the list', () => {
  deployed();
  expect(pull(1).status).toBe(0);
  expect(host.engineCalls.filter((call) => call.includes(' pull '))).toHaveLength(2);
  expect(containerStateIn(readFileSync(state('images'), 'utf8').replace(/^/gm, 'image '), 'shop', OWNER).images).toEqual([image(1), image(2)]);
});

it('the live container and the image that it needs are not removed', () => {
  deployed();
  expect(run(REMOVE, ['mine', '5', 'container', 'shop', 'image', image(1), 'image', image(2)]).status).toBe(0);
  expect([containers(), host.images('web-1')]).toEqual([['shop v1 running'], ['1'.repeat(64)]]);
});

describe('the last lines of a container that ended', () => {
  const OWN = { DEPLOY_ENV: 'production' };
  let envFile: string;

  /** @param variables of the file when the container is made */
  function ended(printed: string, variables: string): void {
    envFile = join(folder, 'shop.env');
    writeFileSync(envFile, variables);
    writeFileSync(join(folder, 'image-variables'), 'MODE=standalone\n');
    expect(claim('mine').status).toBe(0);
    expect(pull(1).status).toBe(0);
    host.crash('v1', printed);
    expect(run(REPLACE, ['mine', '5', '1', V1!, 'any', 'new', OWNER, ...createArguments({ ...CONTAINER, envFile }, release(1), OWNER, OWN)])).toMatchObject({ status: 0, stderr: '' });
  }

  const check = (programs?: string) => run(CHECK, ['mine', envFile, '0', '1', '', ...Object.entries(OWN).map((pair) => pair.join('='))], programs);
  const LINES = 'with hunter2-of-the-host\nin production\nstandalone\n';
  const SHOWN = { status: 1, stdout: 'in production\nstandalone\n', stderr: 'the container ended with exit code 3: in production standalone ' };

  it.each<[string, string]>([
    ['of a file with the line breaks of Windows', 'PORT=8080\r\nPASSWORD=hunter2-of-the-host\r\n'],
    ['in quotes', 'PASSWORD="hunter2-of-the-host"\n'],
    ['before spaces', 'PASSWORD=hunter2-of-the-host  \n'],
    ['without a line break behind it', 'PASSWORD=hunter2-of-the-host'],
  ])('do not show a value %s', (_, variables) => {
    ended(LINES, variables);
    expect(check()).toEqual(SHOWN);
  });

  it('do not show a value with quotes inside, with or without them', () => {
    ended('with {"key":"hunter2"}\nwith {key:hunter2}\nin production\nstandalone\n', 'PASSWORD={"key":"hunter2"}\n');
    expect(check()).toEqual(SHOWN);
  });

  it('do not show a value that the file had when the container was made', () => {
    ended(LINES, 'PASSWORD=hunter2-of-the-host\n');
    writeFileSync(envFile, 'PASSWORD=another-one\n');
    expect(check()).toEqual(SHOWN);
  });

  it('do not show a value of a file that is not there any more', () => {
    ended(LINES, 'PASSWORD=hunter2-of-the-host\n');
    rmSync(envFile);
    expect(check()).toEqual(SHOWN);
  });

  it('are not shown where the engine does not say which values the container has', () => {
    ended(LINES, 'PASSWORD=hunter2-of-the-host\n');
    const programs = join(folder, 'silent');
    mkdirSync(programs);
    writeFileSync(join(programs, 'docker'), `#!/bin/sh\ncase $* in *Config.Env*) exit 1 ;; esac\nexec ${join(folder, 'host-bin/docker')} "$@"\n`, { mode: 0o755 });
    expect(check(programs)).toEqual({ status: 1, stdout: '', stderr: 'the container ended with exit code 3' });
  });
});
