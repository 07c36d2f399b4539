/**
 * The exported files in the programs that they are for: Prometheus, its blackbox exporter and Alertmanager of Debian probe real services,
 * which go wrong by script, and a real receiver is notified. Not part of `npm test`: .ci/prometheus installs the programs.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, Server } from 'node:tls';
import { parse, stringify } from 'yaml';
import { AlertReceiver, ReceivedNotification } from './alert-receiver';
import { Program } from './program';
import { ScriptedService } from './scripted-service';
import { until } from './until';
import { Duration, HealthCheck, HealthCheckOptions, HttpHealthCheckOptions, MonitorExport, PrometheusCondition, ReleaseIdentity } from '../../../src';
import { DnsServer, ipv4 } from '../../dns-server';
import { freePort } from '../../free-ports';
import { respond, hang, json, reset, slow } from '../../misbehaving-server';
import { lookOnce } from '../../runtime/probing/probe-once';
import { deliver, environment, plainProject, warningsOf, temporaryFolder } from '../../test-project';

const EXPORTER = 'prometheus-blackbox-exporter';
/** Between two probes. A probe may take nearly as long, as it does on a busy machine. */
const INTERVAL_SECONDS = 5;
const TIMEOUT_SECONDS = 4;
/** What is slow takes longer, and what is not is far from it. */
const SLOW_SECONDS = 2;
/** Of an alert: three bad responses in a row; and of what may pass until the receiver gets it. */
const LIMIT_MS = 120_000;

/** A health check, and how its service breaks it. */
interface Fault {
  readonly options?: HttpHealthCheckOptions;
  /** Where it is no HTTP check. */
  readonly check?: (address: string, options: HealthCheckOptions) => HealthCheck;
  readonly isTls?: boolean;
  readonly happen: (service: ScriptedService) => void | Promise<void>;
}

/** What is wrong from the beginning. */
const LASTING = ['soon', 'group: wrong', 'short intermediate'];

const CERTIFICATES = join(__dirname, '../../fixtures/certificates');

const healthyHeaders = { 'content-type': 'text/plain', 'x-release': 'v2' };

const FAULTS: Record<string, Fault> = {
  'down': { happen: (service) => service.down() },
  'reset': { happen: (service) => service.behave(reset) },
  'half-open': { happen: (service) => service.behave(hang) },
  'status 500': { happen: (service) => service.behave(respond(500, 'ok', healthyHeaders)) },
  'slow': {
    options: { maxLatency: Duration.seconds(SLOW_SECONDS) },
    happen: (service) => service.behave(slow(1_500 * SLOW_SECONDS, respond(200, 'ok', healthyHeaders))),
  },
  'another body': { options: { bodyPattern: '^o\\w$' }, happen: (service) => service.behave(respond(200, 'odd', healthyHeaders)) },
  'no header': { options: { headers: [{ name: 'x-release', pattern: '^v\\d' }] }, happen: (service) => service.behave(respond(200, 'ok')) },
  'a redirect': { options: { maxRedirects: 0 }, happen: (service) => service.behave(respond(302, '', { location: '/elsewhere' })) },
  'expired certificate': { isTls: true, happen: (service) => service.present('expired') },
  'another response over TCP': {
    check: (address, options) => HealthCheck.tcp(address, { send: 'GET / HTTP/1.0\r\n\r\n', expect: '^HTTP/1\\.1\\s200\\s', ...options }),
    happen: (service) => service.behave(respond(500)),
  },
  'refused over TCP': { check: (address, options) => HealthCheck.tcp(address, options), happen: (service) => service.down() },
  'no valid certificate': { check: (address, options) => HealthCheck.certificate(address, options), isTls: true, happen: (service) => service.present('expired') },
  'a slow window': {
    check: (_, options) => HealthCheck.prometheus('http://127.0.0.1:9090', `avg_over_time(probe_duration_seconds{check="slow"}[${2 * INTERVAL_SECONDS}s]) # of the last two`,
      PrometheusCondition.below(SLOW_SECONDS), options),
    // the fault is that of another check
    happen: () => undefined,
  },
  'another\'s certificate': { isTls: true, happen: (service) => service.present('elsewhere') },
};

let services: Record<string, ScriptedService>;
let names: Record<string, DnsServer>;
let crossSigned: Server;
let receiver: AlertReceiver;
let exporter: Program;
let prometheus: Program;
let alertmanager: Program;
let prometheusUrl: string;
let outdir: string;
let warnings: string[];

beforeAll(async () => {
  receiver = await AlertReceiver.start();
  services = {
    stale: await ScriptedService.start({ healthy: json({ version: 'v1.0.0' }) }),
    lossy: await ScriptedService.start(),
    soon: await ScriptedService.start({ isTls: true }),
  };
  for (const [name, { isTls }] of Object.entries(FAULTS)) {
    services[name] = await ScriptedService.start({ isTls, healthy: respond(200, 'ok', healthyHeaders) });
  }
  crossSigned = await showCrossSign();
  const exporterPort = await freePort();
  names = { right: await DnsServer.start({ type: 'A', records: [ipv4('192.0.2.2'), ipv4('192.0.2.1')] }), wrong: await DnsServer.start('nxdomain') };
  synthesizeFor(exporterPort);
  await startPrograms(exporterPort);
  await until('every check was probed', LIMIT_MS, async () => (await query('count(probe_success)')) === Object.keys(services).length - 1 + Object.keys(names).length + 2);
});

