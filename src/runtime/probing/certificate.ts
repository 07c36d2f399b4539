import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate } from 'node:tls';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { CertificateCheckManifest } from '../../contract/manifest';
import { onDemand } from '../lazily';

/** Performs a TLS handshake on a new connection. An untrusted certificate fails the handshake with an error that names the reason. */
export function probeCertificate(
  { address: { host, port }, timeoutMs, validForMs }: CertificateCheckManifest, { ca, env }: ProbeTarget, signal: AbortSignal, { clock }: ProbeTools,
): Promise<ProbeResponse> {
  const startedAt = clock.now();
  // one of several addresses may be slow; the types do not know that socket options are passed through
  const patience = { autoSelectFamilyAttemptTimeout: Math.max(250, timeoutMs / 4) };
  const socket = onDemand.tls().connect({ host, port, ca, servername: isIP(host) === 0 ? host : '', ...patience });
  return new Promise<ProbeResponse>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.on('error', reject);
    socket.on('end', () => reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })));
    socket.on('secureConnect', () => {
      const expiresAt = firstExpiry(socket.getPeerCertificate(true), authoritiesOf({ ca, env }), clock.now());
      const isLongEnough = expiresAt - clock.now() > validForMs;
      resolve({
        latencyMs: clock.now() - startedAt,
        outcome: isLongEnough ? 'healthy' : 'unhealthy',
        saw: `the certificate ${isLongEnough ? 'is valid until' : 'expires'} ${new Date(expiresAt).toISOString().slice(0, 10)}`,
      });
    });
  }).finally(() => socket.destroy());
}

/**
 * Returns the earliest expiry of the certificate and the intermediates up to the first trusted authority. A certificate above that (a
 * cross-sign of the authority by an older one) does not matter when it expires, and the authority's own certificate belongs to the
 * runner.
 */
function firstExpiry(certificate: DetailedPeerCertificate, authorities: readonly X509Certificate[], now: number): number {
  const trusted = authorities.filter(({ validTo }) => Date.parse(validTo) > now);
  const expiries: number[] = [];
  const seen = new Set<string>();
  for (let one: DetailedPeerCertificate | undefined = certificate; one && !seen.has(one.fingerprint256); one = one.issuerCertificate) {
    seen.add(one.fingerprint256);
    const isRoot = one !== certificate && one.issuerCertificate?.fingerprint256 === one.fingerprint256;
    if (!isRoot) expiries.push(Date.parse(one.valid_to));
    if (isIssuedByOneOf(trusted, new X509Certificate(one.raw))) break;
  }
  return Math.min(...expiries);
}

function isIssuedByOneOf(authorities: readonly X509Certificate[], certificate: X509Certificate): boolean {
  return authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}

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
