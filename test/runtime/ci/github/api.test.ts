/** How requests reach GitHub, whatever their purpose: over HTTP as Node has it. */
import { gzipSync } from 'node:zlib';
import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { respond, json, MisbehavingServer, redirect } from '../../../misbehaving-server';
import { InstantClock } from '../../ledger/instant-clock';

let github: MisbehavingServer;
let elsewhere: MisbehavingServer;

beforeEach(async () => {
  github = await MisbehavingServer.start();
  elsewhere = await MisbehavingServer.start();
});

afterEach(async () => {
  await github.stop();
  await elsewhere.stop();
});

function sendRequest(route = 'GET /repos/{owner}/{repo}', url = github.url, patienceMs?: number): Promise<unknown> {
  const api = new GithubApi({ url, token: 's3cr3t', repository: 'acme/shop', clock: new InstantClock(), patienceMs });
  const isExpected = (data: unknown): data is unknown => data !== '';
  return api.request({ what: 'respond', route, permission: 'contents: read', isExpected }).then(({ data }) => data);
}

const tokens = (server: MisbehavingServer) => server.received.map(({ headers }) => headers.authorization);

test('responses are requested compressed', async () => {
  github.behave(respond(200, gzipSync('{"name":"shop"}'), { 'content-type': 'application/json', 'content-encoding': 'gzip' }));
  expect(await sendRequest()).toEqual({ name: 'shop' });
  expect(github.received[0].headers['accept-encoding']).toBe('gzip');
});

test('questions share a connection', async () => {
  github.behave(json({}));
  for (let i = 0; i < 3; i++) await sendRequest();
  expect(github.connections).toBe(1);
});

test.each([['GET', 301], ['GET', 302], ['GET', 307], ['POST', 307], ['POST', 308]])('of a renamed repository, a %s is repeated at its new URL (%d)', async (method, status) => {
  github.behave(redirect('/repositories/7', status), json({ name: 'new' }));
  expect(await sendRequest(`${method} /repos/{owner}/{repo}`)).toEqual({ name: 'new' });
  expect(github.received.map(({ url }) => url)).toEqual(['/repos/acme/shop', '/repositories/7']);
  expect(tokens(github)).toEqual(['Bearer s3cr3t', 'Bearer s3cr3t']);
});

test('another server does not get the token', async () => {
  github.behave(redirect(`${elsewhere.url}/file`, 302));
  elsewhere.behave(json({}));
  await sendRequest();
  expect(tokens(elsewhere)).toEqual([undefined]);
});

test('a circle of redirects ends', async () => {
  github.behave(redirect('/repos/acme/shop', 301));
  await expect(sendRequest(undefined, undefined, 0)).rejects.toThrow('GitHub did not respond: its response has an unexpected format.');
  expect(github.received).toHaveLength(6);
});

test('the reason for a missing response is in the error', async () => {
  await elsewhere.stop();
  await expect(sendRequest(undefined, elsewhere.url, 0)).rejects.toThrow(`GitHub (${elsewhere.url}) did not respond: connect ECONNREFUSED 127.0.0.1:${elsewhere.port}`);
});
