import { connect } from 'node:net';
import { fetchText } from './fetch-text';
import { countsOf, statsIn } from './haproxy-stats';
import { textFor } from './metric-source';
import type { MetricContext, MetricSource } from './metric-source';
import { NoDataError, scrapeWithin } from './no-data';
import { HaproxyMetricManifest } from '../../contract/metric-manifest';
import { Scrape } from '../analysis/counters';
import { networkFault } from '../probing/network-fault';
import { safeLine } from '../reporting/untrusted-text';

const LIMIT_BYTES = 8 * 1024 * 1024;

/** Reads HAProxy's own counters. They are of this moment. */
export class HaproxyMetricSource implements MetricSource {
  constructor(private readonly manifest: HaproxyMetricManifest, private readonly context: MetricContext) {}

  public scrape(signal: AbortSignal): Promise<Scrape> {
    const { backend, canaryServers, stableServers, timeoutMs } = this.manifest;
    const { canary, stable } = this.context;
    return scrapeWithin('HAProxy', timeoutMs, this.context, signal, async (end, atMs) => {
      const [ofCanary, ofStable] = [canaryServers.map((name) => textFor(canary, name)), stableServers.map((name) => textFor(stable, name))];
      const shared = ofCanary.find((name) => ofStable.includes(name));
      if (shared !== undefined) throw new NoDataError(`Canary and Stable have the same server "${safeLine(shared, 60)}"`);
      const rows = statsIn(await this.read(end));
      return {
        canary: { ...countsOf(rows, backend, ofCanary), measuredAtMs: atMs },
        stable: { ...countsOf(rows, backend, ofStable), measuredAtMs: atMs },
      };
    });
  }

  private async read(signal: AbortSignal): Promise<string> {
    const { secretRequestHeaders, socket, url, useProxy } = this.manifest;
    if (url === undefined) return show(socket!, signal);
    const { status, text } = await fetchText({ source: 'HAProxy', url: new URL(`${url};csv`), secretRequestHeaders, useProxy, signal }, this.context);
    if (status === 401 || status === 403) throw new NoDataError(`HAProxy does not accept the credentials (${status}). Check the value of the secret in secretRequestHeaders`);
    if (status !== 200) throw new NoDataError(`HAProxy responds with ${status} instead of its statistics`);
    return text;
  }
}

/** Runs `show stat` of the runtime API, which then closes the connection. */
function show(socket: NonNullable<HaproxyMetricManifest['socket']>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const connection = connect(socket, () => connection.write('show stat\n'));
    const stop = () => connection.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    connection.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LIMIT_BYTES) connection.destroy(new NoDataError(`the response of HAProxy is longer than ${LIMIT_BYTES / 1024 / 1024} MiB`));
    });
    connection.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    connection.on('error', (error) => reject(signal.aborted || error instanceof NoDataError ? error : new NoDataError(`HAProxy does not respond (${networkFault(error).saw})`)));
    connection.on('close', () => signal.removeEventListener('abort', stop));
  });
}
