import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, nameOf, times, optionNamesOf } from './health-check-options';
import { DnsCheckManifest, PREVIEW_NUMBER } from '../contract/manifest';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { OptionNames, listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * The types of DNS records that a health check can query.
 */
export enum DnsRecordType {
  /** IPv4 addresses. */
  A = 'A',
  /** IPv6 addresses. */
  AAAA = 'AAAA',
  /** The canonical name that an alias points to. */
  CNAME = 'CNAME',
  /** Mail servers, as `10 mail.example.com`. */
  MX = 'MX',
  /** Name servers. */
  NS = 'NS',
  /** Text records. */
  TXT = 'TXT',
}

/**
 * Options for a DNS health check: the records that are expected, and how often they are queried.
 */
export interface DnsHealthCheckOptions extends HealthCheckOptions {
  /**
   * The type of the records.
   *
   * @default DnsRecordType.A
   */
  readonly type?: DnsRecordType;

  /**
   * Records that the response must contain. Other records are allowed. Letter case and a trailing dot are ignored.
   *
   * @default - any record of the type
   */
  readonly records?: string[];

  /**
   * The DNS server to query: an IP address, and a port if it is not 53. A recursive resolver caches responses until their TTL expires.
   *
   * @default - the resolvers of the machine that runs the probe; its hosts file is not read
   */
  readonly resolver?: string;
}

export const DNS_OPTIONS: OptionNames<DnsHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, type: true, records: true, resolver: true };

export function dnsCheck(host: string, options: DnsHealthCheckOptions): DnsCheckManifest {
  const option = optionNamesOf(`HealthCheck.dns(${show(host)})`);
  const name = typeof host === 'string' ? host.replaceAll(PREVIEW_NUMBER, '1') : '';
  if (!/^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i.test(name) || isIP(name) !== 0) {
    const ascii = typeof host === 'string' && /[^\0-\x7f]/.test(host) ? domainToASCII(host) : '';
    invalid('HealthCheck.dns host', `${show(host)} is not a DNS name`,
      ascii === '' ? 'Write it without a scheme, port or path: \'www.example.com\'' : `Write it in punycode: ${show(ascii)}`);
  }
  const type = options.type ?? DnsRecordType.A;
  if (!Object.values(DnsRecordType).includes(type)) invalid(option('type'), `${show(type)} is not one of ${Object.values(DnsRecordType).join(', ')}`, 'Write a type such as DnsRecordType.A');
  const records = listOf(option('records'), options.records ?? [], `'${RECORDS[type][1]}'`);
  for (const record of records) checkRecord(option('records'), type, record);
  return {
    kind: 'dns',
    name: nameOf(options, option, `DNS ${type} ${host}`.slice(0, 100)),
    url: `dns:${host}?type=${type}`,
    ...times(options, option),
    liveOnly: true,
    host,
    type,
    records,
    resolver: options.resolver === undefined ? undefined : resolver(option('resolver'), options.resolver),
  };
}

/** The format of each record type, and an example. */
const RECORDS: Record<DnsRecordType, [RegExp | ((text: string) => boolean), string]> = {
  A: [(text) => isIP(text) === 4, '192.0.2.1'],
  AAAA: [(text) => isIP(text) === 6, '2001:db8::1'],
  CNAME: [/^[\w.-]+$/, 'www.example.com'],
  MX: [/^\d+ [\w.-]+$/, '10 mail.example.com'],
  NS: [/^[\w.-]+$/, 'ns1.example.com'],
  TXT: [/./s, 'v=spf1 -all'],
};

function checkRecord(option: string, type: DnsRecordType, record: string): void {
  const [fits, shown] = RECORDS[type];
  if (typeof record === 'string' && (typeof fits === 'function' ? fits(record) : fits.test(record))) return;
  invalid(option, `${show(record)} is not a valid ${type} record`, `Write it like '${shown}'`);
}

function resolver(option: string, value: string): string {
  const address = hostAndPort(option, typeof value === 'string' && isIP(value) === 6 ? `[${value}]` : value, { standard: 53, fix: 'Write an IP address, for example \'192.0.2.53\' or \'192.0.2.53:5353\'' });
  if (isIP(address.host) === 0) invalid(option, `${show(value)} is not an IP address`, 'Write its IP address, because a host name would need another resolver: \'192.0.2.53\'');
  return showAddress(address);
}