afterAll(async () => {
  for (const program of [prometheus, exporter, alertmanager]) await program?.stop();
  for (const service of Object.values(services ?? {})) await service.down();
  for (const server of Object.values(names ?? {})) await server.stop();
  crossSigned?.close();
  await receiver?.stop();
});

it('are accepted by the programs\' own checkers', () => {
  run(EXPORTER, '--config.check', `--config.file=${exported('blackbox')}`);
  run('promtool', 'check', 'rules', exported('prometheus-rules'));
  run('promtool', 'check', 'config', exported('prometheus-scrape'));
  run('promtool', 'check', 'config', join(outdir, 'prometheus.yml'));
  run('amtool', 'check-config', join(outdir, 'alertmanager.yml'));
});

it('warn at synthesis of what this exporter does not support', () => {
  expect(warnings.filter((text) => text.includes('the blackbox exporter'))).toEqual([expect.stringContaining(
    'the health check \'stale\' of \'production\': release version (the exporter does not know which release is live: the old one passes for the new one)',
  )]);
});

it('fire once for each fault and resolve once, and for nothing else', async () => {
  // an alert needs as many
  await sleep(3000 * INTERVAL_SECONDS);
  expect(receiver.notifications.filter(({ labels }) => !LASTING.includes(labels.check))).toEqual([]);

  const broken = Date.now();
  services.lossy.behaveOnce(reset);
  await Promise.all(Object.entries(FAULTS).map(([name, { happen }]) => happen(services[name])));
  await until('every fault is notified', LIMIT_MS, () => Object.keys(FAULTS).every((name) => receiver.of(name).length > 0));
  await sleep(1000 * INTERVAL_SECONDS);
  const fixedAt = Date.now();
  await Promise.all(Object.keys(FAULTS).map((name) => services[name].up()));
  await until('every fault is resolved', LIMIT_MS, () => Object.keys(FAULTS).every((name) => receiver.of(name).length > 1));
  // time for a doubled one, and for a fault that comes back
  await sleep(2000 * INTERVAL_SECONDS);

  for (const name of Object.keys(FAULTS)) expect([name, statesOf(name)]).toEqual([name, ['firing', 'resolved']]);
  for (const name of ['lossy', 'group: right', 'cross-signed']) expect([name, statesOf(name)]).toEqual([name, []]);
  print(Object.keys(FAULTS).map((name) => [name, receiver.of(name)[0].at - broken, receiver.of(name)[1].at - fixedAt]));
  expect(receiver.of('down')[0]).toMatchObject({
    labels: { alertname: 'HealthCheckFailing', project: 'plain', environment: 'production', check: 'down', severity: 'page' },
    annotations: { summary: 'down of plain on production is not healthy', description: expect.stringContaining('Users are at https://www.example.com') },
  });
});

it('fire for what was never right, and do not stop', () => {
  for (const name of LASTING) expect([name, statesOf(name)]).toEqual([name, ['firing']]);
});

it('HealthCheck.prometheus sends the same query to this Prometheus', async () => {
  const timeout = Duration.minutes(1);
  const look = (text: string, condition: PrometheusCondition) => (
    lookOnce(HealthCheck.prometheus(prometheusUrl, text, condition, { timeout })._manifest)
  );
  expect(await look('avg_over_time(probe_success{check="stale"}[20s])', PrometheusCondition.atLeast(1))).toMatchObject({ outcome: 'healthy' });
  expect(await look('probe_success{check=~"stale|group: wrong"}', PrometheusCondition.above(0))).toMatchObject({ outcome: 'unhealthy' });
  expect(await look('probe_success{check="missing"}', PrometheusCondition.above(0))).toMatchObject({ outcome: 'blind' });
  expect(await look('probe_success{check="stale"} * NaN', PrometheusCondition.above(0))).toMatchObject({ outcome: 'blind' });
  expect(await look('scalar(probe_success{check="stale"})', PrometheusCondition.above(0))).toMatchObject({ outcome: 'healthy' });
  expect(await look('probe_success{check="stale"} or vector(NaN)', PrometheusCondition.above(0))).toMatchObject({ outcome: 'healthy' });
  expect(await look('of_a_later_release(probe_success)', PrometheusCondition.above(0))).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('unknown function') });
});

it('do not see that the old release responds, as documented', () => {
  expect(statesOf('stale')).toEqual([]);
});

