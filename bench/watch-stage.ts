import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { HealthCheckManifest, RUNTIME_FILE } from '../src/contract/manifest';
import { Behaviour } from '../test/misbehaving-server';
import { Receiver } from '../test/runtime/notifications/receiver';
import { V1, WatchWorld } from '../tools/model-checker/overlaps/watch-world';

/** One run of the watch, as a process of its own. */
export interface WatchRun {
  readonly code: number | null;
  readonly output: string;
  /** From its start to its end. */
  readonly ms: number;
  readonly maxRssMb: number;
  /** The notifications in it, and how long after its start. */
  readonly notified: readonly { readonly event: string; readonly afterMs: number }[];
}

/** The time and place of a letter. */
interface Arrival {
  readonly event: string;
  readonly at: number;
}

/** Written by the process itself when it ends: what the kernel says of a child counts its parent's memory, too. */
const MEMORY = `
const { readFileSync, writeFileSync } = require('node:fs');
function peakKb() {
  try {
    return Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
process.on('exit', () => writeFileSync(process.env.BENCH_MEMORY, String(peakKb())));
`;

/** The runtime as it is committed, a stand-in for GitHub, and a receiver of notifications: the real clock, and a process for each run. */
export class WatchStage {
  /** Each of these checks gets an environment, on which version 1 is Stable. */
  public static async open(checksOf: (world: WatchWorld) => readonly HealthCheckManifest[]): Promise<WatchStage> {
    const world = await WatchWorld.create();
    const receiver = await Receiver.start();
    const stage = new WatchStage(world, receiver);
    await stage.prepare(checksOf(world));
    return stage;
  }

  private readonly root = mkdtempSync(join(tmpdir(), 'bench-watch-'));
  private readonly arrivals: Arrival[] = [];

  private constructor(private readonly world: WatchWorld, private readonly receiver: Receiver) {}

  public async run(): Promise<WatchRun> {
    const { arrivals, root, world } = this;
    const id = world.begin();
    const before = arrivals.length;
    const startedAt = performance.now();
    const child = spawn(process.execPath, ['--require', join(root, 'memory.cjs'), RUNTIME_FILE, 'watch'], { cwd: root, env: this.env(id) });
    let output = '';
    child.stdout.on('data', (chunk) => { output += String(chunk); });
    child.stderr.on('data', (chunk) => { output += String(chunk); });
    const code = await new Promise<number | null>((done) => child.on('close', done));
    const ms = performance.now() - startedAt;
    world.github.setRun(id, { status: 'completed', conclusion: code === 0 ? 'success' : 'failure' });
    if (code !== 0 && code !== 1) throw new Error(`the watch ended with ${String(code)}: ${output.slice(-1000)}`);
    return {
      code,
      output,
      ms,
      maxRssMb: Number(readFileSync(join(root, 'memory'), 'utf8')) / 1024,
      notified: arrivals.slice(before).map(({ event, at }) => ({ event, afterMs: at - startedAt })),
    };
  }

  /** Every request to GitHub takes so much longer. */
  public delayGithub(ms: number): void {
    this.world.github.fail({ times: Infinity, misbehaviour: { kind: 'delay', ms } });
  }

  /** Of the service that is there from the beginning. */
  public behave(behaviour: Behaviour): void {
    this.world.service.behave(behaviour);
  }

  public async close(): Promise<void> {
    await this.receiver.stop();
    await this.world.destroy();
    rmSync(this.root, { recursive: true, force: true });
  }

  private async prepare(checks: readonly HealthCheckManifest[]): Promise<void> {
    const { receiver, root, world } = this;
    const environments = checks.map((check, i) => ({ ...world.environment(`env-${i}`), healthChecks: [check] }));
    const names = environments.map(({ name }) => name);
    world.manifest = { ...world.manifest, environments, monitoring: { ...world.manifest.monitoring!, environments: names } };
    for (const name of names) await world.deployed(V1, undefined, { environment: name });
    mkdirSync(join(root, '.projen'));
    const runtime = join(root, RUNTIME_FILE);
    copyFileSync(resolve(__dirname, '../assets/delivery.cjs'), runtime);
    const sha256 = createHash('sha256').update(readFileSync(runtime)).digest('hex');
    const alerts = [{ kind: 'webhook', name: 'webhook', address: 'ALERT_WEBHOOK', on: ['firing', 'resolved'], secrets: ['ALERT_WEBHOOK'] }];
    writeFileSync(join(root, '.projen/delivery.json'), JSON.stringify({ ...world.manifest, alerts, runtime: { version: '0', sha256 } }));
    writeFileSync(join(root, 'memory.cjs'), MEMORY);
    receiver.behave((_, response) => {
      this.arrivals.push({ event: String(receiver.bodies.at(-1)?.event), at: performance.now() });
      response.end();
    });
  }

  private env(runId: number): NodeJS.ProcessEnv {
    const { receiver, root, world } = this;
    return {
      PATH: process.env.PATH,
      ...world.context(runId, world.manifest.environments[0].name).processEnv,
      ALERT_WEBHOOK: receiver.address,
      BENCH_MEMORY: join(root, 'memory'),
      GITHUB_REF_NAME: 'main',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_RUN_ID: String(runId),
      GITHUB_SHA: 'c'.repeat(40),
      NODE_EXTRA_CA_CERTS: resolve(__dirname, '../test/fixtures/certificates/authority.pem'),
    };
  }
}
