import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CountingService } from './counting-service';
import { isFailed, LoadClient, UserResponse } from '../../bench/load-client';
import { Metric } from '../../src';
import { AnalyzedMetricManifest, WithoutVerdictManifest } from '../../src/contract/analysis-manifest';
import { TargetCommandManifest, WeightManifest } from '../../src/contract/manifest';
import { MetricManifest } from '../../src/contract/metric-manifest';
import { StrategyKind } from '../../src/contract/strategies';
import { canaryTimeBudget } from '../../src/strategies/canary';
import { freePort } from '../free-ports';
import { Program } from '../monitoring/exports/program';
import { until } from '../monitoring/exports/until';
import { World } from '../runtime/world';
import { temporaryFolder } from '../test-project';

export type Slot = 'blue' | 'green';

/** What clients ask for, in turn. */
const PATHS = ['/', '/products', '/cart', '/search', '/login', '/orders', '/help', '/news', '/account', '/checkout'];
/** Each round begins with another path: HAProxy gives a canary with 10 % each tenth request, which would be the same paths again and again. */
const ROUNDS = PATHS.flatMap((_, round) => [...PATHS.slice(round), ...PATHS.slice(0, round)]);

/** How a step of the canary is judged. */
export interface StageAnalysis {
  readonly weights: readonly WeightManifest[];
  readonly metrics: readonly AnalyzedMetricManifest[];
  readonly withoutVerdict: WithoutVerdictManifest;
}

const LIMIT_MS = 240_000;
/** A request that takes longer has failed, on a busy machine, too. */
const REQUEST_MS = 60_000;
/** So many requests at once at most. More than wait to be accepted would be refused, where nothing is wrong but the machine. */
const AT_ONCE = 50;
/** In the background of each program, and as fast as it can be scraped. */
const EVERY_MS = 1_000;

/**
 * The real HAProxy that splits the traffic of users by its weights, two versions of a service, the real Prometheus that scrapes both, and the bundled
 * runtime as a real process, whose `setWeight` (or `promote`) sets the weights of HAProxy.
 */
export class CanaryStage {
  public static async open(): Promise<CanaryStage> {
    const stage = new CanaryStage(temporaryFolder(), {
      blue: await CountingService.start('blue', await freePort()), green: await CountingService.start('green', await freePort()),
    }, await freePort(), await freePort());
    await stage.startHaproxy();
    await stage.startPrometheus();
    return stage;
  }

  private haproxy!: Program;
  private prometheus!: Program;

  private constructor(
    private readonly folder: string,
    public readonly slots: Readonly<Record<Slot, CountingService>>,
    /** The ports of HAProxy and of Prometheus. */
    private readonly front: number,
    private readonly scrapes: number,
  ) {}

  /** With v1 in blue, which has all users, and room for v2 in green. */
  public async world(strategy: StrategyKind = 'canary'): Promise<World> {
    this.slots.blue.behaviour = {};
    this.slots.green.behaviour = {};
    const world = await World.create(strategy);
    const { healthChecks, target } = world.manifest.environments[0]!;
    const line = (one: TargetCommandManifest | undefined = target.setWeight) => (one?.kind === 'bash' ? one.line : '');
    // the weights of both servers in one connection
    const send = `node -e "require('net').connect(process.argv[1]).on('close', () => process.exit()).resume().end(process.argv[2] + '\\n')" "${this.socket}"`;
    const weights = (percent: string) => `"set server shop/$DELIVERY_SLOT weight ${percent}; set server shop/$other weight $((100 - ${percent}))"`;
    const other = 'other=blue; if [ "$DELIVERY_SLOT" = blue ]; then other=green; fi';
    world.change({
      // what is slow is the machine
      healthChecks: healthChecks.map((one) => ({ ...one, timeoutMs: REQUEST_MS, deadlineMs: LIMIT_MS })),
      target: {
        ...target,
        ...(target.setWeight && { setWeight: { kind: 'bash', line: `${line()}; ${send} ${weights('$DELIVERY_WEIGHT')}` } }),
        // in place: the release that is deployed has all users
        ...(!target.setWeight && !target.promote && {
          deploy: { kind: 'bash', line: `${line(target.deploy)}; DELIVERY_SLOT=green; if [ "$DELIVERY_VERSION" = v1 ]; then DELIVERY_SLOT=blue; fi; ${other}; ${send} ${weights('100')}` },
        }),
        ...(target.promote && { promote: { kind: 'bash', line: `${line(target.promote)}; ${other}; ${send} ${weights('100')}` } }),
      },
    });
    await world.ship('v1');
    world.forgetCommands();
    return world;
  }

  public get byHaproxy(): MetricManifest {
    return { ...Metric.haproxy({ socket: this.socket, backend: 'shop' })._manifest, intervalMs: EVERY_MS };
  }

  public get byPrometheus(): MetricManifest {
    const requests = 'http_requests_total{job="shop",slot="{slot}"}';
    const { _manifest: manifest } = Metric.prometheus({
      url: this.prometheusUrl,
      canary: {
        requests, errors: 'http_requests_total{job="shop",slot="{slot}",code=~"5.."}', latencyBuckets: 'http_request_duration_seconds_bucket{job="shop",slot="{slot}"}',
      },
    });
    return { ...manifest, intervalMs: EVERY_MS };
  }

  /** What users see. */
  public get usersUrl(): string {
    return `http://127.0.0.1:${this.front}`;
  }

