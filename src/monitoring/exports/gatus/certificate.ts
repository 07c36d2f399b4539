import { Endpoint } from './endpoint';
import { CertificateCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { Mapped } from '../engine';
import { goDuration } from '../go-duration';

/** @see https://github.com/TwiN/gatus#monitoring-an-endpoint-using-starttls */
export function certificateEndpoint({ address, timeoutMs, validForMs }: CertificateCheckManifest): Mapped<Endpoint> {
  return {
    made: {
      url: `tls://${showAddress(address)}`,
      client: { timeout: goDuration(timeoutMs) },
      conditions: ['[CONNECTED] == true', `[CERTIFICATE_EXPIRATION] > ${goDuration(validForMs)}`],
    },
    differences: [{ condition: 'validFor', why: 'only the server\'s own certificate counts, not those between it and its authority', isRemark: true }],
  };
}
