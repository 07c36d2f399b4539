import { CaddyReading, caddyStateIn, caddyWeights, checkResponse, knowsWeightZero, policyLine, responseIn } from '../../../src/engines/servers/runtime/caddy-config';
import { hasShare, ProxyState, trafficOf, wantedWeights } from '../../../src/engines/servers/runtime/slot-weights';
import { CaddySlotsManifest } from '../../../src/engines/servers/slots-manifest';

const SETTINGS: CaddySlotsManifest = { kind: 'caddy', admin: 'localhost:2019', blue: ['a:3001', 'b:3001'], green: ['a:3002', 'b:3002'] };
const DIALS = [...SETTINGS.blue, ...SETTINGS.green];

interface Given {
  readonly dials?: readonly string[];
  readonly weights?: unknown;
  readonly policy?: string;
  readonly more?: object;
}

const handler = ({ dials = DIALS, more, policy = 'weighted_round_robin', weights = [1, 1, 0, 0] }: Given = {}) => ({
  handler: 'reverse_proxy', upstreams: dials.map((dial) => ({ dial })), load_balancing: { selection_policy: { policy, weights } }, ...more,
});
/** As Caddy 2.11 makes it of a Caddyfile. */
const config = (...handlers: readonly object[]) => ({
  servers: { 'the shop': { routes: [{ handle: [{ handler: 'subroute', routes: [{ handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: 'a:3001' }] }] }, { handle: handlers }] }] }] } },
});

function reading(body: unknown, { at = '/config/apps/http', responses = {} }: { readonly at?: string; readonly responses?: Readonly<Record<string, [number, number]>> } = {}): CaddyReading {
  const all = { ...Object.fromEntries(DIALS.map((dial) => [dial, [0, 200] as [number, number]])), ...responses };
  return {
    config: { status: 200, etag: `"${at} 1a2b"`, body: JSON.stringify(body) },
    responses: new Map(Object.entries(all).map(([dial, [exitCode, status]]) => [dial, { exitCode, status }])),
  };
}

function state(given: Given = {}, responses = {}, settings = SETTINGS): ProxyState {
  return caddyStateIn(reading(config(handler(given)), { responses }), settings);
}

describe('a response of curl', () => {
  it('has a status, an ETag and a body', () => {
    expect(responseIn('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nEtag: "/config/apps/http 1a"\r\n\r\n{"a":\n1}\n')).toEqual({ status: 200, etag: '"/config/apps/http 1a"', body: '{"a":\n1}\n' });
    // without a body, and as a shell keeps it
    expect(responseIn('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r')).toMatchObject({ status: 200, etag: undefined });
  });

  it('is none without HTTP: what happened is uncertain', () => {
    expect(() => responseIn('')).toThrow(expect.objectContaining({ kind: 'unavailable' }) as Error);
  });

  it.each([
    [412, '{"error":"If-Match"}', 'conflict', 'someone else changed the configuration of Caddy meanwhile'],
    [404, '{"error":"unknown object ID \'shop\'"}', 'notFound', 'Caddy says: unknown object ID \'shop\' (HTTP 404)'],
    [400, '{"error":"invalid traversal path"}', 'notFound', 'Caddy says: invalid traversal path (HTTP 400)'],
    [403, '{"error":"host not allowed: web"}', 'rejected', 'Caddy says: host not allowed: web (HTTP 403)'],
    [500, 'no JSON', 'rejected', 'Caddy says: no JSON (HTTP 500)'],
  ])('of status %s is an error', (status, body, kind, message) => {
    expect(() => checkResponse({ status, body })).toThrow(expect.objectContaining({ kind, message }) as Error);
  });
});

