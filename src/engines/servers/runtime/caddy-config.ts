/** Reads the upstreams of Caddy in its configuration, and decides what sets their weights. Pure. The texts of Caddy are untrusted. */
import { ProxyServer, ProxyState, Slot } from './slot-weights';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';
import { CaddySlotsManifest } from '../slots-manifest';

/** A response of the admin API. */
export interface CaddyResponse {
  readonly status: number;
  readonly etag?: string;
  readonly body: string;
}

/** What one look at a machine with Caddy shows. */
export interface CaddyReading {
  readonly config: CaddyResponse;
  /** By upstream: how it responded to this machine. */
  readonly responses: ReadonlyMap<string, UpstreamResponse>;
}

/** How an upstream responded to the machine of Caddy. */
export interface UpstreamResponse {
  /** The exit code of curl. */
  readonly exitCode: number;
  readonly status: number;
}

interface Handler {
  /** Below the configuration that was read. */
  readonly path: readonly string[];
  readonly dials: readonly string[];
  readonly policy: unknown;
  readonly weights: unknown;
  readonly isDynamic: boolean;
}

/** The policy of the one handler that the weights are of. */
const POLICY = 'weighted_round_robin';

/** Returns the response that `curl -i` printed. Throws `EngineError`. */
export function responseIn(text: string): CaddyResponse {
  const [, status, head = '', body = ''] = /^HTTP\/\S+ (\d{3})[^\n]*\n((?:[^\r\n]+\r?\n)*)\r?\n?([^]*)$/.exec(text) ?? [];
  if (status === undefined) throw new EngineError('unavailable', 'Caddy did not respond with HTTP');
  return { status: Number(status), etag: /^etag: *(\S[^\r\n]*?)\r?$/im.exec(head)?.[1], body };
}

/** Throws `EngineError` for a response that is none of success. */
export function checkResponse({ body, status }: CaddyResponse): void {
  if (status >= 200 && status < 300) return;
  const said = `Caddy says: ${safeLine(errorIn(body), 300)} (HTTP ${status})`;
  if (status === 412) throw new EngineError('conflict', 'someone else changed the configuration of Caddy meanwhile');
  throw new EngineError(status === 400 || status === 404 ? 'notFound' : 'rejected', said);
}

function errorIn(body: string): string {
  const value = jsonIn(body);
  return isRecord(value) && typeof value.error === 'string' ? value.error : body;
}

/**
 * Returns the upstreams of the handler that has those of both slots. Throws `EngineError`.
 * @see https://caddyserver.com/docs/json/apps/http/servers/routes/handle/reverse_proxy/
 */
export function caddyStateIn({ config, responses }: CaddyReading, settings: CaddySlotsManifest): ProxyState {
  checkResponse(config);
  // the path of a handler that its @id names is in the ETag
  const { etag = '' } = config;
  const root = /^"(\S+) [0-9a-f]+"$/.exec(etag)?.[1];
  if (root === undefined) throw new EngineError('rejected', 'the configuration of Caddy has no ETag');
  const handler = handlerOf(handlersIn(jsonIn(config.body), []), settings);
  const weights = weightsOf(handler);
  const servers = handler.dials.map((name, at): ProxyServer => (
    { name: safeLine(name, 200), weight: weights[at]!, ...healthOf(responses.get(name), settings) }
  ));
  const named = (slot: Slot) => settings[slot].map((name) => servers[handler.dials.indexOf(name)]!);
  const slots = { blue: named('blue'), green: named('green') };
  const path = [root.replace(/\/$/, ''), ...[...handler.path, 'load_balancing', 'selection_policy', 'weights'].map(encodeURIComponent)].join('/');
  return {
    product: 'Caddy',
    slots,
    others: servers.filter((server) => !slots.blue.includes(server) && !slots.green.includes(server)),
    revision: { path, etag, names: servers.map(({ name }) => name) },
  };
}

