/**
 * The exported configuration in the real Gatus: real services go wrong by script, and a real receiver is notified. Not part of `npm test`:
 * .ci/other-engines compiles Gatus and says where it is in $GATUS.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { AlertReceiver } from './alert-receiver';
import { Program } from './program';
import { ScriptedService } from './scripted-service';
import { until } from './until';
import { Duration, HealthCheck, HttpHealthCheckOptions, MonitorExport, ReleaseIdentity } from '../../../src';
import { freePort } from '../../free-ports';
import { respond, Behaviour, hang, json, reset, slow } from '../../misbehaving-server';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

/** Between two probes. A probe may take nearly as long, as it does on a busy machine. */
const INTERVAL_SECONDS = 5;
const TIMEOUT_SECONDS = 4;
/** What is slow takes longer, and what is not is far from it. */
const SLOW_SECONDS = 2;
const LIMIT_MS = 120_000;
/** The test's certificates are valid for longer; to Go they are for just this long. */
const AS_LONG_AS_GO_KNOWS = Duration.seconds(9_223_372_036.854);
/** What a secret may hold that YAML would take for its own. */
const TOKEN = ' Bearer s3c"ret\\ it\'s: # {a} [b $HOME ${HOME} $$ %';
const BODY = { version: 'v1.0.0', checks: { database: 'ok', nodes: [{ state: 'up' }] }, builds: 1_500_000, ready: true };

interface Fault {
  readonly options?: HttpHealthCheckOptions;
  readonly isTls?: boolean;
  readonly healthy?: Behaviour;
  readonly happen: (service: ScriptedService) => void | Promise<void>;
}

const responds = (behaviour: Behaviour) => (service: ScriptedService) => service.behave(behaviour);
const onBody = (change: object): ((service: ScriptedService) => void) => responds(json({ ...BODY, ...change }));

const FAULTS: Record<string, Fault> = {
  'down': { happen: (service) => service.down() },
  'reset': { happen: responds(reset) },
  'half-open': { happen: responds(hang) },
  'status 500': { happen: responds(json(BODY, 500)) },
  'a status among several': { options: { status: [200, 204, 301] }, happen: responds(json(BODY, 201)) },
  'slow': { options: { maxLatency: Duration.seconds(SLOW_SECONDS) }, happen: responds(slow(1_500 * SLOW_SECONDS, json(BODY))) },
  'another text': { options: { bodyPattern: '^Welcome, .*\\$5 for \\[you\\]' }, healthy: respond(200, 'Welcome, friend: $5 for [you]!'), happen: responds(respond(200, 'Welcome, friend: 5')) },
  'another value': { options: { json: [{ path: 'checks.database', value: 'ok' }] }, happen: onBody({ checks: { database: 'down' } }) },
  'another value in a list': { options: { json: [{ path: 'checks.nodes.0.state', value: 'up' }] }, happen: onBody({ checks: { nodes: [{ state: 'down' }] } }) },
  'another large number': { options: { json: [{ path: 'builds', value: 1_500_000 }] }, happen: onBody({ builds: 1_500_001 }) },
  'another boolean': { options: { json: [{ path: 'ready', value: true }] }, happen: onBody({ ready: false }) },
  'no JSON': { options: { json: [{ path: 'ready', value: true }] }, happen: responds(respond(200, 'ready: true')) },
  'no release said': { options: { release: ReleaseIdentity.json('version') }, happen: onBody({ version: undefined }) },
  'a redirect': { options: { maxRedirects: 0 }, happen: responds(respond(302, '', { location: '/elsewhere' })) },
  'expired certificate': { isTls: true, happen: (service) => service.present('expired') },
  'another\'s certificate': { isTls: true, happen: (service) => service.present('elsewhere') },
};

const services: Record<string, ScriptedService> = {};
let receiver: AlertReceiver;
let gatus: Program;
let gatusUrl: string;

beforeAll(async () => {
  receiver = await AlertReceiver.start();
  for (const [name, { isTls, healthy }] of Object.entries(FAULTS)) {
    services[name] = await ScriptedService.start({ isTls, healthy: healthy ?? json(BODY) });
  }
  services.stale = await ScriptedService.start({ healthy: json(BODY) });
  services.lossy = await ScriptedService.start({ healthy: json(BODY) });
  services.soon = await ScriptedService.start({ isTls: true });
  gatusUrl = `http://127.0.0.1:${await freePort()}`;
  const folder = configure();
  gatus = await Program.start(process.env.GATUS ?? 'gatus', [], `${gatusUrl}/health`, {
    GATUS_CONFIG_PATH: folder, HEALTH_TOKEN: `${TOKEN}\n`, OTHER_TOKEN: '"', SSL_CERT_FILE: join(__dirname, '../../fixtures/certificates/authority.pem'),
  });
});

