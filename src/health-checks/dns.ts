import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, times, optionNamesOf } from './health-check-options';
import { DnsCheckManifest } from '../contract/manifest';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { OptionNames, listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Types of records of the Domain Name System.
 */
export enum DnsRecordType {
  /** IPv4 addresses. */
  A = 'A',
  /** IPv6 addresses. */
  AAAA = 'AAAA',
  /** The name that it is another name for. */
  CNAME = 'CNAME',
  /** Mail servers, as `10 mail.example.com`. */
  MX = 'MX',
  /** Name servers. */
  NS = 'NS',
  /** Texts. */
  TXT = 'TXT',
}

/**
 * What a name must lead to, and how often it is asked for.
 */
export interface DnsHealthCheckOptions extends HealthCheckOptions {
  /**
   * The type of the records.
   *
   * @default DnsRecordType.A
   */
  readonly type?: DnsRecordType;

  /**
   * Records that must be in the answer, all of them; others may be there too. Letter case and a dot at the end of a name make no
   * difference.
   *
   * @default - any record of the type
   */
  readonly records?: string[];

  /**
   * The server that is asked: an IP address, and a port if it is not 53. A resolver between keeps answers for as long as they live.
   *
   * @default - the resolvers of the machine that probes; its hosts file is not read
   */
  readonly resolver?: string;
}

export const DNS_OPTIONS: OptionNames<DnsHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, type: true, records: true, resolver: true };

export function dnsCheck(host: string, options: DnsHealthCheckOptions): DnsCheckManifest {
  const option = optionNamesOf(`HealthCheck.dns(${show(host)})`);
  if (typeof host !== 'string' || !/^(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i.test(host) || isIP(host) !== 0) {
    const ascii = typeof host === 'string' && /[^\0-\x7f]/.test(host) ? domainToASCII(host) : '';
    invalid('HealthCheck.dns host', `${show(host)} is no name that could be asked for`,
      ascii === '' ? 'Write it without scheme, port and path: \'www.example.com\'' : `Write it in punycode, as it is asked for: ${show(ascii)}`);
  }
  const type = options.type ?? DnsRecordType.A;
  if (!Object.values(DnsRecordType).includes(type)) invalid(option('type'), `${show(type)} is none of ${Object.values(DnsRecordType).join(', ')}`, 'Write DnsRecordType.A');
  const records = listOf(option('records'), options.records ?? [], `'${RECORDS[type][1]}'`);
  for (const record of records) checkRecord(option('records'), type, record);
  const name = options.name ?? `DNS ${type} ${host}`.slice(0, 100);
  checkName(option('name'), name);
  return {
    kind: 'dns',
    name,
    url: `dns:${host}?type=${type}`,
    ...times(options, option),
    liveOnly: true,
    host,
    type,
    records,
    resolver: options.resolver === undefined ? undefined : resolver(option('resolver'), options.resolver),
  };
}

/** What a record looks like, and one. */
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
  invalid(option, `${show(record)} is no ${type} record`, `Write it like '${shown}'`);
}

function resolver(option: string, value: string): string {
  const address = hostAndPort(option, typeof value === 'string' && isIP(value) === 6 ? `[${value}]` : value, { standard: 53, mend: 'Give an IP address, for example \'192.0.2.53\' or \'192.0.2.53:5353\'' });
  if (isIP(address.host) === 0) invalid(option, `${show(value)} is not an IP address`, 'A name would have to be resolved itself: give its address, for example \'192.0.2.53\'');
  return showAddress(address);
}