it('alert if the exporter is gone', async () => {
  await exporter.stop();
  const blind = () => receiver.notifications.filter(({ labels }) => labels.alertname === 'HealthCheckBlind');
  await until('the exporter is missed', LIMIT_MS, () => blind().length > 0);
  expect(blind()).toEqual([expect.objectContaining({ status: 'firing', labels: expect.objectContaining({ project: 'plain' }), annotations: expect.objectContaining({ summary: 'The health checks of plain do not run' }) })]);
  expect(Object.keys(FAULTS).flatMap(statesOf)).toHaveLength(2 * Object.keys(FAULTS).length);
});

function synthesizeFor(exporterPort: number): void {
  const timeout = Duration.seconds(TIMEOUT_SECONDS);
  const other = (name: string, url: string) => FAULTS[name]?.check?.(new URL(url).host, { name, timeout });
  const checks = Object.entries(services).map(([name, { url }]) => other(name, url) ?? HealthCheck.http(url, {
    name,
    timeout,
    ...FAULTS[name]?.options,
    ...(name === 'stale' ? { release: ReleaseIdentity.json('version') } : {}),
    ...(name === 'soon' ? { certificateExpiry: Duration.days(1_000_000) } : {}),
  }));
  const dns = (name: string) => HealthCheck.dns('www.example.com', { name, timeout, records: ['192.0.2.1'], resolver: names[name].address });
  checks.push(HealthCheck.allOf([dns('right'), dns('wrong')], { name: 'group' }));
  const { port } = crossSigned.address() as AddressInfo;
  checks.push(HealthCheck.certificate(`localhost:${port}`, { name: 'cross-signed', timeout }));
  checks.push(HealthCheck.certificate(`localhost:${port}`, { name: 'short intermediate', timeout, validFor: Duration.days(950 * 365) }));
  outdir = temporaryFolder();
  const project = plainProject({}, outdir);
  deliver(project, {
    monitoring: {
      exports: [MonitorExport.blackbox({
        exporterVersion: '0.23', interval: Duration.seconds(INTERVAL_SECONDS), exporter: `127.0.0.1:${exporterPort}`, labels: { severity: 'page' },
      })],
    },
    environments: [environment('production', { url: 'https://www.example.com', healthChecks: checks })],
  });
  warnings = warningsOf(project);
}

async function startPrograms(exporterPort: number): Promise<void> {
  const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
  prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  write('alertmanager.yml', {
    route: { receiver: 'test', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '4h' },
    receivers: [{ name: 'test', webhook_configs: [{ url: receiver.url, send_resolved: true }] }],
  });
  write('prometheus.yml', {
    // this Prometheus has no scrape_config_files yet
    ...parse(readExported('prometheus-scrape')) as object,
    rule_files: [exported('prometheus-rules')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
  });
  writeFileSync(join(outdir, 'authorities.pem'), pem('authority.pem') + pem('chain/root.pem'));
  exporter = await Program.start(EXPORTER, [`--config.file=${exported('blackbox')}`, `--web.listen-address=127.0.0.1:${exporterPort}`],
    `http://127.0.0.1:${exporterPort}/-/healthy`, { SSL_CERT_FILE: join(outdir, 'authorities.pem') });
  alertmanager = await Program.start('prometheus-alertmanager', [
    `--config.file=${join(outdir, 'alertmanager.yml')}`, `--storage.path=${join(outdir, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${alertmanagerPort}`, '--cluster.listen-address=',
  ], `http://127.0.0.1:${alertmanagerPort}/-/ready`);
  prometheus = await Program.start('prometheus', [
    `--config.file=${join(outdir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(outdir, 'prometheus')}`, `--web.listen-address=127.0.0.1:${prometheusPort}`,
  ], `${prometheusUrl}/-/ready`);
}

/** Its authority is trusted, and signed by another one, too: that has expired long ago. */
async function showCrossSign(): Promise<Server> {
  const server = createServer({ cert: ['server', 'intermediate', 'cross-expired'].map((name) => pem(`chain/${name}.pem`)).join(''), key: pem('chain/server.key') });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function pem(name: string): string {
  return readFileSync(join(CERTIFICATES, name), 'utf8');
}

async function query(expression: string): Promise<number | undefined> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = await response.json() as { data: { result: { value: [number, string] }[] } };
  return data.result.length === 0 ? undefined : Number(data.result[0].value[1]);
}

function statesOf(check: string): string[] {
  return receiver.of(check).map(({ status }: ReceivedNotification) => status);
}

function exported(name: string): string {
  return join(outdir, `monitoring/${name}.yml`);
}

function readExported(name: string): string {
  return readFileSync(exported(name), 'utf8');
}

function write(name: string, document: unknown): void {
  writeFileSync(join(outdir, name), stringify(document));
}

/** Throws, with what it printed, if it finds a fault. */
function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}

function print(rows: [string, number, number][]): void {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`.padStart(8);
  process.stdout.write(['| fault | to alert | to resolve |', '|---|---|---|', ...rows.map(([name, alert, resolve]) => `| ${name} | ${seconds(alert)} | ${seconds(resolve)} |`), ''].join('\n'));
}
