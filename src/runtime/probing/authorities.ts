import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ProbeTarget } from './probe';
import { onDemand } from '../http/on-demand';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authorities that Node trusts in a handshake. What is no authority of its own among them is none: Node asks for its issuer, too.
 *
 * @see https://nodejs.org/api/cli.html#node_extra_ca_certsfile
 */
export function authoritiesOf({ ca, env }: Partial<Pick<ProbeTarget, 'ca' | 'env'>>): X509Certificate[] {
  const pems = ca === undefined ? [...onDemand.tls().rootCertificates, ...extra(env?.NODE_EXTRA_CA_CERTS)] : ca.match(PEM) ?? [];
  return pems.map((pem) => new X509Certificate(pem)).filter(({ subject, issuer }) => subject === issuer);
}

/** Node itself warns of a file that it cannot read, and goes on without. */
function extra(path: string | undefined): string[] {
  if (!path) return [];
  try {
    return readFileSync(path, 'utf8').match(PEM) ?? [];
  } catch {
    return [];
  }
}
