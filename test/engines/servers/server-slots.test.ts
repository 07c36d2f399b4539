import { Analysis, CaddySlotsOptions, CanaryStep, HaproxySlotsOptions, Metric, ServerSlots, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Parameters<typeof Target.servers>[0];

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDx5zX8vSn1ZlLrcYdGq2hjxGqNHjmKLr0cT2Gm4y1dT';
const HOSTS: Options = { hosts: ['web1', 'web2'], hostKeys: ['web1', 'web2', 'proxy'].map((host) => `${host} ${KEY}`), user: 'deploy', directory: '/srv/shop', files: 'dist' };

function manifestOf(options: Partial<Options>, strategy?: Strategy) {
  const project = plainProject();
  deliver(project, { environments: [environment('production', { target: Target.servers({ ...HOSTS, ...options }), strategy })] });
  return synthesize(project).manifest.environments[0]!;
}

describe('Target.servers slots', () => {
  const slots = ServerSlots.haproxy({ hosts: ['proxy'], backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'] });

  it('is a driver with slots and weights, for blue/green and canaries', () => {
    for (const strategy of [Strategy.blueGreen(), Strategy.canary({ steps: [CanaryStep.weight(5)] })]) {
      const { target } = manifestOf({ slots }, strategy);
      expect(Object.keys(target).sort()).toEqual(['deploy', 'driver', 'promote', 'rollback', 'setWeight']);
      expect(target.driver).toMatchObject({
        kind: 'serverSlots',
        directory: '/srv/shop',
        hosts: [{ name: 'web1' }, { name: 'web2' }],
        proxy: { kind: 'haproxy', hosts: [{ name: 'proxy', address: 'proxy', port: 22 }], backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'] },
      });
    }
  });

  it('without slots neither strategy has a place', () => {
    expect(() => manifestOf({}, Strategy.blueGreen())).toThrow('the target has none');
    expect(() => manifestOf({}, Strategy.canary({ steps: [CanaryStep.weight(5)] }))).toThrow('setWeight');
  });

  it('needs the host keys of the proxies, and a proxy that is one', () => {
    expect(() => manifestOf({ slots: ServerSlots.haproxy({ hosts: ['other'], backend: 'shop' }) })).toThrow('Target.servers hostKeys: there is no key of \'other\'');
    expect(() => manifestOf({ slots: ServerSlots.haproxy({ hosts: ['deploy@proxy'], backend: 'shop' }) })).toThrow('ServerSlots.haproxy hosts: \'deploy@proxy\' names an account');
    expect(() => manifestOf({ slots: { backend: 'shop' } as unknown as ServerSlots })).toThrow('Write ServerSlots.haproxy({ backend: \'shop\' })');
  });

  it('two environments need folders of their own', () => {
    const project = plainProject();
    const target = Target.servers({ ...HOSTS, slots });
    expect(() => {
      deliver(project, { environments: ['staging', 'production'].map((name) => environment(name, { target, strategy: Strategy.blueGreen(), trigger: Trigger.tag(`${name}-*`) })) });
      synthesize(project);
    }).toThrow('/srv/shop on web1');
  });
});

it('two environments need a backend of HAProxy of their own: each gives the servers of the other one the weight 0', () => {
  const of = (name: string, backend: string) => {
    const slots = ServerSlots.haproxy({ hosts: ['proxy'], backend, servers: ['web1-{slot}', 'web2-{slot}'] });
    const target = Target.servers({ ...HOSTS, directory: `/srv/${name}`, slots });
    return environment(name, { target, strategy: Strategy.blueGreen(), trigger: Trigger.tag(`${name}-*`) });
  };
  expect(() => deliver(plainProject(), { environments: [of('staging', 'shop'), of('production', 'shop')] })).toThrow('the backend shop of HAProxy on proxy');
  expect(() => deliver(plainProject(), { environments: [of('staging', 'staging'), of('production', 'shop')] })).not.toThrow();
});

describe('ServerSlots.haproxy', () => {
  it('has defaults for one HAProxy on each host', () => {
    expect(ServerSlots.haproxy({ backend: 'shop' })._definition).toEqual({
      hosts: undefined, proxy: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', backend: 'shop', servers: ['{slot}'], stateFile: undefined },
    });
  });

  it('takes every option', () => {
    expect(ServerSlots.haproxy({
      hosts: ['proxy.example.com'], socket: '[::1]:9999', backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'], stateFile: '/var/lib/haproxy/state/servers',
    })._definition).toEqual({
      hosts: ['proxy.example.com'], proxy: { kind: 'haproxy', socket: '[::1]:9999', backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'], stateFile: '/var/lib/haproxy/state/servers' },
    });
  });

  it.each<[unknown, string]>([
    [{}, 'ServerSlots.haproxy backend: it is missing. Write \'shop\''],
    [{ backend: 'my shop' }, 'ServerSlots.haproxy backend: \'my shop\' is not a name of HAProxy. Write the name as in HAProxy\'s configuration, for example \'shop\''],
    [{ backend: 'BACKEND' }, '\'BACKEND\' is not a name of HAProxy'],
    [{ backend: 'shop', hosts: [] }, 'ServerSlots.haproxy hosts: it is empty. Name the machines'],
    [{ backend: 'shop', hosts: 'proxy' }, 'ServerSlots.haproxy hosts: \'proxy\' is not a list. Write [\'proxy\']'],
    [{ backend: 'shop', servers: [] }, 'ServerSlots.haproxy servers: it is empty. Name a server, for example [\'{slot}\']'],
    [{ backend: 'shop', servers: ['web1'] }, 'ServerSlots.haproxy servers: \'web1\' is the same server for both slots. Use {slot} in its name: \'web1-{slot}\''],
    [{ backend: 'shop', servers: ['web1 {slot}'] }, '\'web1 {slot}\' is not a name of HAProxy'],
    [{ backend: 'shop', servers: ['web1;{slot}'] }, '\'web1;{slot}\' is not a name of HAProxy'],
    [{ backend: 'shop', servers: ['{slot}', '{slot}'] }, 'ServerSlots.haproxy servers: \'{slot}\' is there twice. Write it once'],
    [{ backend: 'shop', socket: 'admin.sock' }, 'ServerSlots.haproxy socket: \'admin.sock\' is not an address. Write the absolute path of a UNIX socket'],
    [{ backend: 'shop', socket: '/run/a,fork' }, 'ServerSlots.haproxy socket: \'/run/a,fork\' is not the absolute path of a file'],
    [{ backend: 'shop', socket: `/${'a'.repeat(107)}` }, 'is longer than the 107 characters of a UNIX socket\'s path. Use a shorter path'],
    [{ backend: 'shop', stateFile: 'state' }, 'ServerSlots.haproxy stateFile: \'state\' is not the absolute path of a file'],
    [{ backend: 'shop', stateFile: '/var/../etc/passwd' }, 'is not the absolute path of a file'],
    [{ backend: 'shop', sockets: '/run/x' }, 'ServerSlots.haproxy sockets: there is no such option'],
  ])('rejects %j', (options, message) => {
    expect(() => ServerSlots.haproxy(options as HaproxySlotsOptions)).toThrow(message);
  });
});

const UPSTREAMS: CaddySlotsOptions = { blue: ['10.0.0.11:3001', '10.0.0.12:3001'], green: ['10.0.0.11:3002', '10.0.0.12:3002'] };

describe('ServerSlots.caddy', () => {
  const canary = (metric: Metric) => Strategy.canary({ steps: [CanaryStep.weight(5)], analysis: [Analysis.errors(metric)] });

  it('is a driver with slots and weights, for blue/green and canaries', () => {
    const slots = ServerSlots.caddy({ ...UPSTREAMS, hosts: ['proxy'] });
    for (const strategy of [Strategy.blueGreen(), canary(Metric.command('./count'))]) {
      const { target } = manifestOf({ slots }, strategy);
      expect(Object.keys(target).sort()).toEqual(['deploy', 'driver', 'promote', 'rollback', 'setWeight']);
      expect(target.driver).toMatchObject({ kind: 'serverSlots', proxy: { kind: 'caddy', hosts: [{ name: 'proxy', address: 'proxy', port: 22 }], admin: 'localhost:2019', ...UPSTREAMS } });
    }
  });

  it('has defaults for one Caddy on each host', () => {
    expect(ServerSlots.caddy(UPSTREAMS)._definition).toEqual({ hosts: undefined, proxy: { kind: 'caddy', admin: 'localhost:2019', ...UPSTREAMS, handler: undefined, healthPath: undefined, weightsFile: undefined } });
  });

  it('takes every option', () => {
    const options = { admin: '/run/caddy/admin.sock', handler: 'shop', healthPath: '/health?full=1', weightsFile: '/etc/caddy/weights/shop' };
    expect(ServerSlots.caddy({ ...UPSTREAMS, ...options, hosts: ['proxy.example.com'] })._definition).toEqual({ hosts: ['proxy.example.com'], proxy: { kind: 'caddy', ...UPSTREAMS, ...options } });
  });

  it('needs the host keys of its machines, and counters that are not those of HAProxy', () => {
    expect(() => manifestOf({ slots: ServerSlots.caddy({ ...UPSTREAMS, hosts: ['other'] }) })).toThrow('Target.servers hostKeys: there is no key of \'other\'');
    expect(() => manifestOf({ slots: ServerSlots.caddy({ ...UPSTREAMS, hosts: ['deploy@proxy'] }) })).toThrow('ServerSlots.caddy hosts: \'deploy@proxy\' names an account');
    expect(() => manifestOf({ slots: ServerSlots.caddy(UPSTREAMS) }, canary(Metric.haproxy({ url: 'https://proxy.example.com/stats', backend: 'shop' }))))
      .toThrow('Metric.haproxy(...) reads the counters of HAProxy, and ServerSlots.caddy(...) sends users through Caddy');
  });

  it('two environments need upstreams of their own', () => {
    const of = (name: string, upstreams: CaddySlotsOptions) => {
      const target = Target.servers({ ...HOSTS, directory: `/srv/${name}`, slots: ServerSlots.caddy({ ...upstreams, hosts: ['proxy'] }) });
      return environment(name, { target, strategy: Strategy.blueGreen(), trigger: Trigger.tag(`${name}-*`) });
    };
    const other: CaddySlotsOptions = { blue: ['10.0.0.11:4001'], green: ['10.0.0.11:4002'] };
    expect(() => deliver(plainProject(), { environments: [of('staging', UPSTREAMS), of('production', UPSTREAMS)] })).toThrow('the upstream 10.0.0.11:3001 of Caddy on proxy');
    expect(() => deliver(plainProject(), { environments: [of('staging', other), of('production', UPSTREAMS)] })).not.toThrow();
  });

  it.each<[unknown, string]>([
    [{}, 'ServerSlots.caddy blue: it is missing. Write [\'10.0.0.11:3001\']'],
    [{ blue: UPSTREAMS.blue }, 'ServerSlots.caddy green: it is missing. Write [\'10.0.0.11:3002\']'],
    [{ blue: [], green: [] }, 'ServerSlots.caddy blue: it is empty. Name an upstream: [\'10.0.0.11:3001\']'],
    [{ blue: 'a:1', green: ['a:2'] }, 'ServerSlots.caddy blue: \'a:1\' is not a list'],
    [{ blue: ['http://a:1'], green: ['a:2'] }, 'ServerSlots.caddy blue: \'http://a:1\' is not an address. Write host:port as Caddy\'s configuration has it, for example \'10.0.0.11:3001\''],
    [{ blue: ['a:1'], green: ['{slot}:2'] }, 'contains a placeholder, which is not replaced here'],
    [{ blue: ['a:1', 'b:1'], green: ['a:2', 'a:1'] }, 'ServerSlots.caddy green: \'a:1\' is an upstream of both slots. Give each slot a port of its own'],
    [{ blue: ['a:1', 'a:1'], green: ['a:2', 'b:2'] }, '\'a:1\' is there twice. Write it once'],
    [{ blue: ['a:1', 'b:1'], green: ['a:2'] }, 'ServerSlots.caddy green: it has 1 upstreams, and blue has 2. Give both slots as many upstreams'],
    [{ ...UPSTREAMS, hosts: [] }, 'ServerSlots.caddy hosts: it is empty. Name the machines that Caddy runs on'],
    [{ ...UPSTREAMS, admin: 'unix//run/caddy.sock' }, 'ServerSlots.caddy admin: \'unix//run/caddy.sock\' is not an address. Write host:port, or the absolute path of a UNIX socket'],
    [{ ...UPSTREAMS, admin: '/run/caddy sock' }, 'ServerSlots.caddy admin: \'/run/caddy sock\' is not the absolute path of a file'],
    [{ ...UPSTREAMS, admin: `/${'a'.repeat(107)}` }, 'is longer than the 107 characters of a UNIX socket\'s path'],
    [{ ...UPSTREAMS, handler: 'a/b' }, 'ServerSlots.caddy handler: \'a/b\' is not an @id'],
    [{ ...UPSTREAMS, healthPath: 'health' }, 'ServerSlots.caddy healthPath: \'health\' is not a path. Write it with a slash at its beginning'],
    [{ ...UPSTREAMS, weightsFile: 'weights' }, 'ServerSlots.caddy weightsFile: \'weights\' is not the absolute path of a file, of letters, digits, \'.\', \'_\', \'-\', \'@\' and \'+\'. Write it as in Caddy\'s configuration'],
    [{ ...UPSTREAMS, socket: '/run/x' }, 'ServerSlots.caddy socket: there is no such option'],
  ])('rejects %j', (options, message) => {
    expect(() => ServerSlots.caddy(options as CaddySlotsOptions)).toThrow(message);
  });
});
