import { checkSet, proxyStateIn, serversOf, weightCommands } from '../../../src/engines/servers/runtime/haproxy-steps';
import { describeTraffic, promoteStep, ProxyState, readinessOf, slotWithAll, trafficOf, wantedWeights } from '../../../src/engines/servers/runtime/slot-weights';
import { HaproxySlotsManifest } from '../../../src/engines/servers/slots-manifest';

const SETTINGS: HaproxySlotsManifest = { kind: 'haproxy', socket: '/run/haproxy/admin.sock', backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'] };

/** What HAProxy 2.6 prints, without most columns. */
function shown(weights: Readonly<Record<string, number>>, status: Readonly<Record<string, string>> = {}): string {
  const rows = Object.entries(weights).map(([name, weight]) => `shop,${name},0,,${status[name] ?? 'UP'},${weight},"L7OK, 200"`);
  return ['# pxname,svname,qcur,slim,status,weight,check_desc', ...rows, '', ''].join('\n');
}

function state(blue: number, green: number, changes: Parameters<typeof shown> = [{}]): ProxyState {
  return proxyStateIn(shown({ 'web1-blue': blue, 'web2-blue': blue, 'web1-green': green, 'web2-green': green, ...changes[0] }, changes[1]), SETTINGS);
}

describe('the servers of HAProxy', () => {
  it('are those of the slots and others', () => {
    const { others, slots } = state(100, 0, [{ maintenance: 0 }, { 'web1-green': 'DOWN 1/2' }]);
    expect(slots.green).toEqual([{ name: 'web1-green', weight: 0, status: 'DOWN 1/2', health: 'waiting' }, { name: 'web2-green', weight: 0, status: 'UP', health: 'reached' }]);
    expect(others).toEqual([{ name: 'maintenance', weight: 0, status: 'UP', health: 'reached' }]);
    expect(serversOf(SETTINGS, 'blue')).toEqual(['web1-blue', 'web2-blue']);
  });

  it.each([
    ['No such proxy.\n\n', 'HAProxy has no backend shop'],
    [shown({ 'web1-blue': 1, 'web2-blue': 1, 'web1-green': 1 }), 'the backend shop of HAProxy has no server web2-green'],
    ['Unknown command\n', 'this is no CSV of HAProxy\'s statistics: "Unknown command"'],
    [shown({ 'web1-blue': Number.NaN }), 'HAProxy shows no weight of the server web1-blue'],
  ])('cannot be read from %j', (text, message) => {
    expect(() => proxyStateIn(text, SETTINGS)).toThrow(message);
  });
});

describe('the shares of users', () => {
  it('follow the weights', () => {
    expect(trafficOf(state(95, 5))).toEqual({ blue: 95, green: 5, others: 0 });
    expect(trafficOf(state(1, 0, [{ old: 2 }]))).toEqual({ blue: 50, green: 0, others: 50 });
    expect(trafficOf(state(0, 0))).toEqual({ blue: 0, green: 0, others: 0 });
  });

  it('are all of one slot only if every HAProxy says so', () => {
    const [blue, split] = [trafficOf(state(7, 0)), trafficOf(state(95, 5))];
    expect([slotWithAll([blue, blue]), slotWithAll([blue, split]), slotWithAll([])]).toEqual(['blue', undefined, undefined]);
    expect(describeTraffic([blue, blue])).toBe('blue');
    expect(describeTraffic([blue, split])).toBe('blue, elsewhere blue with 95 % and green with 5 %');
    expect(describeTraffic([trafficOf(state(0, 0))])).toBe('neither slot (all weights are 0)');
  });
});

describe('the next step', () => {
  it('is none where the slot has all users', () => {
    expect(promoteStep(trafficOf(state(0, 3)), 'green', false)).toBe('done');
  });

  it('of a deployment takes users from the other slot only, and of a rollback from everywhere', () => {
    const foreign = trafficOf(state(50, 0, [{ old: 50 }]));
    expect([promoteStep(foreign, 'green', false), promoteStep(foreign, 'green', true)]).toEqual(['elsewhere', 'set']);
    expect(promoteStep(trafficOf(state(75, 25)), 'green', false)).toBe('set');
    expect([promoteStep(trafficOf(state(0, 0)), 'green', false), promoteStep(trafficOf(state(0, 0)), 'green', true)]).toEqual(['elsewhere', 'set']);
  });

  it('sets what differs, and what grows before what shrinks', () => {
    const before = state(100, 0, [{ 'web2-green': 5, 'old': 3 }]);
    expect(weightCommands(before, SETTINGS, wantedWeights(before, 'green', 5))).toEqual([
      'set server shop/web1-green weight 5', 'set server shop/old weight 0', 'set server shop/web1-blue weight 95', 'set server shop/web2-blue weight 95',
    ]);
    expect(weightCommands(state(95, 5), SETTINGS, wantedWeights(state(95, 5), 'green', 5))).toEqual([]);
  });
});

describe('what HAProxy says to a change', () => {
  it('nothing is success', () => {
    expect(() => checkSet('\n\n\n')).not.toThrow();
  });

  it.each([
    ['\nNo such server.\n\n', 'notFound', 'HAProxy says: No such server.'],
    ['Permission denied\n\n', 'accessDenied', 'level admin'],
    ['Absolute weight can only be between 0 and 256 inclusive.\n', 'rejected', 'HAProxy says: Absolute weight'],
  ])('%j is an error', (text, kind, message) => {
    expect(() => checkSet(text)).toThrow(expect.objectContaining({ kind, message: expect.stringContaining(message) }) as Error);
  });
});

describe('a slot', () => {
  const readiness = (status: Readonly<Record<string, string>>, isEnough: 'one' | 'all' = 'all') => readinessOf(state(100, 0, [{}, status]), 'green', isEnough);

  it.each([
    [{}, 'ready'],
    [{ 'web1-green': 'no check', 'web2-green': 'UP 1/3' }, 'ready'],
    // a person works on one host
    [{ 'web1-green': 'MAINT' }, 'ready'],
    [{ 'web1-green': 'DOWN' }, 'waiting'],
    [{ 'web1-green': 'DOWN', 'web2-green': 'MAINT' }, 'waiting'],
    [{ 'web1-green': 'DRAIN', 'web2-green': 'MAINT (via shop/x)' }, 'out'],
  ])('with %j is %s for a deployment', (status, kind) => {
    expect(readiness(status).kind).toBe(kind);
  });

  it('is enough for a rollback with one server, and says which are missing', () => {
    expect(readiness({ 'web1-green': 'DOWN 1/2' }, 'one').kind).toBe('ready');
    expect(readiness({ 'web1-green': 'DOWN 1/2', 'web2-green': 'DOWN' }, 'one'))
      .toEqual({ kind: 'waiting', why: 'HAProxy finds 0 of 2 servers of green ready (web1-green is DOWN 1/2, web2-green is DOWN)' });
  });
});
