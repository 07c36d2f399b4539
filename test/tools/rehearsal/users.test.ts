import { once } from 'node:events';
import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Users } from '../../../tools/rehearsal/users';

let server: Server;
let users: Users;
/** Responses that are held back. */
let held: ServerResponse[];

beforeEach(async () => {
  held = [];
  server = createServer((_request, response) => {
    held.push(response);
    server.emit('held');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  users = new Users(() => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterEach(async () => {
  users.stop();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

test('a response of the server that is no success is a failed request', async () => {
  users.start();
  await once(server, 'held');
  held[0]!.writeHead(500).end();
  await failedRequest();
  expect(users.seen.failed).toBe(1);
});

test('a request that was under way when a scenario ended does not fail in the next one', async () => {
  users.start();
  await once(server, 'held');
  users.stop();
  users.forget();
  users.start();
  await once(server, 'held');
  expect(users.seen.failed).toBe(0);
});

async function failedRequest(): Promise<void> {
  while (users.seen.failed === 0) await new Promise((next) => setImmediate(next));
}
