import { TIMES, lookOnce } from './look-once';
import { CertificateCheckManifest } from '../../../../src/manifest';
import { CertificateName, MisbehavingServer } from '../../../misbehaving-server';
import { TalkingServer } from '../../../talking-server';

const servers: { stop(): Promise<void> }[] = [];

async function serve(certificate: CertificateName): Promise<number> {
  const server = await MisbehavingServer.start({ certificate });
  servers.push(server);
  return server.port;
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

const DAY = 86_400_000;

function checkOf(port: number, changes: Partial<CertificateCheckManifest> = {}): CertificateCheckManifest {
  return { ...TIMES, kind: 'certificate', url: `tls://localhost:${port}`, address: { host: 'localhost', port }, validForMs: 14 * DAY, ...changes };
}

const trusting = { target: { ca: MisbehavingServer.authority } };

test('a certificate that is valid for long is healthy', async () => {
  expect(await lookOnce(checkOf(await serve('valid')), trusting)).toMatchObject({ outcome: 'healthy', saw: 'the certificate is valid until 2999-01-01' });
});

test('one that is not valid for long enough is unhealthy, and says when it expires', async () => {
  expect(await lookOnce(checkOf(await serve('valid'), { validForMs: 1000 * 365 * DAY }), trusting)).toMatchObject({ outcome: 'unhealthy', saw: 'the certificate expires 2999-01-01' });
});

test.each([
  ['expired', 'the certificate has expired'],
  ['elsewhere', 'the certificate is for another host'],
] as const)('one that is %s is unhealthy', async (name, saw) => {
  expect(await lookOnce(checkOf(await serve(name)), trusting)).toMatchObject({ outcome: 'unhealthy', saw });
});

test('one that nobody trusts is unhealthy', async () => {
  expect(await lookOnce(checkOf(await serve('valid')))).toMatchObject({ outcome: 'unhealthy' });
});

test('a host may be an address', async () => {
  const port = await serve('valid');
  expect(await lookOnce(checkOf(port, { address: { host: '127.0.0.1', port } }), trusting)).toMatchObject({ outcome: 'healthy' });
});

test('what speaks no TLS is unhealthy; what is silent, closes or refuses is unreachable', async () => {
  const talk = async (say: Parameters<typeof TalkingServer.start>[0]) => {
    const server = await TalkingServer.start(say);
    servers.push(server);
    return server;
  };
  const plain = await talk((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = await talk(() => undefined);
  const closing = await talk((socket) => socket.end());
  expect(await lookOnce(checkOf(plain.port), trusting)).toMatchObject({ outcome: 'unhealthy', saw: expect.stringMatching(/^TLS failed/) });
  expect(await lookOnce(checkOf(silent.port, { timeoutMs: 150 }), trusting)).toMatchObject({ outcome: 'unreachable', saw: 'no answer within 150 ms' });
  expect(await lookOnce(checkOf(closing.port), trusting)).toMatchObject({ outcome: 'unreachable' });
  await closing.stop();
  expect(await lookOnce(checkOf(closing.port), trusting)).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
});
