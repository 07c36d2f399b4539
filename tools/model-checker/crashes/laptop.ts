import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { End, Point } from './crash-world';
import { Kind, prepareRepository } from './pipeline';
import { Behaviour, Service } from './service';

export interface Delivered {
  readonly code: number | null;
  readonly output: string;
  readonly points: Point[];
  /** How often it wrote to the ledger's files. */
  readonly writes: number;
  /** How many of these writes the file system rejected. */
  readonly rejections: number;
}

/** From which write on the ledger's file system rejects writes, and how long: for one write, until room is made, or as long as the process lives. */
export interface Rejection {
  readonly from: number;
  readonly how: 'once' | 'full' | 'readOnly';
}

/** A laptop from which a person delivers: the ledger is a file, and only the next command recovers an interrupted deployment. */
export class Laptop {
  public static async create(root: string, kind: Kind): Promise<Laptop> {
    mkdirSync(root);
    return new Laptop(root, await Service.start(join(root, 'machine')), kind);
  }

  private constructor(private readonly root: string, public readonly service: Service, kind: Kind) {
    prepareRepository({ folder: this.repository, url: service.url }, kind);
  }

  public save(): void {
    this.service.save(this.file('saved machine'));
    copyFileSync(this.ledger, this.file('saved ledger'));
  }

  public restore(): void {
    this.service.restore(this.file('saved machine'));
    rmSync(this.ledgerFolder, { recursive: true, force: true });
    mkdirSync(this.ledgerFolder);
    copyFileSync(this.file('saved ledger'), this.ledger);
  }

  /** Deploys a release. The process ends at the given points. */
  public deploy(version: string, behaviour: Behaviour, ...ends: End[]): Promise<Delivered> {
    this.service.behaviours[version] = behaviour;
    return this.deliver(['deploy', 'production', '--release', version], ends);
  }

  /** Deploys a release while the ledger's file system rejects writes. */
  public async deployRejected(version: string, behaviour: Behaviour, rejection: Rejection): Promise<Delivered> {
    this.service.behaviours[version] = behaviour;
    return this.deliver(['deploy', 'production', '--release', version], [], rejection);
  }

  public async deliver(args: readonly string[], ends: readonly End[] = [], rejection?: Rejection): Promise<Delivered> {
    for (const file of ['points', 'points.writes', 'points.rejections']) rmSync(this.file(file), { force: true });
    const tag = args[args.indexOf('--release') + 1];
    // all releases have the same files
    if (args[0] === 'deploy') copyFileSync(join(this.repository, '.git/refs/tags', tag), join(this.repository, '.git/HEAD'));
    writeFileSync(this.file('plan.json'), JSON.stringify({ ends, rejection, log: this.file('points'), machine: this.service.machine, ledger: this.ledger }));
    const child = spawn(process.execPath, ['--require', join(__dirname, 'seam.cjs'), join(this.repository, '.projen/delivery.cjs'), ...args], {
      cwd: this.repository,
      env: { PATH: process.env.PATH, HOME: this.root, USER: 'engineer', DELIVERY_LEDGER: this.ledger, SHOP: this.service.machine, CRASH_PLAN: this.file('plan.json') },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    const [code] = await once(child, 'close') as [number | null];
    const points = this.lines('points').map((line) => JSON.parse(line) as Point);
    return { code, output, points, writes: this.lines('points.writes').length, rejections: this.lines('points.rejections').length };
  }

  /** Returns what `delivery status` shows: Stable, and the state of the last deployment. */
  public async status(): Promise<{ stable?: string; state?: string }> {
    const { output } = await this.deliver(['status', 'production', '--json']);
    const [{ stable, last }] = JSON.parse(output) as [{ stable?: { version: string }; last?: { state: string } }];
    return { stable: stable?.version, state: last?.state };
  }

  public stop(): Promise<void> {
    return this.service.stop();
  }

  private get repository(): string {
    return this.file('repository');
  }

  private get ledgerFolder(): string {
    return this.file('ledger');
  }

  private get ledger(): string {
    return join(this.ledgerFolder, 'ledger.json');
  }

  private lines(name: string): string[] {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8').trim().split('\n') : [];
  }

  private file(name: string): string {
    return join(this.root, name);
  }
}
