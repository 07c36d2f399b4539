/**
 * A canary with the bundled runtime as a real process, the real HAProxy that splits the traffic by its weights, two versions of a service, a client
 * with 100 requests a second, and an analysis of HAProxy's own counters or of the real Prometheus. Not part of `npm test`: .ci/prometheus installs
 * the programs.
 */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { CountingService } from './counting-service';
import { Metric } from '../../src';
import { MetricManifest } from '../../src/contract/metric-manifest';
import { canaryTimeBudget } from '../../src/strategies/canary';
import { freePort } from '../free-ports';
import { Program } from '../monitoring/exports/program';
import { World } from '../runtime/world';
import { temporaryFolder } from '../test-project';

let folder: string;
let world: World;
let slots: Record<'blue' | 'green', CountingService>;
let front: number;
let haproxy: Program;
let prometheus: Program;
let prometheusUrl: string;
const rows: string[] = [];

const socket = () => join(folder, 'socket');

beforeAll(async () => {
  folder = temporaryFolder();
  slots = { blue: await CountingService.start('blue', await freePort()), green: await CountingService.start('green', await freePort()) };
  front = await freePort();
  writeFileSync(join(folder, 'haproxy.cfg'), [
    'global', `  stats socket ${socket()} mode 600 level admin`, 'defaults', '  mode http', '  timeout connect 2s', '  timeout client 10s', '  timeout server 10s',
    'frontend users', `  bind 127.0.0.1:${front}`, '  default_backend shop',
    'backend shop', `  server blue ${slots.blue.address} weight 100`, `  server green ${slots.green.address} weight 0`, '',
  ].join('\n'));
  haproxy = await Program.start('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db'], `http://127.0.0.1:${front}/`);
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [slots.blue.address, slots.green.address] }] }],
  }));
  prometheusUrl = `http://127.0.0.1:${await freePort()}`;
  prometheus = await Program.start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${new URL(prometheusUrl).host}`,
  ], `${prometheusUrl}/-/ready`);
});

afterAll(async () => {
  await Promise.all([haproxy?.stop(), prometheus?.stop(), slots?.blue.down(), slots?.green.down()]);
  process.stdout.write(`\n${['release    judged by    decided after  users\' requests  failed  end', ...rows].join('\n')}\n`);
});

beforeEach(async () => {
  world = await World.create('canary');
  const { target } = world.manifest.environments[0]!;
  const line = target.setWeight?.kind === 'bash' ? target.setWeight.line : '';
  // the weights of both servers in one connection
  const send = `node -e "require('net').connect(process.argv[1]).on('close', () => process.exit()).resume().end(process.argv[2] + '\\n')" "${socket()}"`;
  const weights = '"set server shop/$DELIVERY_SLOT weight $DELIVERY_WEIGHT; set server shop/$other weight $((100 - DELIVERY_WEIGHT))"';
  world.change({ target: { ...target, setWeight: { kind: 'bash', line: `${line}; ${send} ${weights}` } } });
  await world.ship('v1');
  world.forgetCommands();
});
afterEach(() => world.destroy());

/** 100 requests a second over connections that are kept, until it is stopped. */
class Client {
  public requests = 0;
  public failed = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 50 });
  private readonly timer = setInterval(() => this.send(), 10);

  public stop(): void {
    clearInterval(this.timer);
    this.agent.destroy();
  }

  private send(): void {
    const count = (isGood: boolean) => {
      this.requests += 1;
      if (!isGood) this.failed += 1;
    };
    request({ port: front, host: '127.0.0.1', agent: this.agent }, (response) => {
      response.resume();
      response.on('end', () => count(response.statusCode === 200));
    }).on('error', () => count(false)).end();
  }
}

const byHaproxy = () => Metric.haproxy({ socket: socket(), backend: 'shop' })._manifest;
const byPrometheus = () => Metric.prometheus({
  url: prometheusUrl,
  canary: { requests: 'http_requests_total{job="shop",slot="{slot}"}', errors: 'http_requests_total{job="shop",slot="{slot}",code=~"5.."}' },
})._manifest;

/** The steps are as short as a test allows: without errors there is no verdict, and the step ends after its longest time. */
function judgeBy(metric: MetricManifest, atMostMs: number): void {
  const weights = [{ percent: 10, atLeastMs: 1_000, atMostMs }, { percent: 50, atLeastMs: 1_000, atMostMs }];
  const errors = { alpha: 0.001, missRate: 0.05, tolerance: 0.1, detect: 2, blockMs: 1_000 };
  const { strategy } = world.manifest.environments[0]!;
  const analysis = { metrics: [{ metric: { ...metric, intervalMs: 1_000 }, errors }], withoutVerdict: 'promote' as const };
  world.change({ strategy: { ...strategy, weights, timeBudget: canaryTimeBudget(weights), analysis } });
}

async function release(version: string, errorRate: number, judge: string): Promise<{ code: number | null; output: string; client: Client }> {
  // v1 is in blue, and each release of a test goes to green
  slots.green.errorRate = errorRate;
  const client = new Client();
  const startedAt = Date.now();
  try {
    const { code, output } = await world.ship(version);
    const end = { 0: 'promoted', 1: 'taken back' }[code ?? -1] ?? `exit code ${code}`;
    rows.push(`${`${100 * errorRate} % errors`.padEnd(10)} ${judge.padEnd(12)} ${`${((Date.now() - startedAt) / 1000).toFixed(1)} s`.padStart(13)}  ${String(client.requests).padStart(15)}  ${String(client.failed).padStart(6)}  ${end}`);
    return { code, output, client };
  } finally {
    client.stop();
  }
}

test('a good release gets all traffic, and no request of a user fails', async () => {
  judgeBy(byHaproxy(), 5_000);
  const { client, code } = await release('v2', 0, 'HAProxy');
  expect([code, world.served, client.failed]).toEqual([0, 'v2', 0]);
  expect(client.requests).toBeGreaterThan(100);
});

test.each<[string, number, () => MetricManifest]>([
  ['HAProxy', 1, byHaproxy], ['HAProxy', 0.05, byHaproxy], ['Prometheus', 0.5, byPrometheus],
])('judged by %s, a release with an error rate of %s is taken back, and users get the stable one', async (judge, errorRate, metric) => {
  judgeBy(metric(), 240_000);
  const { client, code, output } = await release('v2', errorRate, judge);
  expect(output).toContain('errors: Canary is worse than Stable');
  expect([code, world.served, world.commands.slice(-2)]).toEqual([1, 'v1', ['weight 0 for v2 on green', 'weight 100 for v1 on blue']]);
  expect(client.failed).toBeGreaterThan(0);
  // most users never saw it: it had a tenth of the traffic, and half of it at most
  expect(client.failed).toBeLessThan(client.requests / 2);
});
