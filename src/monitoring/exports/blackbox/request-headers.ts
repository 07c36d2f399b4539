import { posix } from 'node:path';
import { BlackboxSettings } from './settings';
import { HttpCheckManifest } from '../../../contract/manifest';
import { Difference, Json } from '../engine';

/** The first exporter that reads them. */
const HEADERS_FROM_FILES = 26;

/** Headers that Prometheus' HTTP client lets nobody set from a file; for the first one it has an option of its own. */
const RESERVED = new Set(['authorization', 'host', 'content-encoding', 'content-length', 'content-type', 'user-agent', 'connection', 'keep-alive',
  'proxy-authenticate', 'proxy-authorization', 'www-authenticate', 'accept-encoding', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

/** The options for the headers that a probe sends. */
export function requestHeaders(
  check: HttpCheckManifest, { exporterVersion: [major, minor], secretsDirectory }: BlackboxSettings, differences: Difference[],
): { [key: string]: Json } {
  const plain = Object.entries(check.requestHeaders);
  const files: [string, Json][] = [];
  let authorization: Json | undefined;
  for (const [name, secret] of Object.entries(check.secretRequestHeaders)) {
    const condition = `secretRequestHeaders ${name}`;
    const file = posix.join(secretsDirectory, secret);
    if (name.toLowerCase() === 'authorization') {
      authorization = { credentials_file: file };
      differences.push({ condition, why: `the exporter writes 'Bearer ' before what the file ${file} holds, and can write no other value` });
    } else if (RESERVED.has(name.toLowerCase())) {
      differences.push({ condition, why: 'it is not sent: the exporter lets nobody set this header from a file' });
    } else if (major === 0 && minor < HEADERS_FROM_FILES) {
      differences.push({ condition, why: `it is not sent: only an exporter since 0.${HEADERS_FROM_FILES} reads headers from files` });
    } else {
      files.push([name, { files: [file] }]);
    }
  }
  return {
    ...(plain.length > 0 ? { headers: Object.fromEntries(plain) } : {}),
    ...(authorization === undefined ? {} : { authorization }),
    ...(files.length > 0 ? { http_headers: Object.fromEntries(files) } : {}),
  };
}
