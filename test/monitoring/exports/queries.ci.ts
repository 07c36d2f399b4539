/**
 * What is known of queries at synthesis, against the real Prometheus and its promtool: types, refusals, and the exported rules. Not part of
 * `npm test`: .ci/prometheus installs them.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program';
import { QUERIES, UNKNOWN } from './queries';
import { HealthCheck, MonitorExport, PrometheusCondition } from '../../../src';
import { freePort } from '../../free-ports';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

const OF_API: Record<string, string> = { scalar: 'scalar', vector: 'vector', matrix: 'range', string: 'text' };

let prometheus: Program;
let url: string;
const folder = temporaryFolder();

beforeAll(async () => {
  writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
  url = `http://127.0.0.1:${await freePort()}`;
  prometheus = await Program.start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${new URL(url).host}`,
  ], `${url}/-/ready`);
});
afterAll(() => prometheus?.stop());

it.each(QUERIES)('%s is %s to Prometheus', async (query, type) => {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data, error } = await response.json() as { data?: { resultType: string }; error?: string };
  expect(data ? OF_API[data.resultType] : `invalid, ${error}`).toMatch(new RegExp(`^${type}\\b`));
});

it('every rule that is exported is accepted, and promtool says nothing against it', () => {
  const valid = QUERIES.filter(([, type]) => type === 'scalar' || type === 'vector').map(([query]) => query);
  expect(promtool(exportedRules([...valid, ...UNKNOWN]))).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining(`SUCCESS: ${valid.length} rules found`) as string });
});

it('of what only Prometheus knows there is no rule, for one would cost all others', () => {
  const rejected = UNKNOWN.filter((query) => promtool(rulesOf(`count((${query}\n) > 1) > 0`)).status !== 0);
  // this Prometheus is old: it knows none of them but what it has since lost
  expect(rejected).toEqual(UNKNOWN.filter((query) => !query.startsWith('holt_winters')));
});

function exportedRules(queries: readonly string[]): string {
  const outdir = temporaryFolder();
  const project = plainProject({}, outdir);
  deliver(project, {
    monitoring: { exports: [MonitorExport.blackbox()] },
    environments: [environment('production', {
      healthChecks: queries.map((query, i) => HealthCheck.prometheus('https://p.example.com', query, PrometheusCondition.below(1), { name: `query ${i}` })),
    })],
  });
  synthesize(project);
  return join(outdir, 'monitoring/prometheus-rules.yml');
}

function rulesOf(expr: string): string {
  const path = join(folder, 'rules.yml');
  writeFileSync(path, JSON.stringify({ groups: [{ name: 'one', rules: [{ alert: 'One', expr }] }] }));
  return path;
}

function promtool(path: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
  return { status, stdout, stderr };
}
