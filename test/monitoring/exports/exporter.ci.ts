/**
 * The exported modules in a blackbox exporter that knows JSON and secret headers. Not part of `npm test`: .ci/other-engines compiles it
 * and says where it is in $BLACKBOX_EXPORTER.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Program } from './program';
import { ScriptedService } from './scripted-service';
import { HealthCheck, HttpHealthCheckOptions, MonitorExport, ReleaseIdentity } from '../../../src';
import { freePort } from '../../free-ports';
import { respond, Behaviour, json } from '../../misbehaving-server';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

const EXPORTER = process.env.BLACKBOX_EXPORTER ?? 'blackbox_exporter';
const BODY = { 'version': '7f3a91c', 'checks': { 'data-base': 'ok', 'nodes': [{ state: 'up' }] }, 'builds': 1_500_000, 'ready': true, 'in': 'use', 'price "$5"': 'é' };

/** A check, what is healthy to it, and what is not. */
const CASES: Record<string, { readonly options: HttpHealthCheckOptions; readonly healthy?: Behaviour[]; readonly not: Behaviour[] }> = {
  'a value': { options: { json: [{ path: 'checks.data-base', value: 'ok' }] }, not: [json({ ...BODY, checks: {} }), json({}), json([]), respond(200, 'ok'), json(BODY, 500)] },
  'a value in a list': { options: { json: [{ path: 'checks.nodes[0].state', value: 'up' }] }, not: [json({ checks: { nodes: [] } }), json({ checks: { nodes: [{ state: 'down' }] } })] },
  'a number': { options: { json: [{ path: 'builds', value: 1_500_000 }] }, not: [json({ builds: '1500000' }), json({ builds: 1_500_001 })] },
  'a boolean': { options: { json: [{ path: 'ready', value: true }] }, not: [json({ ready: 'true' }), json({ ready: false }), json({ ready: 1 })] },
  'words that CEL keeps, and text to escape': { options: { json: [{ path: 'in', value: 'use' }, { path: 'price "$5"', value: 'é' }] }, not: [json({ ...BODY, in: 'no' }), json({ in: 'use' })] },
  'a release': { options: { release: ReleaseIdentity.json('version') }, healthy: [json({ version: 7 })], not: [json({ version: '' }), json({ version: null }), json({})] },
  'a pattern of JavaScript': {
    options: { bodyPattern: '^u{2}\\n.\\/[\\s\\S]\\s$' }, healthy: [respond(200, 'uu\n1/\n\u00a0')], not: [respond(200, 'uu\n\r/\n\u00a0'), respond(200, 'uu\n1/\n\u00a0\n')],
  },
};

let exporter: Program;
let exporterUrl: string;
let outdir: string;
const services: Record<string, ScriptedService> = {};

beforeAll(async () => {
  for (const [name, { healthy }] of Object.entries(CASES)) services[name] = await ScriptedService.start({ healthy: healthy?.[0] ?? json(BODY) });
  services.secret = await ScriptedService.start();
  outdir = temporaryFolder();
  mkdirSync(join(outdir, 'secrets'));
  writeFileSync(join(outdir, 'secrets/API_KEY'), 's3cret\n');
  writeFileSync(join(outdir, 'secrets/TOKEN'), 't0ken\n');
  const project = plainProject({}, outdir);
  deliver(project, {
    monitoring: { exports: [MonitorExport.blackbox({ secretsDirectory: join(outdir, 'secrets') })] },
    environments: [environment('production', {
      monitorEnvironment: 'production-monitor',
      healthChecks: Object.entries(services).map(([name, { url }]) => (
        HealthCheck.http(url, {
          name,
          ...CASES[name]?.options,
          ...(name === 'secret' ? {
            secretRequestHeaders: { 'X-Api-Key': 'API_KEY', 'Authorization': 'TOKEN' }, requestHeaders: { 'x-plain': '$5' },
          } : {}),
        })
      )),
    })],
  });
  synthesize(project);
  const config = `--config.file=${join(outdir, 'monitoring/blackbox.yml')}`;
  execFileSync(EXPORTER, [config, '--config.check'], { stdio: 'pipe' });
  const port = await freePort();
  exporterUrl = `http://127.0.0.1:${port}`;
  exporter = await Program.start(EXPORTER, [config, `--web.listen-address=127.0.0.1:${port}`], `${exporterUrl}/-/healthy`);
});

afterAll(async () => {
  await exporter?.stop();
  for (const service of Object.values(services)) await service.down();
});

it.each(Object.keys(CASES))('%s: is distinguished', async (name) => {
  expect(await probe(name)).toBe(true);
  for (const behaviour of CASES[name].healthy ?? []) {
    services[name].behave(behaviour);
    expect(await probe(name)).toBe(true);
  }
  for (const [i, behaviour] of CASES[name].not.entries()) {
    services[name].behave(behaviour);
    expect([i, await probe(name)]).toEqual([i, false]);
  }
});

it('sends headers from files', async () => {
  expect(await probe('secret')).toBe(true);
  expect(services.secret.headers).toMatchObject({ 'x-api-key': 's3cret', 'authorization': 'Bearer t0ken', 'x-plain': '$5' });
});

/** What Prometheus would probe, by the exported job. */
async function probe(check: string): Promise<boolean> {
  const { scrape_configs: [job] } = parse(readFileSync(join(outdir, 'monitoring/prometheus-scrape.yml'), 'utf8')) as {
    scrape_configs: { metrics_path: string; static_configs: { targets: string[]; labels: Record<string, string> }[] }[];
  };
  const { targets, labels } = job.static_configs.find((one) => one.labels.check === check)!;
  const response = await fetch(`${exporterUrl}${job.metrics_path}?module=${labels.__param_module}&target=${encodeURIComponent(targets[0])}`);
  return /^probe_success 1$/m.test(await response.text());
}
