import { Module } from './module';
import { DnsCheckManifest } from '../../../contract/manifest';
import { leftOut, Mapped } from '../engine';
import { goDuration } from '../go-duration';

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#dns_probe */
export function dnsModule({ host, type, records, resolver, timeoutMs }: DnsCheckManifest): Mapped<Module> {
  if (resolver === undefined) return leftOut('dns', 'the exporter asks one server, and the check names none: resolver');
  const dns = {
    preferred_ip_protocol: 'ip4',
    query_name: host,
    query_type: type,
    validate_answer_rrs: { fail_if_none_matches_regexp: [`\\tIN\\t${type}\\t${records.length > 0 ? recordPattern(type, records[0]) : ''}`] },
  };
  return {
    made: { module: { prober: 'dns', timeout: goDuration(timeoutMs), dns }, target: resolver },
    differences: records.length > 1 ? [{ condition: `records ${records.slice(1).join(', ')}`, why: 'the exporter can demand one record of an answer: the first' }] : [],
  };
}

/** As the exporter prints a record, to its end. */
function recordPattern(type: DnsCheckManifest['type'], record: string): string {
  const literal = (text: string) => text.replace(/[^\w ]/gu, (char) => (char.charCodeAt(0) < 0x7f ? `\\${char}` : '.+'));
  if (type === 'TXT') return `"${literal(record)}"$`;
  if (type === 'AAAA') return `${literal(new URL(`http://[${record}]`).hostname.slice(1, -1))}$`;
  return `(?i:${literal(record.replace(/\.$/, ''))})\\.?$`;
}
