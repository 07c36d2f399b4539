import { TIMES, lookOnce } from './probe-once';
import { GroupCheckManifest, HealthCheckManifest } from '../../../src/contract/manifest';
import { Outcome } from '../../../src/runtime/probing/observation';
import { respond, json, MisbehavingServer, reset } from '../../misbehaving-server';
import { healthCheck } from '../health-check-manifest';

const servers: MisbehavingServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

/** A real check that has this outcome. */
async function member(outcome: Outcome, name: string = outcome): Promise<HealthCheckManifest> {
  const server = await MisbehavingServer.start();
  servers.push(server);
  const http = { name, url: server.url };
  switch (outcome) {
    case 'healthy': server.behave(json({ version: 'v1.2.3' })); break;
    case 'unhealthy': server.behave(respond(500)); break;
    case 'unreachable': server.behave(reset); break;
    case 'stale': server.behave(json({ version: 'v1.0.0' })); break;
    case 'blind': return healthCheck({ ...http, secretRequestHeaders: { authorization: 'MISSING' } });
  }
  return healthCheck({ ...http, release: { kind: 'json', path: 'version' } });
}

async function group(kind: GroupCheckManifest['kind'], outcomes: Outcome[]): Promise<GroupCheckManifest> {
  return { ...TIMES, kind, url: '', checks: await Promise.all(outcomes.map((outcome, i) => member(outcome, `${i} ${outcome}`))) };
}

const BEST_TO_WORST: Outcome[] = ['healthy', 'blind', 'unreachable', 'stale', 'unhealthy'];
const PAIRS = BEST_TO_WORST.flatMap((better, i) => BEST_TO_WORST.slice(i).map((worse): [Outcome, Outcome] => [better, worse]));

describe.each(PAIRS)('of %s and %s', (better, worse) => {
  test('all is the worse, any the better', async () => {
    for (const outcomes of [[better, worse], [worse, better]]) {
      expect(await lookOnce(await group('allOf', outcomes))).toMatchObject({ outcome: worse });
      expect(await lookOnce(await group('anyOf', outcomes))).toMatchObject({ outcome: better });
    }
  });
});

test('says which member decided it, and what that one saw', async () => {
  expect((await lookOnce(await group('allOf', ['healthy', 'unhealthy']))).saw).toMatch(/^1 unhealthy: 500 in \d+ ms$/);
  expect((await lookOnce(await group('anyOf', ['unhealthy', 'healthy']))).saw).toBe('1 healthy is healthy');
  expect((await lookOnce(await group('allOf', ['healthy', 'healthy']))).saw).toBe('all 2 are healthy');
});

test('names the release that responded if a member knows it', async () => {
  const silent = healthCheck({ ...(await member('healthy')), name: 'silent', release: undefined } as never);
  const check = { ...(await group('allOf', ['healthy'])), checks: [silent, await member('healthy', 'telling')] };
  expect(await lookOnce(check)).toMatchObject({ outcome: 'healthy', release: 'v1.2.3' });
});

test('a gateway\'s 503 stays one, so that the prober\'s network is not blamed', async () => {
  const check = await group('allOf', ['healthy']);
  servers[0].behave(respond(503));
  expect(await lookOnce(check)).toMatchObject({ outcome: 'unreachable', status: 503 });
});

test('a group in a group', async () => {
  const any = { ...(await group('anyOf', ['unhealthy', 'healthy'])), name: 'either' };
  const all = await group('allOf', ['healthy']);
  expect(await lookOnce({ ...all, checks: [...all.checks, any] })).toMatchObject({ outcome: 'healthy' });
  servers[1].behave(respond(500));
  expect(await lookOnce({ ...all, checks: [...all.checks, any] })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('either: 0 unhealthy: 500') });
});

test('on a candidate, only the members that can be probed are probed', async () => {
  const all = await group('allOf', ['healthy', 'healthy']);
  const { port } = servers[1];
  await servers[1].stop();
  const database: HealthCheckManifest = { ...TIMES, name: 'database', kind: 'tcp', url: '', address: { host: '127.0.0.1', port }, liveOnly: true };
  const checks = [all.checks[0], database];
  expect(await lookOnce({ ...all, checks }, { target: { url: servers[0].url, slot: 'green' } })).toMatchObject({ outcome: 'healthy' });
  expect(await lookOnce({ ...all, checks })).toMatchObject({ outcome: 'unreachable' });
});
