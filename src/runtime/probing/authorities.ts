import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ProbeTarget } from './probe';
import { onDemand } from '../lazily';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Returns the authorities that Node trusts in a handshake. Only self-signed certificates count: for any other, Node requires its issuer
 * too.
 *
 * @see https://nodejs.org/api/cli.html#node_extra_ca_certsfile
 */
export function authoritiesOf({ ca, env }: Partial<Pick<ProbeTarget, 'ca' | 'env'>>): X509Certificate[] {
  const pems = ca === undefined ? [...onDemand.tls().rootCertificates, ...extra(env?.NODE_EXTRA_CA_CERTS)] : ca.match(PEM) ?? [];
  return pems.map((pem) => new X509Certificate(pem)).filter(({ subject, issuer }) => subject === issuer);
}

/** Node warns about an unreadable file and continues without it. */
function extra(path: string | undefined): string[] {
  if (!path) return [];
  try {
    return readFileSync(path, 'utf8').match(PEM) ?? [];
  } catch {
    return [];
  }
}
