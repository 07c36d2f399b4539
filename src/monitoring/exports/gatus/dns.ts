import { Endpoint } from './endpoint';
import { DnsCheckManifest } from '../../../contract/manifest';
import { Difference, leftOut, Mapped } from '../engine';
import { goDuration } from '../go-duration';

/** @see https://github.com/TwiN/gatus#monitoring-an-endpoint-using-dns-queries */
export function dnsEndpoint({ host, type, records, resolver, timeoutMs }: DnsCheckManifest): Mapped<Endpoint> {
  if (resolver === undefined) return leftOut('dns', 'Gatus asks one server, and the check names none: resolver');
  const expected = recordCondition(type, records);
  return {
    made: {
      url: resolver,
      dns: { 'query-type': type, 'query-name': host },
      client: { timeout: goDuration(timeoutMs) },
      conditions: ['[DNS_RCODE] == NOERROR', 'has([BODY]) == true', ...(expected.text === undefined ? [] : [expected.text])],
    },
    differences: expected.differences,
  };
}

/** Of an answer Gatus keeps the last record, without what stands before the name in those of mail servers. */
function recordCondition(type: DnsCheckManifest['type'], records: string[]): { text?: string; differences: Difference[] } {
  const condition = `records ${records.join(', ')}`;
  if (records.length === 0) return { differences: [] };
  if (type === 'TXT') return { differences: [{ condition, why: 'Gatus reads no TXT records' }] };
  if (records.length > 1) return { differences: [{ condition, why: 'Gatus looks at one record of an answer' }] };
  const value = records[0].toLowerCase().replace(/^\d+ /, '').replace(/\.$/, '');
  const text = type === 'A' || type === 'AAAA' ? value : `any(${value}, ${value}.)`;
  return { text: `[BODY] == ${text}`, differences: [{ condition, why: 'Gatus looks at the last record of an answer, and at letter case', isRemark: true }] };
}
