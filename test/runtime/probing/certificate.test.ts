import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { TIMES, lookOnce } from './probe-once';
import { CertificateCheckManifest } from '../../../src/contract/manifest';
import { authoritiesOf } from '../../../src/runtime/probing/certificate';
import { CertificateName, MisbehavingServer } from '../../misbehaving-server';
import { TalkingServer } from '../../talking-server';

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

test('an untrusted one is unhealthy', async () => {
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
  expect(await lookOnce(checkOf(silent.port, { timeoutMs: 150 }), trusting)).toMatchObject({ outcome: 'unreachable', saw: 'no response within 150 ms' });
  expect(await lookOnce(checkOf(closing.port), trusting)).toMatchObject({ outcome: 'unreachable' });
  await closing.stop();
  expect(await lookOnce(checkOf(closing.port), trusting)).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
});

describe('of a chain', () => {
  const CHAIN = join(__dirname, '../../fixtures/certificates/chain');
  const pem = (...names: string[]) => names.map((name) => readFileSync(join(CHAIN, name), 'utf8')).join('');
  const healthy = (until: string) => ({ outcome: 'healthy', saw: `the certificate is valid until ${until}-01-01` });

  /** Shows these certificates, each signed by the next. */
  async function show(...names: string[]): Promise<number> {
    const server = createServer({ cert: pem(...names.map((name) => `${name}.pem`)), key: pem('server.key') });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({ stop: async () => void server.close() });
    return (server.address() as AddressInfo).port;
  }

  const lookAt = async (shown: string[], trusted: string[], changes: Partial<CertificateCheckManifest> = {}) => (
    lookOnce(checkOf(await show(...shown), changes), { target: { ca: pem(...trusted.map((name) => `${name}.pem`)) } })
  );

  test('an intermediate that expires before the certificate counts', async () => {
    expect(await lookAt(['server', 'intermediate'], ['root'])).toMatchObject(healthy('2900'));
    expect(await lookAt(['server', 'intermediate'], ['root'], { validForMs: 950 * 365 * DAY })).toMatchObject({ outcome: 'unhealthy', saw: 'the certificate expires 2900-01-01' });
  });

  test.each(['cross', 'cross-expired'])('a cross-sign (%s) above an authority that is trusted itself does not count', async (cross) => {
    expect(await lookAt(['server', 'intermediate', cross], ['root'])).toMatchObject(healthy('2900'));
    expect(await lookAt(['server', 'intermediate', cross], ['old', 'root'])).toMatchObject(healthy('2900'));
    expect(await lookAt(['server', 'intermediate', cross, 'old'], ['root', 'old'])).toMatchObject(healthy('2900'));
  });

  test('a cross-sign on which the trust rests counts', async () => {
    expect(await lookAt(['server', 'intermediate', 'cross'], ['old'])).toMatchObject(healthy('2500'));
    expect(await lookAt(['server', 'intermediate', 'cross-expired'], ['old'])).toMatchObject({ outcome: 'unhealthy', saw: 'the certificate has expired' });
  });

  test('an authority of its own that the server shows does not count', async () => {
    expect(await lookAt(['server', 'intermediate', 'root'], ['root'])).toMatchObject(healthy('2900'));
  });

  test('an intermediate among what is trusted is no authority: it still expires', async () => {
    expect(await lookAt(['server', 'intermediate'], ['intermediate', 'root'])).toMatchObject(healthy('2900'));
  });

  test('an authority in NODE_EXTRA_CA_CERTS is trusted; a missing file has no effect', async () => {
    const port = await show('server', 'intermediate', 'cross-expired');
    expect(await inProcess(port, join(CHAIN, 'root.pem'))).toMatchObject(healthy('2900'));
    expect(await inProcess(port, join(CHAIN, 'missing.pem'))).toMatchObject({ fault: expect.stringMatching(/CERT_HAS_EXPIRED|UNABLE_TO_GET_ISSUER/) as string });
  });

  test('and so are Node\'s own', () => {
    expect(authoritiesOf({}).length).toBeGreaterThan(50);
    expect(authoritiesOf({}).every(({ subject, issuer }) => subject === issuer)).toBe(true);
  });

  /** Node reads that variable when it starts. */
  async function inProcess(port: number, extra: string): Promise<unknown> {
    const folder = mkdtempSync(join(tmpdir(), 'delivery-certificate-'));
    const script = join(folder, 'look.cjs');
    buildSync({
      stdin: {
        contents: `import { probeCertificate } from './certificate';
          probeCertificate(JSON.parse(process.argv[2]), { env: process.env }, new AbortController().signal, { clock: Date })
            .then((seen) => seen, ({ code }) => ({ fault: code })).then((seen) => console.log(JSON.stringify(seen)));`,
        resolveDir: resolve(__dirname, '../../../src/runtime/probing'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: script,
      logLevel: 'silent',
      external: ['hpagent', 'proxy-from-env'],
    });
    try {
      const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: extra };
      const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(checkOf(port))], { env });
      return JSON.parse(stdout);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});
