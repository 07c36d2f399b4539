import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePorts } from '../free-ports';

export interface NpmRegistryOptions {
  /** A folder of the caller's, who also removes it. */
  readonly folder: string;
  /** Where Verdaccio is installed: a folder with a node_modules. */
  readonly verdaccio: string;
  /** The packages that are published here, and never asked for elsewhere. All others come from the registry that this machine's npm asks. */
  readonly own: readonly string[];
}

/** What the registry returns about a version. */
export interface PublishedVersion {
  readonly version: string;
  readonly dist: { readonly integrity: string; readonly tarball: string };
}

/** A real npm registry (Verdaccio) on loopback: everyone reads, and the token allows to publish. */
export class NpmRegistry {
  public static async start(options: NpmRegistryOptions): Promise<NpmRegistry> {
    const { port } = await freePorts();
    const registry = new NpmRegistry(`http://127.0.0.1:${port}`);
    await registry.listen(options, port);
    await registry.signUp();
    return registry;
  }

  /** With it, packages may be published. */
  public token = '';
  private process: ChildProcess | undefined;

  private constructor(public readonly url: string) {}

  /** The versions that there are, in the order in which they were published; none of an unknown package. */
  public async versions(name: string): Promise<PublishedVersion[]> {
    const response = await fetch(`${this.url}/${name}`);
    if (response.status === 404) return [];
    const { versions } = await response.json() as { versions: Record<string, PublishedVersion> };
    return Object.values(versions);
  }

  public async stop(): Promise<void> {
    const running = this.process;
    if (!running || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  }

  private async listen({ folder, verdaccio, own }: NpmRegistryOptions, port: number): Promise<void> {
    mkdirSync(folder, { recursive: true });
    const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
    const file = join(folder, 'verdaccio.json');
    const readable = { access: '$all', publish: '$authenticated' };
    writeFileSync(file, JSON.stringify({
      storage: join(folder, 'storage'),
      auth: { htpasswd: { file: join(folder, 'htpasswd') } },
      uplinks: { upstream: { url: upstream, timeout: '60s', maxage: '1h' } },
      packages: { ...Object.fromEntries(own.map((name) => [name, readable])), '**': { access: '$all', proxy: 'upstream' } },
      web: { enable: false },
      log: { type: 'stdout', format: 'json', level: 'warn' },
    }));
    const program = createRequire(join(verdaccio, 'package.json')).resolve('verdaccio/bin/verdaccio');
    this.process = spawn(process.execPath, [program, '--config', file, '--listen', `127.0.0.1:${port}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    await isUp(this.process);
  }

  private async signUp(): Promise<void> {
    const response = await fetch(`${this.url}/-/user/org.couchdb.user:publisher`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'publisher', password: 'a password of this test' }),
    });
    ({ token: this.token } = await response.json() as { token: string });
  }
}

/** As soon as it says so. */
function isUp(started: ChildProcess): Promise<void> {
  return new Promise((resolve, fail) => {
    let said = '';
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('http address')) resolve();
    };
    started.stdout!.on('data', read);
    started.stderr!.on('data', read);
    started.once('exit', () => fail(new Error(`the registry does not start:\n${said}`)));
  });
}