function handlerOf(all: readonly Handler[], { blue, green, handler }: CaddySlotsManifest): Handler {
  const wanted = [...blue, ...green];
  const missing = (one: Handler) => wanted.filter((dial) => !one.dials.includes(dial));
  const fitting = all.filter((one) => missing(one).length === 0);
  const [only, second] = fitting;
  if (only && !second) return only;
  if (second) {
    throw new EngineError('notFound', `${fitting.length} reverse_proxy handlers of Caddy have the upstreams of both slots, and the weights of one are set`);
  }
  const nearest = all.map(missing).sort((one, other) => one.length - other.length)[0] ?? wanted;
  const where = handler === undefined ? 'no reverse_proxy handler of Caddy has' : `the handler ${handler} of Caddy does not have`;
  throw new EngineError('notFound', `${where} the upstreams of both slots (${nearest.join(', ')} ${nearest.length === 1 ? 'is' : 'are'} missing)`);
}

function weightsOf({ dials, isDynamic, policy, weights }: Handler): readonly number[] {
  if (isDynamic) throw new EngineError('notFound', 'the reverse_proxy handler of Caddy has dynamic upstreams, which have no weights');
  if (policy !== POLICY) throw new EngineError('notFound', `the reverse_proxy handler of Caddy has the policy ${safeLine(String(policy ?? 'random'), 60)}, which has no weights`);
  const isWeight = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  if (!Array.isArray(weights) || !weights.every(isWeight) || weights.length !== dials.length) {
    throw new EngineError('notFound', `the reverse_proxy handler of Caddy has ${dials.length} upstreams and other than ${dials.length} weights`);
  }
  return weights;
}

function healthOf(response: UpstreamResponse | undefined, { healthPath }: CaddySlotsManifest): Pick<ProxyServer, 'health' | 'status'> {
  if (response === undefined) return { health: 'waiting', status: 'not checked' };
  const { exitCode, status } = response;
  if (exitCode !== 0) return { health: 'waiting', status: exitCode === 28 ? 'not responding in time' : `not reached (curl ends with ${exitCode})` };
  const isGood = healthPath === undefined || (status >= 200 && status < 300);
  return { health: isGood ? 'reached' : 'waiting', status: `HTTP ${status}` };
}

/** Handlers are nested: those of a subroute are in its routes. */
function handlersIn(value: unknown, path: readonly string[]): Handler[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => handlersIn(one, [...path, String(at)]));
  if (!isRecord(value)) return [];
  const nested = Object.entries(value).flatMap(([name, one]) => handlersIn(one, [...path, name]));
  if (value.handler !== 'reverse_proxy') return nested;
  const balancing = isRecord(value.load_balancing) ? value.load_balancing : {};
  const selection = isRecord(balancing.selection_policy) ? balancing.selection_policy : {};
  const upstreams: readonly unknown[] = Array.isArray(value.upstreams) ? value.upstreams : [];
  const dials = upstreams.map((one) => (isRecord(one) && typeof one.dial === 'string' ? one.dial : ''));
  return [{ path, dials, policy: selection.policy, weights: selection.weights, isDynamic: value.dynamic_upstreams !== undefined }, ...nested];
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The weights of all upstreams in Caddy's order; undefined if the shares are so already. They are as small as the shares allow: Caddy gives as many
 * requests in a row to an upstream as its weight is.
 */
export function caddyWeights(state: ProxyState, wanted: ReadonlyMap<string, number>): readonly number[] | undefined {
  const before = weightsIn(state);
  const weights = reduced(before.map((weight, at) => wanted.get(state.revision?.names[at] ?? '') ?? weight));
  return reduced(before).every((weight, at) => weight === weights[at]) ? undefined : weights;
}

/** In Caddy's order. */
export function weightsIn({ others, revision, slots }: ProxyState): readonly number[] {
  const all = new Map([...slots.blue, ...slots.green, ...others].map(({ name, weight }) => [name, weight]));
  return (revision?.names ?? []).map((name) => all.get(name) ?? 0);
}

function reduced(weights: readonly number[]): readonly number[] {
  const divisor = Math.max(1, weights.reduce(greatestCommonDivisor, 0));
  return weights.map((weight) => weight / divisor);
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** The line of a Caddyfile with the weights. */
export function policyLine(weights: readonly number[]): string {
  return `lb_policy ${POLICY} ${weights.join(' ')}`;
}

/** Whether a version knows the weight 0; undefined if the text is none. @see https://github.com/caddyserver/caddy/pull/6681 */
export function knowsWeightZero(version: string): boolean | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version.trim()) ?? [];
  return major === undefined ? undefined : Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 9);
}
