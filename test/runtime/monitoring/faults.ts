import { CheckManifest, HealthCheckManifest } from '../../../src/contract/manifest';
import { DnsResponse, DnsServer, ipv4 } from '../../dns-server';
import { freePort } from '../../free-ports';
import { respond, Behaviour, CertificateName, hang, inTurn, json, MisbehavingServer, reset, slow } from '../../misbehaving-server';
import { check } from '../world';

/** How often a check probes, and how long it waits. */
export type Times = Pick<CheckManifest, 'intervalMs' | 'timeoutMs'>;

/** A real service on loopback that is well, and the check that watches it. */
export interface Scene {
  readonly check: HealthCheckManifest;
  /** The fault begins. */
  readonly spoil: () => void | Promise<void>;
  /** It is over. */
  readonly repair: () => void | Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface Fault {
  /** After "a service that". */
  readonly name: string;
  /** Each look takes the check's whole timeout. */
  readonly isSilent?: boolean;
  readonly open: (times: Times) => Promise<Scene>;
}

/** Version 1 is the release that should be live. */
const GOOD = json({ version: 'v1' });
const BAD = respond(500);

/** The response begins, and its sender vanishes without a word. */
const vanish: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"version": "v1"');
};

/** What people must be notified of: once when it begins, and once when it is over. */
export const FAULTS: readonly Fault[] = [
  { name: 'is down', open: async (times) => scene(await web(times), (server) => server.stop(), (server) => server.comeBack()) },
  responding('responds with 500', () => BAD),
  responding('resets connections', () => reset),
  responding('responds too late', ({ timeoutMs }) => slow(2 * timeoutMs, GOOD), true),
  responding('flaps: three bad responses and a good one in turn', () => inTurn(BAD, BAD, BAD, GOOD)),
  responding('responds from another release', () => json({ version: 'v0' })),
  expiring('lets its certificate expire'),
  expiring('lets its certificate expire (HealthCheck.certificate)', certificateCheck),
  nameLost('loses its name', 'nxdomain'),
  nameLost('has a name server that fails', 'servfail'),
  nameLost('has a name server that is silent', 'silence', true),
  responding('is half open: takes the connection and says nothing', () => hang, true),
  responding('is half open: vanishes in the middle of its response', () => vanish, true),
];

/** Too little for an alert. */
export const TRIFLES: readonly Fault[] = [
  responding('flaps: every other response is bad', () => inTurn(BAD, GOOD)),
  responding('flaps: two bad responses and a good one in turn', () => inTurn(BAD, BAD, GOOD)),
  responding('loses a connection now and then', () => inTurn(GOOD, reset, GOOD, GOOD)),
];

type Change<S> = (server: S) => void | Promise<void>;

/** A service, and the check that watches it. */
interface Watched<S> {
  readonly server: S;
  readonly check: HealthCheckManifest;
}

function scene<S extends { stop(): Promise<void> }>({ server, check: one }: Watched<S>, spoil: Change<S>, repair: Change<S>): Scene {
  return { check: one, spoil: () => spoil(server), repair: () => repair(server), stop: () => server.stop() };
}

async function web(times: Times, certificate?: CertificateName): Promise<Watched<MisbehavingServer>> {
  const server = await MisbehavingServer.start({ certificate, port: await freePort() });
  server.behave(GOOD);
  return { server, check: check(`${server.url}/health`, { ...times, release: { kind: 'json', path: 'version' } }) };
}

function responding(name: string, behaviour: (times: Times) => Behaviour, isSilent?: boolean): Fault {
  const open = async (times: Times) => scene(await web(times), (server) => server.behave(behaviour(times)), (server) => server.behave(GOOD));
  return { name, isSilent, open };
}

function expiring(name: string, checkOf?: (port: number, times: Times) => HealthCheckManifest): Fault {
  const open = async (times: Times): Promise<Scene> => {
    const { server, check: one } = await web(times, 'valid');
    const watched = { server, check: checkOf?.(server.port, times) ?? one };
    return scene(watched, () => server.present('expired'), () => server.present('valid'));
  };
  return { name, open };
}

function certificateCheck(port: number, times: Times): HealthCheckManifest {
  return { ...common(times), kind: 'certificate', url: `tls://127.0.0.1:${port}`, address: { host: '127.0.0.1', port }, validForMs: 14 * 86_400_000 };
}

function nameLost(name: string, lost: DnsResponse, isSilent?: boolean): Fault {
  const found: DnsResponse = { type: 'A', records: [ipv4('192.0.2.1')] };
  const open = async (times: Times): Promise<Scene> => {
    const server = await DnsServer.start(found);
    const one: HealthCheckManifest = { ...common(times), kind: 'dns', url: 'dns:www.example.com', host: 'www.example.com', type: 'A', records: [], resolver: server.address };
    return scene({ server, check: one }, () => server.behave(lost), () => server.behave(found));
  };
  return { name, isSilent, open };
}

function common(times: Times): Omit<CheckManifest, 'url'> {
  const { name, successThreshold, failureThreshold, deadlineMs } = check('http://127.0.0.1/');
  return { name, successThreshold, failureThreshold, deadlineMs, ...times };
}
