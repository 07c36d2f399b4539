import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SshStandIn } from '../ssh-stand-in/stand-in';

/** A container, as the engine has it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly status: string;
  /** By name, without `projen-delivery.`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What an engine prints if it cannot pull. */
export const PULL_FAULTS = {
  busy: 'toomanyrequests: You have reached your pull rate limit.',
  denied: 'Error response from daemon: Head "https://registry/v2/acme/shop/manifests/x": unauthorized: authentication required',
  unreachable: 'Error response from daemon: Get "https://registry/v2/": dial tcp 10.0.0.1:443: connect: connection refused',
} as const;

/** Time passes on a host only while something sleeps there. */
const CLOCK = {
  date: '[ "$1" = +%s ] || exit 64\ncat "$SSH_STAND_IN/hosts/$HOST/clock" 2>/dev/null || echo 0',
  sleep: 'echo $(($(date +%s) + $1)) > "$SSH_STAND_IN/hosts/$HOST/clock.$$" && mv "$SSH_STAND_IN/hosts/$HOST/clock.$$" "$SSH_STAND_IN/hosts/$HOST/clock"',
} as const;

/** Hosts with a container engine, which the executable `docker` beside this file is. Users reach all hosts whose container runs. */
export class DockerStandIn extends SshStandIn {
  public override reset(): void {
    super.reset();
    for (const name of ['engine-calls', 'created', 'crashing', 'health', 'gone', 'pull-faults']) rmSync(join(this.folder, name), { recursive: true, force: true });
    for (const name of ['crashing', 'health', 'gone', 'pull-faults']) mkdirSync(join(this.folder, name));
    for (const engine of ['docker', 'podman']) copyFileSync(join(__dirname, 'docker'), join(this.folder, 'host-bin', engine));
    for (const [name, text] of Object.entries(CLOCK)) writeFileSync(join(this.folder, 'host-bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    this.version = '20.10.24';
  }

  /** The version of the engine on all hosts. */
  public set version(version: string) {
    writeFileSync(join(this.folder, 'engine-version'), `${version}\n`);
  }

  /** What the engines were called for, oldest first: `web-1 pull IMAGE`, `web-1 start NAME`, `web-1 rm NAME`. */
  public get engineCalls(): string[] {
    return this.linesIn('engine-calls');
  }

  /** Forgets what was called until now. */
  public forgetCalls(): void {
    this.fails();
    for (const name of ['engine-calls', 'created']) rmSync(join(this.folder, name), { force: true });
  }

  /** What each `create` got. */
  public get created(): string[] {
    return this.linesIn('created');
  }

  /** The containers of a host, by their names. */
  public containers(host: string): Container[] {
    const folder = join(this.folder, 'hosts', host, 'containers');
    if (!existsSync(folder)) return [];
    const read = (id: string, file: string) => {
      const path = join(folder, id, file);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    };
    const all = readdirSync(folder).map((id): Container => ({
      name: read(id, 'name'),
      image: read(id, 'image'),
      status: read(id, 'status'),
      labels: Object.fromEntries(read(id, 'labels').split('\n').map((line) => line.replace(/^projen-delivery\./, '').split(/=(.*)/s).slice(0, 2))) as Record<string, string>,
    }));
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The version that the container of a host runs; undefined where none does. */
  public runs(host: string, name = 'shop'): string | undefined {
    return this.containers(host).find((one) => one.name === name && one.status === 'running')?.labels.version;
  }

  /** The digests of the images of a host, in hex. */
  public images(host: string): string[] {
    const folder = join(this.folder, 'hosts', host, 'images');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  /** A command of the engine, as a person calls it on a host. */
  public engine(host: string, ...args: string[]): string {
    return this.execute(host, 'docker', args);
  }

  /** The next pulls print this, and fail. */
  public failPulls(...messages: readonly string[]): void {
    messages.forEach((message, index) => writeFileSync(join(this.folder, 'pull-faults', String(index).padStart(4, '0')), message));
  }

  /** The registry has an image no more. */
  public forget(digest: string): void {
    writeFileSync(join(this.folder, 'gone', digest), '');
  }

  /** The containers of a version end at once, after they printed this. */
  public crash(version: string, log: string): void {
    writeFileSync(join(this.folder, 'crashing', version), log);
  }

  /** What the health check of the image of a version says. */
  public becomes(version: string, health: 'unhealthy' | 'starting' | 'healthy'): void {
    writeFileSync(join(this.folder, 'health', version), health);
  }

  /** The network that a container was made with is gone: it starts no more. */
  public loseNetwork(host: string, name: string): void {
    const folder = join(this.folder, 'hosts', host, 'containers');
    for (const id of readdirSync(folder)) {
      if (readFileSync(join(folder, id, 'name'), 'utf8').trim() === name) writeFileSync(join(folder, id, 'network-gone'), '');
    }
  }

  /** What is wrong with a host. */
  public afflict(host: string, what: 'engine-down' | 'engine-denied' | 'port-taken', isSo = true): void {
    const file = join(this.folder, 'hosts', host, what);
    if (isSo) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }
}
