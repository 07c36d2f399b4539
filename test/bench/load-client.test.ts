import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { isFailed, isUnknown, LoadClient, UserResponse } from '../../bench/load-client';

/** The responses to users who are patient for a fifth of a second. */
async function responsesOf(server: Server, during: () => void = () => undefined): Promise<readonly UserResponse[]> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const load = new LoadClient({ urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`], perSecond: 50, timeoutMs: 200 });
  try {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    during();
  } finally {
    await load.stop();
    server.closeAllConnections();
    server.close();
  }
  return load.responses;
}

/** As on a machine that executes others. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test.each([
  ['no response', () => createServer(() => undefined)],
  ['half a response', () => createServer((_, response) => { response.write('half'); })],
])('%s within the limit: the client gave up, and the request has failed', async (_, serverOf) => {
  const responses = await responsesOf(serverOf());
  expect(responses.length).toBeGreaterThan(0);
  for (const response of responses) {
    expect(isFailed(response)).toBe(true);
    expect(response).toMatchObject({ error: 'no response within 0.2 s', givenUp: { lateMs: expect.any(Number) } });
  }
});

test('a connection that is reset was not given up', async () => {
  const responses = await responsesOf(createServer((request) => request.socket.resetAndDestroy()));
  expect(responses.length).toBeGreaterThan(0);
  for (const response of responses) {
    expect(response).not.toHaveProperty('givenUp');
    expect(isFailed(response) && !isUnknown(response)).toBe(true);
  }
});

test('a client that was not executed while it waited does not know who is to blame', async () => {
  const responses = await responsesOf(createServer(() => undefined), () => block(500));
  expect(responses.filter(isUnknown).length).toBeGreaterThan(0);
});
