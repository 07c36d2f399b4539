import type { Agent, ClientRequestArgs, RequestOptions } from 'node:http';
import { connect, isIP, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { isLoopback } from '../../contract/deployment-outputs';
import { NamedError } from '../errors';
import { onDemand } from '../lazily';

/**
 * - `unreached`: the proxy cannot be reached
 * - `rejected`: it requires other credentials, forbids the connection, or its address is invalid: a retry does not help
 * - `noService`: the proxy got no connection to the service
 */
export type ProxyFault = 'unreached' | 'rejected' | 'noService';

/** The proxy lets no request through. The message names the proxy without its credentials. */
export class ProxyError extends NamedError {
  constructor(public readonly fault: ProxyFault, message: string) {
    super(message);
  }
}

/** Whether a retry does not help. */
export function isRejectedByProxy(error: unknown): boolean {
  return error instanceof ProxyError && error.fault === 'rejected';
}

/** `true` uses the proxy for loopback, too; `false` never uses it. */
export type ProxyUse = boolean | undefined;

/** Returns the proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY of this process name for a URL, if any. Throws `ProxyError`. */
export function proxyFor(url: URL, useProxy: ProxyUse): URL | undefined {
  if (useProxy === false || (useProxy === undefined && isLoopback(url))) return undefined;
  const named = onDemand.proxyFromEnv().getProxyForUrl(url.href).trim();
  if (named === '') return undefined;
  const proxy = parse(withScheme(named));
  if (proxy) return proxy;
  throw new ProxyError('rejected', `the proxy for ${url.protocol}// cannot be used: set ${url.protocol.slice(0, -1).toUpperCase()}_PROXY to an address such as http://proxy.example.com:3128`);
}

/** For a message: ` through the proxy proxy.example.com:3128`, or nothing. */
export function throughProxy(url: URL, useProxy: ProxyUse): string {
  try {
    const proxy = proxyFor(url, useProxy);
    return proxy ? ` through the proxy ${proxy.host}` : '';
  } catch {
    return '';
  }
}

/** Returns the secrets in the proxy URLs of an environment: everything before the `@`. */
export function proxyCredentials(env: NodeJS.ProcessEnv): string[] {
  const values = Object.entries(env).flatMap(([name, value]) => (/^(https?|all)_proxy$/i.test(name) && value ? [value] : []));
  return values.flatMap((value) => {
    const [, pair] = /^(?:[a-z]+:\/\/)?([^/]*)@/i.exec(value.trim()) ?? [];
    if (pair === undefined) return [];
    const password = pair.slice(pair.indexOf(':') + 1);
    return [pair, password].flatMap((text) => (isDecodable(text) ? [text, decodeURIComponent(text)] : [text]));
  });
}

/** Returns the options that send a request through the proxy: https in a tunnel, plain http with the whole URL as its path. */
export function optionsThrough(proxy: URL, { headers, signal, url }: Through): RequestOptions {
  if (url.protocol === 'https:') return { agent: tunnel(proxy, signal) };
  return {
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: { host: url.host, ...headers, ...authorization(proxy) },
    agent: forwarder(proxy, signal),
  };
}

interface Through {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

/** The statuses of a proxy or gateway that got no connection to the service. */
export const GATEWAY_FAULTS = [502, 503, 504];

/** Returns why the proxy rejected the connection, from the message of the tunnel's library. */
function rejection(proxy: URL, error: unknown): ProxyError {
  const { code, message } = error as NodeJS.ErrnoException;
  const status = Number(/^Bad response: (\d{3})$/.exec(message)?.[1]);
  if (Number.isNaN(status)) return new ProxyError('unreached', `the proxy ${proxy.host} cannot be reached (${code ?? 'no connection'})`);
  return GATEWAY_FAULTS.includes(status)
    ? new ProxyError('noService', `the proxy ${proxy.host} got no connection to the service (HTTP ${status})`)
    : rejectedWith(proxy, status);
}

export function rejectedWith(proxy: URL, status: number): ProxyError {
  return new ProxyError('rejected', `the proxy ${proxy.host} ${status === 407 ? 'requires other credentials' : 'refuses the connection'} (HTTP ${status})`);
}

type Connected = (error: Error | null, connection: Duplex) => void;

/** Returns an agent that opens a tunnel through the proxy for one request. It stops with its signal. */
function tunnel(proxy: URL, signal: AbortSignal): Agent {
  class Tunnel extends onDemand.hpagent().HttpsProxyAgent {
    public createConnection(options: ClientRequestArgs, done: Connected): undefined {
      // CONNECT names an IPv6 address in brackets
      const host = isIPv6(options.host ?? '') ? `[${options.host}]` : options.host;
      super.createConnection({ ...options, host }, (error, connection) => done(error && rejection(proxy, error), connection));
    }
  }
  const request: object = { signal };
  return new Tunnel({ proxy, proxyRequestOptions: request });
}

/** Returns an agent that connects to the proxy instead. */
function forwarder(proxy: URL, signal: AbortSignal): Agent {
  const isTls = proxy.protocol === 'https:';
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: Number(proxy.port) || (isTls ? 443 : 80), signal };
  class Forwarder extends onDemand.http().Agent {
    public createConnection(_: ClientRequestArgs, done: Connected): undefined {
      const connection = isTls ? onDemand.tls().connect({ ...to, servername: isIP(host) ? '' : host }) : connect(to);
      const fail = (error: Error) => done(rejection(proxy, error), connection);
      connection.once('error', fail);
      connection.once(isTls ? 'secureConnect' : 'connect', () => {
        connection.off('error', fail);
        done(null, connection);
      });
    }
  }
  return new Forwarder();
}

function authorization({ password, username }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(decodeURIComponent(`${username}:${password}`)).toString('base64')}` };
}

/** A proxy without a scheme uses plain HTTP, as in curl; the library would use the scheme of the request. */
function withScheme(named: string): string {
  return Object.values(process.env).some((value) => value?.trim() === named) ? named : named.replace(/^[a-z]+:\/\//, 'http://');
}

function parse(named: string): URL | undefined {
  if (!URL.canParse(named)) return undefined;
  const proxy = new URL(named);
  const isUsable = /^https?:$/.test(proxy.protocol) && proxy.hostname !== '' && [proxy.username, proxy.password].every(isDecodable);
  return isUsable ? proxy : undefined;
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}