afterAll(async () => {
  await gatus?.stop();
  for (const service of Object.values(services)) await service.down();
  await receiver?.stop();
});

it('fires once for each fault and resolves once, and for nothing else', async () => {
  // an alert needs three bad ones
  await sleep(4000 * INTERVAL_SECONDS);
  expect(receiver.notifications.filter(({ labels }) => labels.check !== 'soon')).toEqual([]);

  const broken = Date.now();
  services.lossy.behaveOnce(reset);
  await Promise.all(Object.entries(FAULTS).map(([name, { happen }]) => happen(services[name])));
  await until('every fault is notified', LIMIT_MS, () => Object.keys(FAULTS).every((name) => receiver.of(name).length > 0));
  const fixedAt = Date.now();
  await Promise.all(Object.keys(FAULTS).map((name) => services[name].up()));
  await until('every fault is resolved', LIMIT_MS, () => Object.keys(FAULTS).every((name) => receiver.of(name).length > 1));
  await sleep(2000 * INTERVAL_SECONDS);

  for (const name of Object.keys(FAULTS)) expect([name, statesOf(name)]).toEqual([name, ['firing', 'resolved']]);
  for (const name of ['stale', 'lossy']) expect([name, statesOf(name)]).toEqual([name, []]);
  expect(statesOf('soon')).toEqual(['firing']);
  print(Object.keys(FAULTS).map((name) => [name, receiver.of(name)[0].at - broken, receiver.of(name)[1].at - fixedAt]));
  expect(receiver.of('down')[0]).toMatchObject({
    labels: { environment: 'plain production' },
    annotations: { description: 'plain production: down is not healthy. Users are at https://www.example.com' },
  });
});

it('sends what each probe must send, secrets from its own environment', () => {
  expect(services.stale.headers).toMatchObject({ 'authorization': TOKEN.trim(), 'x-other': '"', 'x-price': '$5 ${HOME}' });
});

/** The exported file, and the user's own part beside it. */
function configure(): string {
  const outdir = temporaryFolder();
  const project = plainProject({}, outdir);
  const checks = Object.entries(services).map(([name, { url }]) => HealthCheck.http(url, {
    name,
    timeout: Duration.seconds(TIMEOUT_SECONDS),
    ...FAULTS[name]?.options,
    ...(name === 'soon' ? { certificateExpiry: AS_LONG_AS_GO_KNOWS } : {}),
    ...(name === 'stale' ? {
      release: ReleaseIdentity.json('version'), secretRequestHeaders: { 'authorization': 'HEALTH_TOKEN', 'x-other': 'OTHER_TOKEN' }, requestHeaders: { 'x-price': '$5 ${HOME}' },
    } : {}),
  }));
  deliver(project, {
    monitoring: { exports: [MonitorExport.gatus({ interval: Duration.seconds(INTERVAL_SECONDS), alerts: ['custom'] })] },
    environments: [environment('production', { url: 'https://www.example.com', healthChecks: checks, monitorEnvironment: 'production-monitor' })],
  });
  synthesize(project);
  writeFileSync(join(outdir, 'monitoring/own.yml'), stringify({
    web: { address: '127.0.0.1', port: Number(new URL(gatusUrl).port) },
    concurrency: 0,
    alerting: {
      custom: {
        url: receiver.url,
        method: 'POST',
        body: JSON.stringify({
          alerts: [{
            status: '[ALERT_TRIGGERED_OR_RESOLVED]',
            labels: { check: '[ENDPOINT_NAME]', environment: '[ENDPOINT_GROUP]' },
            annotations: { description: '[ALERT_DESCRIPTION]' },
          }],
        }),
        placeholders: { ALERT_TRIGGERED_OR_RESOLVED: { TRIGGERED: 'firing', RESOLVED: 'resolved' } },
      },
    },
  }));
  return join(outdir, 'monitoring');
}

function statesOf(check: string): string[] {
  return receiver.of(check).map(({ status }) => status);
}

function print(rows: [string, number, number][]): void {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`.padStart(8);
  process.stdout.write(['| fault | to alert | to resolve |', '|---|---|---|', ...rows.map(([name, alert, resolve]) => `| ${name} | ${seconds(alert)} | ${seconds(resolve)} |`), ''].join('\n'));
}
