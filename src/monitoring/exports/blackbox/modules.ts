import { CertificateCheckManifest, DnsCheckManifest, PrometheusCheckManifest, TcpCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { show } from '../../../validation/validation-error';
import { Difference, Json, leftOut, Mapped } from '../engine';
import { goDuration, vectorQuery } from '../notation';
import { portablePattern } from '../portable-pattern';

/** The exporter's name in messages. */
export const EXPORTER = 'the blackbox exporter';

/** Settings that do not come from the health checks. */
export interface BlackboxSettings {
  readonly intervalMs: number;
  /** Host and port at which Prometheus reaches the exporter. */
  readonly exporter: string;
  /** The oldest version of the exporter that must accept the modules: major and minor. */
  readonly exporterVersion: readonly [number, number];
  /** The folder in which the exporter finds a file for each secret. */
  readonly secretsDirectory: string;
  /** Labels of every alert. */
  readonly labels: Record<string, string>;
}

/**
 * Prometheus drops a series, and ends its alerts, after 5 minutes without a sample. This interval leaves room for one lost sample.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
 */
export const LONGEST_INTERVAL_MS = 120_000;

/** A query that Prometheus runs without the exporter. The health check fails while it has a result. */
export interface Query {
  readonly query: string;
}

/** A module of the blackbox exporter for one health check, and the conditions on its measurements. */
export interface Module {
  readonly module: Json;
  /** The address that is probed. */
  readonly target: string;
  /** A probe that takes longer fails. */
  readonly maxLatencyMs?: number;
  /** The remaining validity that the certificates must exceed. */
  readonly certificateExpiryMs?: number;
}

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#tcp_probe */
export function tcpModule({ address, expect, name, send, timeoutMs }: TcpCheckManifest): Mapped<Module> {
  const differences: Difference[] = [];
  const talk: Json[] = [];
  if (send !== undefined) {
    if (!send.endsWith('\n')) differences.push({ condition: `send ${show(send)}`, why: 'the exporter adds a line break to it' });
    talk.push({ send: send.replace(/\n$/, '') });
  }
  if (expect !== undefined) {
    talk.push({ expect: portablePattern(`health check ${show(name)} expect`, expect, EXPORTER) });
    differences.push({ condition: `expect ${show(expect)}`, why: 'the exporter matches each line separately', isRemark: true });
  }
  const tcp = { preferred_ip_protocol: 'ip4', ...(talk.length > 0 ? { query_response: talk } : {}) };
  return { config: { module: { prober: 'tcp', timeout: goDuration(timeoutMs), tcp }, target: showAddress(address) }, differences };
}

/** Performs only a TLS handshake; the alert rule checks the validity of the certificates. */
export function certificateModule({ address, timeoutMs, validForMs }: CertificateCheckManifest): Mapped<Module> {
  const module = { prober: 'tcp', timeout: goDuration(timeoutMs), tcp: { preferred_ip_protocol: 'ip4', tls: true } };
  return { config: { module, target: showAddress(address), certificateExpiryMs: validForMs }, differences: [] };
}

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#dns_probe */
export function dnsModule({ host, type, records, resolver, timeoutMs }: DnsCheckManifest): Mapped<Module> {
  if (resolver === undefined) return leftOut('dns', 'the exporter needs the address of a DNS server, and the check sets no resolver');
  const dns = {
    preferred_ip_protocol: 'ip4',
    query_name: host,
    query_type: type,
    validate_answer_rrs: { fail_if_none_matches_regexp: [`\\tIN\\t${type}\\t${records.length > 0 ? recordPattern(type, records[0]) : ''}`] },
  };
  return {
    config: { module: { prober: 'dns', timeout: goDuration(timeoutMs), dns }, target: resolver },
    differences: records.length > 1 ? [{ condition: `records ${records.slice(1).join(', ')}`, why: 'the exporter can require only one record: the first' }] : [],
  };
}

/** Matches a record as the exporter prints it, up to its end. */
function recordPattern(type: DnsCheckManifest['type'], record: string): string {
  const literal = (text: string) => text.replace(/[^\w ]/gu, (char) => (char.charCodeAt(0) < 0x7f ? `\\${char}` : '.+'));
  if (type === 'TXT') return `"${literal(record)}"$`;
  if (type === 'AAAA') return `${literal(new URL(`http://[${record}]`).hostname.slice(1, -1))}$`;
  return `(?i:${literal(record.replace(/\.$/, ''))})\\.?$`;
}

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** Selects series that violate the condition. No data and NaN select nothing, so the alert does not fire. */
export function prometheusQuery({ query, operator, value, url }: PrometheusCheckManifest): Mapped<Query> {
  const { vector, unknown } = vectorQuery(query);
  if (vector === undefined) return leftOut('prometheus', `${unknown}, and Prometheus rejects every rule of a file that contains an invalid one`);
  return {
    // the query may end in a comment
    config: { query: `count((${vector}\n) ${OPPOSITE[operator]} ${value}) > 0` },
    differences: [{ condition: 'prometheus', why: `the rule queries the Prometheus that loads it, not ${url}`, isRemark: true }],
  };
}
