import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { CommandManifest, HttpCheckManifest, TargetManifest } from '../../../src/contract/manifest';
import { OwnService } from '../../../tools/rehearsal/own-service';

const COMMAND: CommandManifest = { kind: 'exec', argv: ['true'] };
const SLOTS: TargetManifest = { deploy: COMMAND, promote: COMMAND };
const OLD = { version: 'v1.0.1', sha: 'a'.repeat(40) };
const NEW = { version: 'v1.0.2', sha: 'b'.repeat(40) };

let server: Server;
let url: string;
let shown: string;

beforeAll(async () => {
  server = createServer((_request, response) => response.end(shown));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

test('with a command that promotes, users reach a release when it succeeded', () => {
  const { reached, service } = open(SLOTS);
  run(service, 'deploy', NEW.version);
  expect([service.commanded, reached]).toEqual([undefined, []]);
  run(service, 'promote', NEW.version);
  expect([service.commanded, reached]).toEqual([NEW.version, [NEW.version]]);
});

test('without one, users reach what is deployed', () => {
  const { reached, service } = open({ deploy: COMMAND });
  run(service, 'deploy', NEW.version);
  expect(reached).toEqual([NEW.version]);
});

test('a command that failed by itself is noted, and gives nothing to users', () => {
  const { service } = open({ deploy: COMMAND });
  run(service, 'deploy', NEW.version, false);
  expect(service.commanded).toBeUndefined();
  expect(service.calls).toEqual([{ call: 'deploy', version: NEW.version, failed: true }]);
});

test('a command that the rehearsal lets fail is not executed', () => {
  const { service } = open({ deploy: COMMAND });
  service.onCall = () => 'fails';
  expect(service.begin('deploy', { DELIVERY_VERSION: NEW.version, DELIVERY_SLOT: 'blue' }).ok).toBe(false);
  expect(service.calls).toEqual([{ call: 'deploy', version: NEW.version, slot: 'blue', failed: true }]);
});

test.each([['its version', '1.0.2'], ['its commit', NEW.sha.slice(0, 7)]])('the service says which release users get: %s', async (_, text) => {
  const { service } = open(SLOTS, true);
  run(service, 'promote', OLD.version);
  shown = JSON.stringify({ build: { version: text } });
  expect(await service.live()).toBe(NEW.version);
});

test('a release that the rehearsal did not deploy is called as the service calls it', async () => {
  shown = JSON.stringify({ build: { version: 'v0.9.0' } });
  expect(await open(SLOTS, true).service.live()).toBe('v0.9.0');
});

test('a service that does not say it has no live release; without such a check the commands say it', async () => {
  shown = 'a page';
  expect(await open(SLOTS, true).service.live()).toBeUndefined();
  const { service } = open(SLOTS);
  run(service, 'promote', OLD.version);
  expect(await service.live()).toBe(OLD.version);
});

function open(target: TargetManifest, identified = false) {
  const identity = { url, requestHeaders: {}, secretRequestHeaders: {}, release: { kind: 'json', path: 'build.version' } } as unknown as HttpCheckManifest;
  const service = new OwnService({ environment: 'production', url, target, secrets: {}, ...(identified && { identity }) });
  service.know(OLD);
  service.know(NEW);
  const reached: string[] = [];
  service.onLive = (version) => reached.push(version);
  return { service, reached };
}

function run(service: OwnService, call: 'deploy' | 'promote', version: string, ok = true): void {
  expect(service.begin(call, { DELIVERY_VERSION: version }).ok).toBe(true);
  service.end(call, { DELIVERY_VERSION: version }, ok);
}
