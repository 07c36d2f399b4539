import { HTTP_METRIC_OPTIONS, httpMetric, HttpMetricOptions } from './http-metric';
import { metricTimes } from './metric-options';
import { isLoopback } from '../contract/deployment-outputs';
import { fillPlaceholders, HaproxyMetricManifest, hasPlaceholder } from '../contract/metric-manifest';
import { hostAndPort } from '../validation/host-and-port';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for the counters of HAProxy: where its statistics are, and which servers have the releases.
 */
export interface HaproxyMetricOptions extends HttpMetricOptions {
  /**
   * The URL of the statistics page (`stats uri`), without `;csv`. Set this or `socket`.
   *
   * @default - the statistics come from `socket`
   */
  readonly url?: string;

  /**
   * The runtime API (`stats socket`): the path of a UNIX socket on the runner, or `host:port`. The API has no sign-in and no encryption, so
   * a host other than loopback needs `allowInsecure`. Set this or `url`.
   *
   * @default - the statistics come from `url`
   */
  readonly socket?: string;

  /** The backend that the servers belong to. It is in `mode http`. */
  readonly backend: string;

  /**
   * The servers of the canary, by their names in the backend. `{slot}`, `{version}` and `{sha}` stand for the slot (`blue` or `green`), the
   * version and the commit of the release.
   *
   * @default ['{slot}']
   */
  readonly canaryServers?: string[];

  /**
   * The servers of Stable.
   *
   * @default - those of `canaryServers`, whose placeholders then stand for Stable
   */
  readonly stableServers?: string[];
}

const HAPROXY_OPTIONS: OptionNames<HaproxyMetricOptions> = {
  ...HTTP_METRIC_OPTIONS, url: true, socket: true, backend: true, canaryServers: true, stableServers: true,
};
const WITHIN = 'Metric.haproxy';
const EXAMPLE = '{ url: \'https://haproxy.example.com/stats\', backend: \'shop\' }';

export function haproxyMetric(options: HaproxyMetricOptions): HaproxyMetricManifest {
  const { backend, canaryServers, stableServers } = optionsOf(WITHIN, options, HAPROXY_OPTIONS, EXAMPLE);
  const { name, ...place } = placeOf(options);
  checkName(`${WITHIN} backend`, backend, 'shop');
  if (hasPlaceholder(backend)) invalid(`${WITHIN} backend`, `${show(backend)} has a placeholder, which is not replaced here`, 'Write the backend that has the servers of both releases');
  const canary = serversOf(`${WITHIN} canaryServers`, canaryServers ?? ['{slot}']);
  const stable = stableServers === undefined ? canary : serversOf(`${WITHIN} stableServers`, stableServers);
  const same = canary.find((server) => stable.includes(server) && !hasPlaceholder(server));
  if (same !== undefined) {
    invalid(`${WITHIN} ${stableServers === undefined ? 'canaryServers' : 'stableServers'}`, `the server ${show(same)} is one of the canary and of Stable`,
      'Use {slot} in its name, or set stableServers to the other ones');
  }
  return { kind: 'haproxy', name, ...metricTimes(WITHIN, options), ...place, backend, canaryServers: canary, stableServers: stable, ...httpMetric(WITHIN, options) };
}

function placeOf({ allowInsecure = false, secretRequestHeaders, socket, url, useProxy }: HaproxyMetricOptions): Pick<HaproxyMetricManifest, 'name' | 'url' | 'socket'> {
  if (url === undefined && socket === undefined) invalid(`${WITHIN} url`, 'neither url nor socket is set', `Write ${EXAMPLE}`);
  if (url !== undefined && socket !== undefined) invalid(`${WITHIN} socket`, 'url is set, too', 'Remove one of them');
  if (url !== undefined) {
    const address = webAddress(`${WITHIN} url`, url, allowInsecure);
    if (/;|\?/.test(address.href)) invalid(`${WITHIN} url`, `${show(url)} has more than the address of the page`, 'Write it as in stats uri: ;csv is appended');
    return { name: `HAProxy ${address.host}`, url };
  }
  const unused = Object.entries({ secretRequestHeaders, useProxy }).find(([, value]) => value !== undefined);
  if (unused) invalid(`${WITHIN} ${unused[0]}`, 'it is for HTTP, but the statistics come from socket', 'Remove it, or set url instead of socket');
  return { name: `HAProxy ${show(socket)}`, socket: socketOf(socket!, allowInsecure) };
}

function socketOf(socket: string, allowInsecure: boolean): HaproxyMetricManifest['socket'] {
  const option = `${WITHIN} socket`;
  // the length that Linux allows
  if (typeof socket === 'string' && socket.startsWith('/') && socket.length < 108 && !/\p{Cc}/u.test(socket)) return { path: socket };
  const address = hostAndPort(option, socket, { fix: 'Write the absolute path of a UNIX socket, \'/run/haproxy/admin.sock\', or host:port' });
  if (!allowInsecure && !isLoopback(new URL(`http://${address.host.includes(':') ? `[${address.host}]` : address.host}`))) {
    invalid(option, `${show(socket)} is not on loopback, and the API has no encryption and no sign-in`, 'Use the statistics page over https, or set allowInsecure: true');
  }
  return address;
}

function serversOf(option: string, servers: string[]): string[] {
  if (listOf(option, servers, '\'{slot}\'').length === 0) invalid(option, 'it is empty', 'Name a server, for example [\'{slot}\']');
  for (const server of servers) checkName(option, server, '{slot}');
  const twice = servers.find((server, index) => servers.indexOf(server) < index);
  if (twice !== undefined) invalid(option, `${show(twice)} is there twice, so its requests would count twice`, 'Write it once');
  return servers;
}

/** @see https://docs.haproxy.org/2.6/configuration.html#2.2 */
function checkName(option: string, name: string, example: string): void {
  if (name === undefined) invalid(option, 'it is missing', `Write ${show(example)}`);
  if (typeof name === 'string' && /^[A-Za-z0-9_.:-]{1,200}$/.test(fillPlaceholders(name, () => 'x')) && !['BACKEND', 'FRONTEND'].includes(name)) return;
  invalid(option, `${show(name)} is not a name of HAProxy`, `Write the name as in HAProxy's configuration, for example ${show(example)}`);
}
