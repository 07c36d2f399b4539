import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, nameOf, times, optionNamesOf } from './health-check-options';
import { AddressManifest, CertificateCheckManifest } from '../contract/manifest';
import { Duration, positiveMilliseconds } from '../validation/duration';
import { hostAndPort, rejectPlaceholder, showAddress } from '../validation/host-and-port';
import { OptionNames } from '../validation/option-types';
import { withoutPreviewNumber } from '../validation/preview-number';
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
const PLACEHOLDER_FIX = 'Write the host that users connect to';

export function certificateCheck(hostOrUrl: string, options: CertificateHealthCheckOptions): CertificateCheckManifest {
  const option = optionNamesOf(`HealthCheck.certificate(${show(hostOrUrl)})`);
  const address = addressOf('HealthCheck.certificate host', hostOrUrl);
  return {
    kind: 'certificate',
    name: nameOf(options, option, `certificate ${showAddress(address)}`),
    url: `tls://${showAddress(address)}`,
    ...times(options, option),
    liveOnly: true,
    address,
    validForMs: positiveMilliseconds(option('validFor'), options.validFor ?? VALID_FOR, VALID_FOR),
  };
}

function addressOf(option: string, value: string): AddressManifest {
  if (typeof value !== 'string' || !value.includes('://')) {
    const [host] = String(value).split('/');
    const example = /^[\w.-]+$/.test(host) && host !== value ? host : 'www.example.com';
    return hostAndPort(option, value, {
      standard: 443, fix: `Write a host, with a port if it is not 443, or an https URL: '${example}'`, placeholderFix: PLACEHOLDER_FIX, allowsPreviewNumber: true,
    });
  }
  const url = webAddress(option, value, true, { credentials: 'Remove them: reading a certificate needs no credentials' });
  rejectPlaceholder(option, url.host, withoutPreviewNumber(url.host), PLACEHOLDER_FIX);
  if (url.protocol !== 'https:') invalid(option, `${show(value)} has no certificate`, 'Write a host, or an https URL');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 443) };
}
