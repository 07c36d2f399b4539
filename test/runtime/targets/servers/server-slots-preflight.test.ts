import { EngineError } from '../../../../src/runtime/targets/engine-error';
import { HaproxyApi } from '../../../../src/runtime/targets/servers/haproxy-api';
import { preflightProxies, ProxyPreflight } from '../../../../src/runtime/targets/servers/server-slots-preflight';

const SERVERS = { blue: [{ name: 'blue', weight: 100, status: 'UP' }], green: [{ name: 'green', weight: 0, status: 'UP' }] };
const DOWN = new EngineError('unavailable', 'proxy-2: Connection refused');
const RELEASE = { version: 'v2', sha: 'a'.repeat(40) };

/** One that responds, or that fails with an error. */
function proxy(host: string, error?: EngineError, problem?: string): HaproxyApi {
  const said = <T>(value: T) => (error ? Promise.reject(error) : Promise.resolve(value));
  return { host, level: () => said('admin'), state: () => said({ slots: SERVERS, others: [] }), stateFileProblem: () => said(problem) } as unknown as HaproxyApi;
}

function preflight(kind: ProxyPreflight['intent']['kind'], proxies: HaproxyApi[], logged: string[] = []): Promise<void> {
  const settings = { user: 'deploy', privateKeyVariable: 'KEY', proxy: { socket: '/run/haproxy.sock', backend: 'shop', stateFile: '/var/lib/state' } } as unknown as ProxyPreflight['settings'];
  const log = { line: (text: string) => void logged.push(text) };
  return preflightProxies({ environment: 'production', intent: { kind, release: RELEASE, slot: 'green' }, isWeighted: false, log, proxies, settings });
}

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
  const proxies = [proxy('proxy-1', undefined, 'deploy cannot create files in /var/lib')];
  await expect(preflight('deploy', proxies)).rejects.toThrow('slots: deploy cannot create files in /var/lib on proxy-1, and the weights are kept in /var/lib/state. Make the folder');
  await preflight('rollback', proxies);
});
