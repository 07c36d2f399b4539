import { preflightProxies, ProxyPreflight } from '../../../src/engines/servers/runtime/server-slots-preflight';
import { SlotProxy } from '../../../src/engines/servers/runtime/slot-proxy';
import { ProxyServer } from '../../../src/engines/servers/runtime/slot-weights';
import { EngineError } from '../../../src/runtime/targets/engine-error';

const server = (name: string, weight: number): ProxyServer => ({ name, weight, status: 'UP', health: 'reached' });
const SERVERS = { blue: [server('blue', 100)], green: [server('green', 0)] };
const DOWN = new EngineError('unavailable', 'proxy-2: Connection refused');
const RELEASE = { version: 'v2', sha: 'a'.repeat(40) };

/** One that responds, or that fails with an error. */
function proxy(host: string, error?: EngineError, keepProblem?: string): SlotProxy {
  const said = <T>(value: T) => (error ? Promise.reject(error) : Promise.resolve(value));
  return {
    product: 'HAProxy',
    host,
    accessProblem: () => said(undefined),
    keepProblem: () => said(keepProblem === undefined ? undefined : { why: keepProblem, fix: 'Make the folder' }),
    state: () => said({ product: 'HAProxy', slots: SERVERS, others: [] }),
    setWeights: () => said(undefined),
  };
}

function preflight(kind: ProxyPreflight['intent']['kind'], proxies: SlotProxy[], logged: string[] = []): Promise<void> {
  const settings = { user: 'deploy', privateKeyVariable: 'KEY', proxy: { kind: 'haproxy', socket: '/run/haproxy.sock', backend: 'shop', stateFile: '/var/lib/state' } } as unknown as ProxyPreflight['settings'];
  const log = { line: (text: string) => void logged.push(text) };
  return preflightProxies({ environment: 'production', intent: { kind, release: RELEASE, slot: 'green' }, isWeighted: false, log, proxies, settings });
}

it('a machine whose proxy is stopped stops a deployment, and no rollback', async () => {
  const stopped = new EngineError('rejected', 'proxy-2: no connection to the admin API');
  const proxies = [proxy('proxy-1'), { ...proxy('proxy-2'), state: () => Promise.reject(stopped) }];
  await expect(preflight('deploy', proxies)).rejects.toThrow('no connection to the admin API');
  const logged: string[] = [];
  await preflight('rollback', proxies, logged);
  expect(logged).toEqual(['proxy-2: no connection to the admin API; the rollback begins with the other machines']);
  await expect(preflight('rollback', proxies.slice(1))).rejects.toThrow('no connection to the admin API');
});

describe('machines of HAProxy that are not reached', () => {
  it('stop a deployment', async () => {
    await expect(preflight('deploy', [proxy('proxy-1'), proxy('proxy-2', DOWN)])).rejects.toThrow('proxy-2: Connection refused');
  });

  it('do not stop a rollback, except all of them', async () => {
    const logged: string[] = [];
    await preflight('rollback', [proxy('proxy-1'), proxy('proxy-2', DOWN)], logged);
    expect(logged).toEqual(['proxy-2: Connection refused; the rollback begins with the other machines']);
    await expect(preflight('rollback', [proxy('proxy-2', DOWN)])).rejects.toThrow('proxy-2: Connection refused');
  });
});

it('a folder that the weights cannot be kept in stops a deployment and no rollback', async () => {
  const proxies = [proxy('proxy-1', undefined, 'slots: deploy cannot create files in /var/lib on proxy-1')];
  await expect(preflight('deploy', proxies)).rejects.toThrow('slots: deploy cannot create files in /var/lib on proxy-1. Make the folder');
  await preflight('rollback', proxies);
});
