import { TIMES, lookOnce } from './probe-once';
import { DnsCheckManifest } from '../../../src/contract/manifest';
import { InterruptedError } from '../../../src/runtime/errors';
import { DnsResponse, DnsServer, ipv4, ipv6, mail, name, txt } from '../../dns-server';

const servers: DnsServer[] = [];

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

async function resolver(response: DnsResponse): Promise<DnsServer> {
  const server = await DnsServer.start(response);
  servers.push(server);
  return server;
}

function checkOf(server: DnsServer | undefined, changes: Partial<DnsCheckManifest> = {}): DnsCheckManifest {
  return { ...TIMES, kind: 'dns', url: 'dns:www.example.com?type=A', host: 'www.example.com', type: 'A', records: [], resolver: server?.address, ...changes };
}

const two: DnsResponse = { type: 'A', records: [ipv4('192.0.2.1'), ipv4('192.0.2.2')] };

describe('a response', () => {
  test('is healthy whatever it is where no records are named', async () => {
    const server = await resolver(two);
    expect(await lookOnce(checkOf(server))).toMatchObject({ outcome: 'healthy', saw: 'A 192.0.2.1, 192.0.2.2' });
    expect(server.queries).toEqual(['www.example.com']);
  });

  test('is healthy when all records that are named are in it, and others may be', async () => {
    expect(await lookOnce(checkOf(await resolver(two), { records: ['192.0.2.2'] }))).toMatchObject({ outcome: 'healthy' });
  });

  test('is unhealthy when one of them is missing', async () => {
    expect(await lookOnce(checkOf(await resolver(two), { records: ['192.0.2.1', '198.51.100.7'] })))
      .toMatchObject({ outcome: 'unhealthy', saw: 'A 192.0.2.1, 192.0.2.2, not 198.51.100.7' });
  });

  test.each<[DnsCheckManifest['type'], Buffer, string]>([
    ['AAAA', ipv6('20010db8000000000000000000000001'), '2001:DB8:0::1'],
    ['CNAME', name('shop.EXAMPLE.net'), 'Shop.example.net.'],
    ['NS', name('ns1.example.net'), 'ns1.example.net'],
    ['MX', mail(10, 'mail.example.net'), '10 MAIL.example.net'],
    ['TXT', txt('v=spf1 ', '-all'), 'v=spf1 -all'],
  ])('may be of type %s, however it is written', async (type, data, record) => {
    expect(await lookOnce(checkOf(await resolver({ type, records: [data] }), { type, records: [record] }))).toMatchObject({ outcome: 'healthy' });
  });

  test('of a text counts letter for letter', async () => {
    expect(await lookOnce(checkOf(await resolver({ type: 'TXT', records: [txt('Token')] }), { type: 'TXT', records: ['token'] }))).toMatchObject({ outcome: 'unhealthy' });
  });

  test('that there is no such name or record is unhealthy', async () => {
    expect(await lookOnce(checkOf(await resolver('nxdomain')))).toMatchObject({ outcome: 'unhealthy', saw: 'no such name (ENOTFOUND)' });
    expect(await lookOnce(checkOf(await resolver({ type: 'A', records: [] })))).toMatchObject({ outcome: 'unhealthy', saw: 'no such record (ENODATA)' });
  });
});

describe('a resolver that the check names', () => {
  test.each(['servfail', 'refused'] as const)('is unhealthy when it responds %s', async (code) => {
    expect(await lookOnce(checkOf(await resolver(code)))).toMatchObject({ outcome: 'unhealthy' });
  });

  test('is unreachable when it is silent, or not there', async () => {
    const server = await resolver('silence');
    const check = checkOf(server, { timeoutMs: 300 });
    expect(await lookOnce(check)).toMatchObject({ outcome: 'unreachable' });
    await servers.pop()!.stop();
    expect(await lookOnce(check)).toMatchObject({ outcome: 'unreachable' });
  });
});

test('a resolver of the machine that fails says nothing about the service', async () => {
  // the name is rejected before anything is sent: no resolver is needed here
  expect(await lookOnce(checkOf(undefined, { host: `${'a'.repeat(64)}.example.com` }))).toMatchObject({ outcome: 'blind' });
});

test('a process that receives a signal to stop does not wait', async () => {
  const stop = new AbortController();
  const looking = lookOnce(checkOf(await resolver('silence')), { signal: stop.signal });
  stop.abort();
  await expect(looking).rejects.toBeInstanceOf(InterruptedError);
});
