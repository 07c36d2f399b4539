import { TIMES, lookOnce } from './probe-once';
import { TcpCheckManifest } from '../../../src/contract/manifest';
import { InterruptedError } from '../../../src/runtime/errors';
import { Talk, TalkingServer } from '../../talking-server';

const servers: TalkingServer[] = [];

async function serve(talk: Talk): Promise<TalkingServer> {
  const server = await TalkingServer.start(talk);
  servers.push(server);
  return server;
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

function checkOf({ port }: TalkingServer, changes: Partial<TcpCheckManifest> = {}): TcpCheckManifest {
  return { ...TIMES, kind: 'tcp', url: `tcp://127.0.0.1:${port}`, address: { host: '127.0.0.1', port }, ...changes };
}

const silent: Talk = () => undefined;

describe('a port', () => {
  test('is healthy when a connection stands, and the connection is closed again', async () => {
    const server = await serve((socket) => socket.on('end', () => socket.end()));
    expect(await lookOnce(checkOf(server))).toMatchObject({ outcome: 'healthy', saw: expect.stringMatching(/^connected in \d+ ms$/), latencyMs: expect.any(Number) });
    await server.deserted();
  });

  test('is unreachable when the connection is refused', async () => {
    const server = await serve(silent);
    await server.stop();
    expect(await lookOnce(checkOf(server))).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
  });

  test('is unreachable when there is no such host', async () => {
    expect(await lookOnce(checkOf(await serve(silent), { address: { host: 'no-such-host.invalid', port: 1 } })))
      // a machine without a resolver cannot know
      .toMatchObject({ outcome: expect.stringMatching(/^(unreachable|blind)$/) });
  });
});

describe('what is said on a connection', () => {
  const expected = { expect: '^220 ' };

  test('is healthy when it matches, as soon as it does', async () => {
    const server = await serve((socket) => socket.write('220 mail.example.com ESMTP\r\n'));
    expect(await lookOnce(checkOf(server, expected))).toMatchObject({ outcome: 'healthy', saw: 'said "220 mail.example.com ESMTP"' });
  });

  test('may come in pieces', async () => {
    const server = await serve((socket) => {
      socket.setNoDelay(true);
      socket.write('22');
      socket.once('data', () => socket.write('0 ready'));
    });
    expect(await lookOnce(checkOf(server, { ...expected, send: 'go on' }))).toMatchObject({ outcome: 'healthy' });
  });

  test('is unhealthy when it is something else and the server closes', async () => {
    const server = await serve((socket) => socket.end('554 no service\r\n'));
    expect(await lookOnce(checkOf(server, expected))).toMatchObject({ outcome: 'unhealthy', saw: 'said "554 no service", which does not match /^220 /' });
  });

  test('is unhealthy when it is something else and the time is over', async () => {
    const server = await serve((socket) => socket.write('554 no service\r\n'));
    expect(await lookOnce(checkOf(server, { ...expected, timeoutMs: 2_000 }))).toMatchObject({ outcome: 'unhealthy' });
  });

  test('is unhealthy when it is endless and never matches', async () => {
    const server = await serve((socket) => socket.write('x'.repeat(100_000)));
    // it does not wait for more: that would take longer than a test may
    expect(await lookOnce(checkOf(server, { ...expected, timeoutMs: 3_600_000 }))).toMatchObject({ outcome: 'unhealthy' });
  });

  test('is unhealthy when the pattern would take years', async () => {
    const server = await serve((socket) => socket.write(`${'a'.repeat(100)}b`));
    expect(await lookOnce(checkOf(server, { expect: '^(a+)+$' }))).toMatchObject({ outcome: 'unhealthy', saw: 'the pattern took longer than 250 ms' });
  });

  test('is unreachable when nothing comes over a half-open connection: the machine accepted it, the process hangs', async () => {
    const server = await serve(silent);
    expect(await lookOnce(checkOf(server, { ...expected, timeoutMs: 150 }))).toMatchObject({ outcome: 'unreachable', saw: 'no response within 150 ms' });
  });

  test('is unreachable when the connection closes or is reset without a word', async () => {
    const closing = await serve((socket) => socket.end());
    const resetting = await serve((socket) => socket.resetAndDestroy());
    expect(await lookOnce(checkOf(closing, expected))).toMatchObject({ outcome: 'unreachable', saw: 'connection closed without a response' });
    expect(await lookOnce(checkOf(resetting, expected))).toMatchObject({ outcome: 'unreachable', saw: 'connection reset' });
  });

  test('returns what is sent', async () => {
    const server = await serve((socket) => socket.on('data', (chunk) => socket.write(chunk.toString() === 'PING\r\n' ? '+PONG\r\n' : '-ERR\r\n')));
    expect(await lookOnce(checkOf(server, { send: 'PING\r\n', expect: '^\\+PONG' }))).toMatchObject({ outcome: 'healthy' });
    expect(server.received).toBe('PING\r\n');
  });

  test('is shown on one line, without what a terminal would obey', async () => {
    const server = await serve((socket) => socket.end('\u001b[2Jgone\n::error::forged'));
    const { saw } = await lookOnce(checkOf(server, expected));
    expect(saw).not.toMatch(/[\u001b\n]/);
    expect(saw).toContain('gone');
  });
});

describe('a candidate', () => {
  test('is probed where its slot is', async () => {
    const users = await serve((socket) => socket.end('old'));
    const candidate = await serve((socket) => socket.end('new'));
    const check = checkOf(users, { expect: '^new$', candidate: { host: '127.0.0.{slot}', port: candidate.port } });
    expect(await lookOnce(check, { target: { url: 'http://unused.example.com', slot: '1' } })).toMatchObject({ outcome: 'healthy' });
    expect(await lookOnce(check)).toMatchObject({ outcome: 'unhealthy' });
  });
});

test('a process that receives a signal to stop does not wait', async () => {
  const server = await serve(silent);
  const stop = new AbortController();
  const looking = lookOnce(checkOf(server, { expect: 'x' }), { signal: stop.signal });
  stop.abort();
  await expect(looking).rejects.toBeInstanceOf(InterruptedError);
});
