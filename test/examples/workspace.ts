import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports';

/** An example, prepared in a folder of its own as a real git repository: what tests, the demo and the bench work on. */
export interface WorkspaceOptions {
  /** A folder of the caller's, who also removes it. The repository comes to lie in it. */
  readonly root: string;
  /**
   * The definition to synthesize: a file of the example, or an absolute path.
   *
   * @default '.projenrc.ts'
   */
  readonly projenrc?: string;
}

export interface ShopOptions extends WorkspaceOptions {
  /**
   * Ports of environments, where they matter.
   *
   * @default - free ones
   */
  readonly ports?: Record<string, { readonly port: number; readonly candidatePort: number }>;
}

/** What a release of the shop does. See examples/shop/service/behaviour.js. */
export type ReleaseKind =
  /** Nothing wrong. */
  | 'good'
  /** Healthy as a candidate, responds with 500 as soon as users reach it. */
  | 'bad'
  /** Healthy, but says that it is the good release before it: the old version still responds. */
  | 'stale'
  /** Responds with 500, always. */
  | 'error'
  /** Healthy as a candidate, responds with 500 to one of 20 requests of users. */
  | 'unreliable'
  | 'hang'
  | 'reset'
  /** Ends before it listens. */
  | 'crash'
  /** Takes 3 s to start. */
  | 'slow'
  /** Two good responses, one bad, for ever. */
  | 'flapping';

export interface ReleaseOptions {
  /** The tag to put on the commit. */
  readonly tag?: string;
  /** Only this environment meets the fault. */
  readonly environment?: string;
  /** Only requests through this port of the router meet it. */
  readonly port?: 'users' | 'candidate';
  /** The fault shows after so many good responses. */
  readonly afterRequests?: number;
  /** `slow` takes so long to start. */
  readonly delayMs?: number;
}

export interface ShopRelease {
  readonly kind: ReleaseKind;
  readonly sha: string;
  /** The tag, else the short sha. */
  readonly version: string;
}

/** The machine of one environment: its router's ports and its state. */
export interface ShopMachine {
  readonly home: string;
  readonly port: number;
  readonly candidatePort: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly candidateUrl: string;
  /** What the tasks read. */
  readonly variables: Record<string, string>;
}

/** The repository's root: where projen-delivery itself lies. */
export const CHECKOUT = resolve(__dirname, '../..');

const run = promisify(execFile);

/** A copy of `examples/<name>` as a git repository with one commit: what was synthesized from it. Needs `npx projen compile`. */
export async function prepareExample(name: string, options: WorkspaceOptions): Promise<Workspace> {
  const workspace = new Workspace(copyExample(name, options.root));
  await workspace.synthesize(options.projenrc);
  await workspace.initialize();
  return workspace;
}

/** The shop, with machines of its own. Nothing runs yet: `start` it. */
export async function prepareShop(options: ShopOptions): Promise<ShopWorkspace> {
  const repository = copyExample('shop', options.root);
  const machinesFile = join(repository, 'projenrc', 'machines.json');
  const names = Object.keys(JSON.parse(readFileSync(machinesFile, 'utf8')) as object);
  const machines: Record<string, ShopMachine> = {};
  for (const name of names) {
    const { port, candidatePort } = options.ports?.[name] ?? await freePorts();
    machines[name] = machine(join(options.root, 'machines', name), port, candidatePort);
  }
  const entries = Object.entries(machines).map(([name, { home, port, candidatePort }]) => [name, { home, port, candidatePort }]);
  writeFileSync(machinesFile, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  const shop = new ShopWorkspace(repository, machines);
  await shop.synthesize(options.projenrc);
  await shop.initialize();
  return shop;
}

export class Workspace {
  constructor(
    /** Absolute path of the git repository. */
    public readonly repository: string,
  ) {}

  /** Runs the definition in a process of its own, as `npx projen` would; what it printed. */
  public async synthesize(projenrc = '.projenrc.ts'): Promise<string> {
    const tsNode = join(CHECKOUT, 'node_modules', 'ts-node', 'dist', 'bin.js');
    // the project's own tsconfig is only just being made
    const compiler = { module: 'commonjs', moduleResolution: 'node', esModuleInterop: true, target: 'es2022' };
    const { NODE_ENV, JEST_WORKER_ID, ...environment } = process.env;
    const { stdout, stderr } = await run(process.execPath, [tsNode, '--transpileOnly', '--skipProject', '--compilerOptions', JSON.stringify(compiler), projenrc], {
      cwd: this.repository,
      env: { ...environment, PROJEN_DISABLE_POST: '1' },
      timeout: 600_000,
    });
    return stdout + stderr;
  }

  public async initialize(): Promise<void> {
    await this.git('init', '--quiet', '--initial-branch=main');
    for (const [key, value] of [['user.name', 'an engineer'], ['user.email', 'engineer@example.com'], ['commit.gpgSign', 'false'], ['tag.gpgSign', 'false']]) {
      await this.git('config', key, value);
    }
    await this.commit('chore: synthesized');
  }

  public async git(...argv: string[]): Promise<string> {
    // whatever git repository the caller lies in, or hook it runs in, is not this one
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
    const { stdout } = await run('git', argv, { cwd: this.repository, env: environment, timeout: 600_000 });
    return stdout.trim();
  }

  /** Commits everything; the full sha. */
  public async commit(message: string): Promise<string> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }
}

