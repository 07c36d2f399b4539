import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, optionalMilliseconds, times, optionNamesOf } from './health-check-options';
import { AddressManifest, CertificateCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { OptionNames } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a certificate health check: the remaining validity that is required, and how often it is checked.
 */
export interface CertificateHealthCheckOptions extends HealthCheckOptions {
  /**
   * The remaining validity that is required. It applies to the server's certificate and to the intermediates up to the first trusted
   * authority.
   *
   * @default Duration.days(14)
   */
  readonly validFor?: Duration;
}

export const CERTIFICATE_OPTIONS: OptionNames<CertificateHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, validFor: true };

const VALID_FOR = Duration.days(14);

export function certificateCheck(hostOrUrl: string, options: CertificateHealthCheckOptions): CertificateCheckManifest {
  const option = optionNamesOf(`HealthCheck.certificate(${show(hostOrUrl)})`);
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
    validForMs: optionalMilliseconds(option('validFor'), options.validFor ?? VALID_FOR, VALID_FOR)!,
  };
}

function addressOf(option: string, value: string): AddressManifest {
  if (typeof value !== 'string' || !value.includes('://')) {
    checkPlaceholder(option, String(value));
    const [host] = String(value).split('/');
    const example = /^[\w.-]+$/.test(host) && host !== value ? host : 'www.example.com';
    return hostAndPort(option, value, { standard: 443, fix: `Write a host, with a port if it is not 443, or an https URL: '${example}'` });
  }
  const url = webAddress(option, value, true, { credentials: 'Remove them: reading a certificate needs no credentials' });
  checkPlaceholder(option, url.host);
  if (url.protocol !== 'https:') invalid(option, `${show(value)} has no certificate`, 'Write a host, or an https URL');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 443) };
}

function checkPlaceholder(option: string, host: string): void {
  if (/[{}]/.test(host)) invalid(option, `${show(host)} contains a placeholder, which is not replaced here`, 'Write the host that users connect to');
}
