import { HealthCheckOptions, OptionName, checkName, optionalMilliseconds, times } from './health-check-options';
import { Duration } from '../duration';
import { hostAndPort, showAddress } from '../host-and-port';
import { AddressManifest, CertificateCheckManifest } from '../manifest';
import { refuse, show } from '../refusal';
import { webAddress } from '../web-address';

/**
 * How long a certificate must still be valid, and how often it is looked at.
 */
export interface CertificateHealthCheckOptions extends HealthCheckOptions {
  /**
   * The certificate, and those between it and its authority, must stay valid for longer than this.
   *
   * @default Duration.days(14)
   */
  readonly validFor?: Duration;
}

export function certificateCheck(hostOrUrl: string, options: CertificateHealthCheckOptions): CertificateCheckManifest {
  const option: OptionName = (name) => `HealthCheck.certificate(${show(hostOrUrl)}) ${name}`;
  const address = addressOf('HealthCheck.certificate host', hostOrUrl);
  const name = options.name ?? `certificate ${showAddress(address)}`;
  checkName(option('name'), name);
  return {
    kind: 'certificate',
    name,
    url: `tls://${showAddress(address)}`,
    ...times(options, option),
    liveOnly: true,
    address,
    validForMs: optionalMilliseconds(option('validFor'), options.validFor ?? Duration.days(14))!,
  };
}

function addressOf(option: string, value: string): AddressManifest {
  if (typeof value !== 'string' || !value.includes('://')) {
    if (/[{}]/.test(String(value))) refuse(option, `${show(value)} holds a placeholder`, 'A certificate is looked at where users see it');
    return hostAndPort(option, value, 443);
  }
  const url = webAddress(option, value, true);
  if (url.protocol !== 'https:') refuse(option, `${show(value)} has no certificate`, 'Give a host, or an https URL');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 443) };
}
