/** What a check expects, as messages say it. */
import { HealthCheckManifest } from '../../../src/contract/manifest';
import { expectationOf } from '../../../src/runtime/probing/expectation';
import { check } from '../world';

const http = (changes: Parameters<typeof check>[1]): HealthCheckManifest => check('https://example.com', { release: undefined, ...changes });
const other = (fields: object): HealthCheckManifest => ({ ...check('tcp://db:5432', {}), ...fields }) as unknown as HealthCheckManifest;
const CONNECTS = other({ kind: 'tcp', name: 'db', address: { host: 'db', port: 5432 } });

it.each<[HealthCheckManifest, string]>([
  [http({ status: [{ first: 204, last: 204 }, { first: 301, last: 302 }] }), 'a status of 204 or 301 to 302'],
  [http({ bodyPattern: 'ok', maxLatencyMs: 250 }), 'a status of 200 to 299, a response within 250 ms, and a body that matches /ok/'],
  [http({ headers: [{ name: 'x-ready', pattern: '^1$' }], release: { kind: 'header', name: 'x-version' } }), 'a status of 200 to 299, a header x-ready that matches /^1$/, and the release in the header x-version'],
  [http({ json: [{ path: 'a.b', equals: true }], release: { kind: 'json', path: 'version' } }), 'a status of 200 to 299, true as a.b of the JSON body, and the release as version of the JSON body'],
  [http({ certificateExpiryMs: 86_400_000 }), 'a status of 200 to 299, and a certificate that is valid for more than 1 d'],
  [CONNECTS, 'a connection to db:5432'],
  [{ ...CONNECTS, expect: 'PONG' } as HealthCheckManifest, 'a connection to db:5432, and a response that matches /PONG/'],
  [other({ kind: 'command', output: 'fine' }), 'exit code 0, and output that matches /fine/'],
  [other({ kind: 'prometheus', query: 'up', operator: '>=', value: 1 }), 'each series of up to be >= 1'],
  [other({ kind: 'dns', host: 'example.com', type: 'A', records: ['192.0.2.1'] }), 'A records of example.com: 192.0.2.1'],
  [other({ kind: 'certificate', address: { host: 'example.com', port: 443 }, validForMs: 86_400_000 }), 'certificates at example.com:443 that are valid for more than 1 d'],
  [other({ kind: 'cloudWatchAlarm', alarm: 'errors' }), 'the alarm errors not to be in ALARM'],
  [other({ kind: 'anyOf', checks: [CONNECTS, http({ name: 'page' })] }), 'any of: db (a connection to db:5432); page (a status of 200 to 299)'],
])('%#: %j', (given, expected) => {
  expect(expectationOf(given)).toBe(expected);
});
