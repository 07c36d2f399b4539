import { HttpCheckManifest } from '../../src/contract/manifest';

/** A health check with the defaults that synthesis writes. */
export function healthCheck(given: Partial<HttpCheckManifest> = {}): HttpCheckManifest {
  return {
    kind: 'http',
    name: 'api',
    url: 'http://127.0.0.1:1/health',
    intervalMs: 2_000,
    timeoutMs: 5_000,
    successThreshold: 3,
    failureThreshold: 3,
    deadlineMs: 120_000,
    status: [{ first: 200, last: 299 }],
    json: [],
    headers: [],
    requestHeaders: {},
    secretRequestHeaders: {},
    maxRedirects: 5,
    ...given,
  };
}