describe('the upstreams of Caddy', () => {
  it('are those of the slots and others, wherever the handler is', () => {
    const { others, revision, slots } = state({ dials: ['c:9', ...DIALS], weights: [3, 1, 1, 0, 0] });
    expect(slots.green.map(({ name, weight }) => [name, weight])).toEqual([['a:3002', 0], ['b:3002', 0]]);
    expect(others).toEqual([{ name: 'c:9', weight: 3, health: 'waiting', status: 'not checked' }]);
    expect(revision).toEqual({
      path: '/config/apps/http/servers/the%20shop/routes/0/handle/0/routes/1/handle/0/load_balancing/selection_policy/weights', etag: '"/config/apps/http 1a2b"', names: ['c:9', ...DIALS],
    });
  });

  it('are below the path of the handler that an @id names', () => {
    const at = '/config/apps/http/servers/srv0/routes/0/handle/0';
    expect(caddyStateIn(reading(handler(), { at }), { ...SETTINGS, handler: 'shop' }).revision?.path).toBe(`${at}/load_balancing/selection_policy/weights`);
  });

  it.each<[string, Given | undefined, string]>([
    ['without a handler', undefined, 'no reverse_proxy handler of Caddy has the upstreams of both slots (b:3001, a:3002, b:3002 are missing)'],
    ['without one of them', { dials: DIALS.slice(1), weights: [1, 0, 0] }, '(a:3001 is missing)'],
    ['with another policy', { policy: 'random' }, 'has the policy random, which has no weights'],
    ['with other weights', { weights: [1, 0] }, 'has 4 upstreams and other than 4 weights'],
    ['with weights that are none', { weights: [1, 1, 0, '0'] }, 'has 4 upstreams and other than 4 weights'],
    ['that are dynamic', { more: { dynamic_upstreams: { source: 'a' } } }, 'has dynamic upstreams'],
  ])('%s are not found', (_, given, message) => {
    expect(() => caddyStateIn(reading(config(...given ? [handler(given)] : [])), SETTINGS)).toThrow(expect.objectContaining({ kind: 'notFound', message: expect.stringContaining(message) }) as Error);
  });

  it('in two handlers are not one place', () => {
    expect(() => caddyStateIn(reading(config(handler(), handler())), SETTINGS)).toThrow('2 reverse_proxy handlers of Caddy have the upstreams of both slots');
  });

  it('have the health that they show to the machine of Caddy', () => {
    const healthOf = (response: [number, number], healthPath?: string) => {
      const [{ health, status }] = state({}, { 'a:3001': response }, { ...SETTINGS, healthPath }).slots.blue as [ProxyState['slots']['blue'][0]];
      return [health, status];
    };
    expect(healthOf([0, 503])).toEqual(['reached', 'HTTP 503']);
    expect(healthOf([0, 503], '/health')).toEqual(['waiting', 'HTTP 503']);
    expect(healthOf([0, 204], '/health')).toEqual(['reached', 'HTTP 204']);
    expect(healthOf([7, 0])).toEqual(['waiting', 'not reached (curl ends with 7)']);
    expect(healthOf([28, 0])).toEqual(['waiting', 'not responding in time']);
  });
});

describe('the weights', () => {
  const set = (given: Given, percent: number) => {
    const before = state(given);
    return caddyWeights(before, wantedWeights(before, 'green', percent));
  };

  it('are as small as their shares allow: Caddy sends so many requests in a row to an upstream', () => {
    expect(set({}, 5)).toEqual([19, 19, 1, 1]);
    expect(set({}, 50)).toEqual([1, 1, 1, 1]);
    expect(set({}, 100)).toEqual([0, 0, 1, 1]);
    expect(set({ dials: ['c:9', ...DIALS], weights: [3, 1, 1, 0, 0] }, 100)).toEqual([0, 0, 0, 1, 1]);
  });

  it('are exactly the shares', () => {
    for (let percent = 0; percent <= 100; percent++) {
      const after = state({ weights: set({ weights: [7, 7, 7, 8] }, percent) });
      expect([percent, hasShare(after, 'green', percent), trafficOf(after).blue]).toEqual([percent, true, 100 - percent]);
    }
  });

  it('are not set where they are right', () => {
    expect(set({ weights: [19, 19, 1, 1] }, 5)).toBeUndefined();
    // whatever their scale
    expect(set({ weights: [95, 95, 5, 5] }, 5)).toBeUndefined();
  });

  it('are kept in the words of a Caddyfile', () => {
    expect(policyLine([0, 0, 1, 1])).toBe('lb_policy weighted_round_robin 0 0 1 1');
  });
});

it.each([['v2.11.7 h1:abc=', true], ['2.9.0', true], ['v3.0.0', true], ['v2.8.4 h1:abc=', false], ['2.6.2', false], ['', undefined], ['(devel)', undefined]])('%j knows the weight 0: %s', (version, knows) => {
  expect(knowsWeightZero(version)).toBe(knows);
});
