import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What goes wrong with a call. `lostHalfway`: half of the input arrives. `lostAfter`: what was to be done is done. `pass`: nothing, so that a later call is meant. */
export type SshFault = 'unreachable' | 'busy' | 'hang' | 'denied' | 'lostHalfway' | 'lostAfter' | 'diskFull' | 'deniedThere' | 'pass';

export interface FaultyCall {
  readonly how: SshFault;
  /** @default - any host */
  readonly host?: string;
  /** The name of a script, or `upload`. @default - any call */
  readonly on?: string;
  /** @default 1 */
  readonly times?: number;
}

/** Not a key: what looks like one. */
export const PRIVATE_KEY = ['-----BEGIN OPENSSH PRIVATE KEY-----', 'c2VjcmV0LW9mLXRoZS1ob3N0cw', '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
/** What the stand-in replaces by the folder of a host. With a character that is always quoted: the folder may have spaces. */
export const HOST_ROOT = '/host+root';

/** As a service that reads its release when it starts. Users reach all hosts in turn. */
const RESTART = `#!/bin/sh
set -e
echo "restart $HOST" >> "$SSH_STAND_IN/restarts"
[ ! -e "$SSH_STAND_IN/hosts/$HOST/broken" ] || { echo "$HOST cannot start the shop" >&2; exit 7; }
release=$(cat index.html)
[ "$release" != refused ] || { echo "the shop does not start" >&2; exit 7; }
printf '%s\\n' "$release" > "$SSH_STAND_IN/$HOST.$$"
mv "$SSH_STAND_IN/$HOST.$$" "$SSH_STAND_IN/$HOST"
served() {
  first=
  live=
  for host in "$SSH_STAND_IN"/hosts/*; do
    name=\${host##*/}
    serves=$(cat "$SSH_STAND_IN/$name" 2>/dev/null) || continue
    if [ -z "$first" ]; then first=$serves; live=$name; elif [ "$serves" != "$first" ]; then live=$live+$name; fi
  done
  echo "$live"
}
# another host may have restarted meanwhile: who writes last looks again
written=
until now=$(served) && [ "$now" = "$written" ]; do
  written=$now
  echo "$written" > "$SSH_STAND_IN/live.$HOST.$$"
  mv "$SSH_STAND_IN/live.$HOST.$$" "$SSH_STAND_IN/live"
done
`;

/** Hosts in a folder, which the executables in `bin` beside this file serve. */
export class SshStandIn {
  public readonly env: Readonly<Record<string, string>>;

  constructor(protected readonly folder: string, public readonly hosts: readonly string[] = ['web-1', 'web-2']) {
    this.env = { SSH_STAND_IN: folder, PATH: `${join(__dirname, 'bin')}${delimiter}${process.env.PATH}`, SSH_PRIVATE_KEY: PRIVATE_KEY };
    this.reset();
  }

  /** Hosts without anything. */
  public reset(): void {
    for (const name of ['hosts', 'faults', 'calls', 'argv', 'restarts', 'live', ...this.hosts]) rmSync(join(this.folder, name), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'host-bin'), { recursive: true });
    mkdirSync(join(this.folder, 'faults'));
    writeFileSync(join(this.folder, 'host-bin/shop-restart'), RESTART);
    chmodSync(join(this.folder, 'host-bin/shop-restart'), 0o755);
    for (const host of this.hosts) this.add(host);
  }

  public add(host: string): void {
    for (const name of ['root/srv', 'home']) mkdirSync(join(this.folder, 'hosts', host, name), { recursive: true });
    writeFileSync(join(this.folder, 'hosts', host, 'host-key'), `${keyOf(host)}\n`);
  }

  /** Lines of known_hosts. */
  public get hostKeys(): string[] {
    return hostKeysOf(this.hosts);
  }

  /** Someone else responds at the host's address. */
  public changeHostKey(host: string): void {
    writeFileSync(join(this.folder, 'hosts', host, 'host-key'), `${keyOf('another')}\n`);
  }

  /** From now on, one after the other. */
  public fails(...calls: readonly FaultyCall[]): void {
    for (const name of ['calls', 'restarts']) rmSync(join(this.folder, name), { force: true });
    rmSync(join(this.folder, 'faults'), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'faults'));
    const all = calls.flatMap((call) => Array.from({ length: call.times ?? 1 }, () => call));
    all.forEach(({ host = '*', how, on = '*' }, index) => writeFileSync(join(this.folder, 'faults', String(index).padStart(4, '0')), `${how} ${host} ${on}\n`));
  }

  /** The service on the host starts again, where something has left `broken` there. */
  public repair(host: string): void {
    rmSync(join(this.folder, 'hosts', host, 'broken'), { force: true });
  }

  /** What was called on a host, oldest first: `web-1 switch`. */
  public get calls(): string[] {
    return this.linesIn('calls');
  }

  /** Every command line. */
  public get argv(): string {
    return this.linesIn('argv').join('\n');
  }

  public get restarts(): string[] {
    return this.linesIn('restarts');
  }

  /** The release that users reach; both, if the hosts serve different ones. */
  public get served(): string | undefined {
    const all = new Set(this.hosts.flatMap((host) => this.linesIn(host)));
    return all.size === 0 ? undefined : [...all].join(' and ');
  }

  /** A path on a host. */
  public path(host: string, path: string): string {
    return join(this.folder, 'hosts', host, 'root', path);
  }

  /** Where the pointer of a host leads. */
  public pointer(host: string, directory = 'srv/shop'): string | undefined {
    const path = this.path(host, `${directory}/current`);
    return existsSync(path) || isLink(path) ? readlinkSync(path) : undefined;
  }

  /** A person moves it. */
  public movePointer(host: string, to: string, directory = 'srv/shop'): void {
    const path = this.path(host, `${directory}/current`);
    symlinkSync(to, `${path}.new`);
    renameSync(`${path}.new`, path);
  }

  /** The names of releases, and of what is not one. */
  public releases(host: string, directory = 'srv/shop'): string[] {
    const path = this.path(host, `${directory}/releases`);
    return existsSync(path) ? readdirSync(path).sort() : [];
  }

  /** What a person calls on a host. */
  protected execute(host: string, program: string, args: readonly string[]): string {
    const PATH = `${join(this.folder, 'host-bin')}${delimiter}${process.env.PATH}`;
    return execFileSync(join(this.folder, 'host-bin', program), args, { encoding: 'utf8', env: { PATH, SSH_STAND_IN: this.folder, HOST: host } });
  }

  protected linesIn(name: string): string[] {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}

/** Lines of known_hosts. */
export function hostKeysOf(hosts: readonly string[]): string[] {
  return hosts.map((host) => `${host} ${keyOf(host)}`);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function keyOf(host: string): string {
  return `ssh-ed25519 ${Buffer.from(`the key of ${host}`.padEnd(51, '.')).toString('base64')}`;
}
