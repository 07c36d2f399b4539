import { Manifest } from '../../../src/contract/manifest';
import { FinishedAttempt } from '../../../src/runtime/status-page/dora';
import { Measurements, EnvironmentMeasurement } from '../../../src/runtime/status-page/measurements';
import { filesOf } from '../../../src/runtime/status-page/published-files';
import { DAY_MS } from '../../../src/runtime/status-page/series';
import { AlertSpan, NO_DATA, StatusData, withFindings, withMeasured } from '../../../src/runtime/status-page/status-data';

export const NOW = Date.parse('2026-11-25T15:40:00Z');
const RUN_MS = 300_000;

/** A manifest, as far as the page looks at it. */
export function pageManifest(names: readonly string[], url = (name: string) => `https://${name}.example.com`): Manifest {
  return {
    environments: names.map((name) => ({ name, url: url(name) })),
    monitoring: { environments: names, intervalMs: RUN_MS, retries: 2, firesAfter: 3, resolvesAfter: 2, workflow: 'monitor.yml', deploymentWorkflows: [] },
  } as unknown as Manifest;
}

/** A month of a shop: production was down for half an hour, and a release was taken back. */
export function sampleData(days = 30): StatusData {
  let data = NO_DATA;
  const from = NOW - days * DAY_MS;
  // what is long ago comes to one result in two hours
  for (let at = from; at <= NOW; at += at < NOW - 2 * DAY_MS ? 7_200_000 : RUN_MS) data = withMeasured(data, runAt(at), at);
  data = withFindings(data, 'production', { attempts: attempts(), attemptsFrom: from, alerts: alerts(), episodes: [] }, NOW);
  return withFindings(data, 'staging', { attempts: [], attemptsFrom: undefined, alerts: [], episodes: [] }, NOW);
}

export function sampleFiles(): Readonly<Record<string, string>> {
  return filesOf(sampleData(), { title: 'acme/shop', manifest: pageManifest(['production', 'staging']), now: NOW });
}

const DOWN_FROM = Date.parse('2026-11-25T04:10:00Z');
const DOWN_UNTIL = Date.parse('2026-11-25T04:40:00Z');

function runAt(at: number): Measurements {
  const wave = 1 + 0.3 * Math.sin(at / DAY_MS * 2 * Math.PI);
  const isDown = (at >= DOWN_FROM && at < DOWN_UNTIL) || (at < NOW - 2 * DAY_MS && Math.floor(at / DAY_MS) % 11 === 3 && at % DAY_MS < 7_200_000);
  const jitter = Math.round(40 * Math.abs(Math.sin(at / RUN_MS * 12.9898) * 43758.5453 % 1));
  const production: EnvironmentMeasurement = {
    name: 'production',
    live: { version: 'v1.4.2', sha: 'a'.repeat(40), since: '2026-11-23T09:12:00Z' },
    checks: [
      { name: 'api', mark: isDown ? 'bad' : 'healthy', latencyMs: Math.round(90 * wave + jitter) },
      { name: 'search', mark: 'healthy', latencyMs: Math.round(140 * wave + jitter * 2) },
    ],
    firing: [],
    pending: [],
  };
  const staging: EnvironmentMeasurement = {
    name: 'staging',
    live: { version: '3f2a91c', sha: 'b'.repeat(40), since: '2026-11-25T11:02:00Z' },
    checks: [{ name: 'api', mark: at > NOW - 900_000 ? 'bad' : 'healthy', latencyMs: Math.round(60 * wave + jitter) }],
    firing: at > NOW - 900_000 ? ['api'] : [],
    pending: [],
  };
  return { by: `${at}.1.a`, at, environments: [production, staging] };
}

function attempts(): FinishedAttempt[] {
  return Array.from({ length: 12 }, (_, i) => {
    const createdAt = NOW - i * 2.3 * DAY_MS - 3_600_000;
    const isBad = i === 4;
    return {
      id: String(100 - i),
      kind: 'deploy',
      version: `v1.4.${2 - i < 0 ? 0 : 2 - i}`,
      sha: String(i % 10).repeat(40),
      state: isBad ? 'rolledBack' : 'stable',
      createdAt,
      endedAt: createdAt + 95_000,
      committedAt: createdAt - 1_800_000,
      ...(isBad && { troubleAt: createdAt + 60_000, backTo: 'v1.3.9' }),
    };
  });
}

function alerts(): AlertSpan[] {
  return [{ id: '7', check: 'api', since: DOWN_FROM, until: DOWN_UNTIL }];
}