  /** A slot alone, whatever traffic it has. */
  public get candidateUrl(): string {
    return `${this.usersUrl}/{slot}`;
  }

  /** 100 requests a second, for one path after the other. */
  public users(perSecond = 100): Users {
    return new Users(ROUNDS.map((path) => `${this.usersUrl}${path}`), perSecond);
  }

  /** What HAProxy gives each slot, in per cent. */
  public async weights(): Promise<Readonly<Record<Slot, number>>> {
    const rows = (await this.ask('show stat')).split('\n').map((row) => row.split(','));
    const weightAt = rows[0]!.indexOf('weight');
    const of = (slot: Slot) => Number(rows.find(([backend, server]) => backend === 'shop' && server === slot)![weightAt]);
    return { blue: of('blue'), green: of('green') };
  }

  /** As an operator does who changed something else in its file: its counters and weights are those of the file again. */
  public async reloadHaproxy(): Promise<void> {
    const processOf = async () => /^Pid: (\d+)/m.exec(await this.ask('show info').catch(() => ''))?.[1];
    const before = await processOf();
    this.haproxy.signal('SIGUSR2');
    await until('HAProxy has been reloaded', LIMIT_MS, async () => {
      const now = await processOf();
      return now !== undefined && now !== before;
    });
  }

  public async killPrometheus(): Promise<void> {
    await this.prometheus.stop();
  }

  /** It responds to no one, and scrapes nothing, until it goes on. */
  public pausePrometheus(): void {
    this.prometheus.signal('SIGSTOP');
  }

  public resumePrometheus(): void {
    this.prometheus.signal('SIGCONT');
  }

  public async startPrometheus(): Promise<void> {
    writeFileSync(join(this.folder, 'prometheus.yml'), JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [this.slots.blue.address, this.slots.green.address] }] }],
    }));
    this.prometheus = await Program.start('prometheus', [
      `--config.file=${join(this.folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(this.folder, 'data')}`, `--web.listen-address=${new URL(this.prometheusUrl).host}`,
    ], `${this.prometheusUrl}/-/ready`);
  }

  public async close(): Promise<void> {
    this.prometheus?.signal('SIGCONT');
    await Promise.all([this.haproxy?.stop(), this.prometheus?.stop(), this.slots.blue.down(), this.slots.green.down()]);
  }

  private get socket(): string {
    return join(this.folder, 'socket');
  }

  private get prometheusUrl(): string {
    return `http://127.0.0.1:${this.scrapes}`;
  }

  private async startHaproxy(): Promise<void> {
    writeFileSync(join(this.folder, 'haproxy.cfg'), [
      'global', `  stats socket ${this.socket} mode 600 level admin expose-fd listeners`, '  hard-stop-after 5s',
      // longer than the client waits, and than it keeps a connection: one that HAProxy closes while a request comes fails that request
      'defaults', '  mode http', '  timeout connect 2m', '  timeout client 2m', '  timeout server 2m',
      'frontend users', `  bind 127.0.0.1:${this.front}`, '  default_backend shop',
      '  use_backend candidates if { path_beg /blue /green }',
      'backend candidates', '  use-server blue if { path_beg /blue }', '  use-server green if { path_beg /green }',
      `  server blue ${this.slots.blue.address}`, `  server green ${this.slots.green.address}`,
      'backend shop', `  server blue ${this.slots.blue.address} weight 100`, `  server green ${this.slots.green.address} weight 0`, '',
    ].join('\n'));
    this.haproxy = await Program.start('haproxy', ['-W', '-f', join(this.folder, 'haproxy.cfg'), '-db'], `http://127.0.0.1:${this.front}/`);
  }

  /** One command of HAProxy's runtime API. */
  private ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      connect(this.socket).on('data', (chunk) => { text += String(chunk); }).on('end', () => resolve(text)).on('error', reject).end(`${command}\n`);
    });
  }
}

/** Analyses the canary of a world. */
export function analyze(world: World, { metrics, weights, withoutVerdict }: StageAnalysis): void {
  const { strategy } = world.manifest.environments[0]!;
  world.change({ strategy: { ...strategy, weights, timeBudget: canaryTimeBudget(weights), analysis: { metrics, withoutVerdict } } });
}

/** What users got while something happened. */
export class Users {
  private readonly client: LoadClient;

  constructor(urls: readonly string[], perSecond: number) {
    this.client = new LoadClient({ urls, perSecond, timeoutMs: REQUEST_MS, atOnce: AT_ONCE });
  }

  public get requests(): number {
    return this.client.responses.length;
  }

  public get failed(): number {
    return this.client.responses.filter(isFailed).length;
  }

  /** Failed requests that got a response of one slot. */
  public failedBy(slot: Slot): number {
    return this.client.responses.filter((one) => isFailed(one) && one.version === slot).length;
  }

  /** Failed requests that got none of it: what became of each. */
  public failedElsewhere(slot: Slot): UserResponse[] {
    return this.client.responses.filter((one) => isFailed(one) && one.version !== slot);
  }

  /** Responses of one slot that took longer than this. */
  public slowerThan(ms: number, slot: Slot): number {
    return this.client.responses.filter(({ endedAt, startedAt, version }) => version === slot && endedAt - startedAt > ms).length;
  }

  /** Lets the requests under way end. */
  public stop(): Promise<void> {
    return this.client.stop();
  }
}
