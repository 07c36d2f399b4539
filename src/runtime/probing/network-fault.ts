import { Outcome } from './observation';
import { ProxyError } from '../http/proxy';
import { safeLine } from '../reporting/untrusted-text';

/** The meaning of a failed request: a fault of the service, or of the runner's own network. */
export interface NetworkFault {
  readonly outcome: Extract<Outcome, 'unhealthy' | 'unreachable' | 'blind'>;
  readonly saw: string;
}

/** Errors of the probing machine: no route, no resolver, no free socket. They say nothing about the service. */
const BLIND: Record<string, string> = {
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENETDOWN: 'the network is down',
  EAI_AGAIN: 'the resolver did not respond',
  EAI_FAIL: 'the resolver failed',
  EADDRNOTAVAIL: 'no local address is left',
  ENOBUFS: 'no network buffer is left',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  EACCES: 'this machine forbids the connection',
  EPERM: 'this machine forbids the connection',
};

const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection closed during the request',
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'no such host',
};

const CERTIFICATE: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate chain is incomplete or its authority is unknown',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};

/** Classifies an error of `node:http`, `node:https` or the resolver. */
export function networkFault(error: unknown): NetworkFault {
  if (error instanceof ProxyError) {
    return error.fault === 'noService' ? { outcome: 'unreachable', saw: error.message } : { outcome: 'blind', saw: `cannot probe: ${error.message}` };
  }
  const faults = attempts(error).map(single);
  // Of several addresses, a refused connection is more specific than a missing route.
  return faults.find(({ outcome }) => outcome === 'unhealthy') ?? faults.find(({ outcome }) => outcome === 'unreachable') ?? faults[0];
}

function attempts(error: unknown): unknown[] {
  const { errors } = described(error);
  return Array.isArray(errors) && errors.length > 0 ? errors : [error];
}

function single(error: unknown): NetworkFault {
  const { code = '', message } = described(error);
  if (code in BLIND) return { outcome: 'blind', saw: `cannot probe: ${BLIND[code]} (${code})` };
  if (code in UNREACHABLE) return { outcome: 'unreachable', saw: message === 'socket hang up' ? 'connection closed without a response' : UNREACHABLE[code] };
  if (code in CERTIFICATE) return { outcome: 'unhealthy', saw: CERTIFICATE[code] };
  if (code.startsWith('HPE_')) return { outcome: 'unhealthy', saw: `the response is not HTTP (${code})` };
  if (/^(CERT_|ERR_SSL_|ERR_TLS_|EPROTO|UNABLE_TO_)/.test(code)) return { outcome: 'unhealthy', saw: `TLS failed (${safeLine(code, 60)})` };
  // An error without a code did not come from the network: the probe itself failed.
  return code === '' ? { outcome: 'blind', saw: `cannot probe: ${safeLine(message, 80)}` } : { outcome: 'unreachable', saw: `no response (${safeLine(code, 60)})` };
}

/** Checks the shape, because `instanceof` fails for an error of another realm. */
function described(error: unknown): { readonly code?: string; readonly message: string; readonly errors?: unknown } {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { code, message, errors } = error as { code?: unknown; message?: unknown; errors?: unknown };
  return { code: typeof code === 'string' ? code : undefined, message: typeof message === 'string' ? message : 'an unknown error', errors };
}