export class ShopWorkspace extends Workspace {
  private readonly releases: ShopRelease[] = [];

  constructor(repository: string, private readonly machines: Record<string, ShopMachine>) {
    super(repository);
  }

  public machine(environment: string): ShopMachine {
    const found = this.machines[environment];
    if (!found) throw new Error(`the shop has no environment ${environment}; it has ${Object.keys(this.machines).join(', ')}`);
    return found;
  }

  /** Commits the next release on the current branch, and tags it where a tag is given. */
  public async commitRelease(kind: ReleaseKind, options: ReleaseOptions = {}): Promise<ShopRelease> {
    const number = this.releases.length + 1;
    const { tag, ...narrowed } = options;
    const behaviour = { ...this.behaviour(kind), ...narrowed };
    writeFileSync(join(this.repository, 'service', 'behaviour.json'), `${JSON.stringify(behaviour, undefined, 2)}\n`);
    const sha = await this.commit(`feat: release ${number} (${kind})`);
    if (tag) await this.git('tag', tag);
    const release = { kind, sha, version: tag ?? sha.slice(0, 7) };
    this.releases.push(release);
    return release;
  }

  /** Runs one of the shop's tasks on an environment's machine; what it printed. Throws when the task fails. */
  public async task(name: string, environment: string, variables: Record<string, string> = {}): Promise<string> {
    const { PATH, HOME } = process.env;
    const { stdout, stderr } = await run(process.execPath, [join(this.repository, 'scripts', 'run-task.cjs'), name], {
      cwd: this.repository,
      env: { PATH, HOME, ...this.machine(environment).variables, DEPLOY_ENV: environment, ...variables },
      timeout: 600_000,
    });
    return stdout + stderr;
  }

  /** Starts the routers: users get 503 until something is live. */
  public async start(...environments: string[]): Promise<void> {
    for (const name of environments.length > 0 ? environments : Object.keys(this.machines)) await this.task('start', name);
  }

  /** Ends every process of every machine. */
  public async stop(): Promise<void> {
    await Promise.all(Object.keys(this.machines).map((name) => this.task('stop', name)));
  }

  private behaviour(kind: ReleaseKind) {
    if (kind === 'bad') return { behaviour: 'error', port: 'users' };
    if (kind === 'unreliable') return { behaviour: 'error', port: 'users', share: 0.05 };
    if (kind !== 'stale') return { behaviour: kind };
    const before = this.releases.filter((release) => release.kind === 'good').at(-1);
    if (!before) throw new Error('a stale release says that it is the good one before it: commit that one first');
    return { behaviour: kind, version: before.version, sha: before.sha };
  }
}

function copyExample(name: string, root: string): string {
  const repository = join(root, name);
  const generated = ['node_modules', '.projen', 'dist', '.git', '__pycache__', '.pytest_cache', '.venv'];
  cpSync(join(CHECKOUT, 'examples', name), repository, {
    recursive: true,
    filter: (source) => !generated.includes(source.split('/').at(-1) ?? ''),
  });
  const modules = join(repository, 'node_modules');
  mkdirSync(modules);
  for (const dependency of ['projen', 'constructs', '@types']) symlinkSync(join(CHECKOUT, 'node_modules', dependency), join(modules, dependency));
  symlinkSync(CHECKOUT, join(modules, 'projen-delivery'));
  return repository;
}

function machine(home: string, port: number, candidatePort: number): ShopMachine {
  return {
    home,
    port,
    candidatePort,
    url: `http://127.0.0.1:${port}`,
    candidateUrl: `http://127.0.0.1:${candidatePort}`,
    variables: { SHOP_HOME: home, SHOP_PORT: String(port), SHOP_CANDIDATE_PORT: String(candidatePort) },
  };
}
