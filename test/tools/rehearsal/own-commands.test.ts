import { EnvironmentManifest, HealthCheckManifest, HttpCheckManifest, Manifest, TargetManifest } from '../../../src/contract/manifest';
import { ownEnvironment, ownSecrets, replacementOf } from '../../../tools/rehearsal/own-commands';
import { RehearsalError } from '../../../tools/rehearsal/scenario';

const TIMES = { intervalMs: 2000, timeoutMs: 5000, successThreshold: 3, failureThreshold: 3, deadlineMs: 120_000 };
const TASKS: TargetManifest = { deploy: { kind: 'exec', argv: ['npx', 'projen', 'ship'] }, rollback: { kind: 'bash', line: 'undo' } };
const LOCAL = 'http://127.0.0.1:4321';

test('what belongs to the URL of the environment leads to --url: health checks, the candidate and variables', () => {
  const { environment } = own({
    healthChecks: [http('https://www.example.com/health')],
    variables: { API: 'https://www.example.com/api', COLOUR: 'blue' },
    strategy: { candidateUrl: 'https://www.example.com/{slot}' },
  });
  expect(environment.url).toBe(LOCAL);
  expect(environment.healthChecks.map(({ url }) => url)).toEqual([`${LOCAL}/health`]);
  expect(environment.variables).toEqual({ API: `${LOCAL}/api`, COLOUR: 'blue' });
  expect(environment.strategy.candidateUrl).toBe(`${LOCAL}/{slot}`);
});

test('waits and thresholds are those of production, and freezes are ignored', () => {
  const { environment, notes } = own({ freezes: [{ kind: 'between', from: '2026-01-01T00:00', until: '2027-01-01T00:00', timeZone: 'UTC' }] });
  expect(environment.strategy.bakeMs).toBe(15_000);
  expect(environment.healthChecks[0]).toMatchObject(TIMES);
  expect(environment.freezes).toEqual([]);
  expect(notes).toEqual(['production: its freezes are ignored']);
});

test('a longer host or port that begins like that of the environment stays', () => {
  const { environment } = own({ url: 'http://127.0.0.1:80', healthChecks: [http('http://127.0.0.1:8080/health'), http('http://127.0.0.1:80/health')] });
  expect(environment.healthChecks.map(({ url }) => url)).toEqual(['http://127.0.0.1:8080/health', `${LOCAL}/health`]);
});

test('--replace leads other addresses and variables elsewhere', () => {
  const { environment } = own({
    healthChecks: [http('https://api.example.com/health'), tcp('db.example.com', 5432)],
    variables: { API: 'https://api.example.com', FOLDER: '/srv/shop/data' },
  }, [['https://api.example.com', 'http://127.0.0.1:5000'], ['db.example.com:5432', '127.0.0.1:15432'], ['/srv/shop', '/tmp/shop']]);
  expect(environment.healthChecks[0]!.url).toBe('http://127.0.0.1:5000/health');
  expect(environment.healthChecks[1]).toMatchObject({ address: { host: '127.0.0.1', port: 15_432 } });
  expect(environment.variables).toEqual({ API: 'http://127.0.0.1:5000', FOLDER: '/tmp/shop/data' });
});

test.each<[string, Partial<Given>, string]>([
  ['a health check', { healthChecks: [http('https://api.example.com/health')] }, 'the health check web leads to api.example.com, which is neither --url nor on this machine. Set what takes its place: --replace https://api.example.com=http'],
  ['a member of a group', { healthChecks: [{ ...http(''), kind: 'anyOf', checks: [http('https://api.example.com/health')] }] }, 'leads to api.example.com'],
  ['a port', { healthChecks: [tcp('db.example.com', 5432)] }, 'leads to db.example.com:5432, which is neither --url nor on this machine. Set what takes its place: --replace db.example.com:5432=127.0.0.1:<port>'],
  ['a candidate', { strategy: { candidateUrl: 'https://{slot}.example.com' } }, 'its candidate URL leads to {slot}.example.com'],
  ['a variable', { variables: { HOSTS: 'a, other.example.com' } }, 'the variable HOSTS is a, other.example.com, and other.example.com belongs to a real environment of this delivery'],
])('%s that leads to a real environment is rejected, with the option that helps', (_, given, message) => {
  expect(() => own(given)).toThrow(RehearsalError);
  expect(() => own(given)).toThrow(message);
});

test.each<[string, string]>([
  ['https://www.example.com', 'is an address of a real environment of this delivery'],
  ['https://other.example.com/path', 'is an address of a real environment of this delivery'],
  ['127.0.0.1:8080', 'is no http or https URL'],
  ['http://user:secret@127.0.0.1:8080', '--url has credentials in it'],
])('--url %s is rejected', (url, message) => {
  expect(() => own({}, [], url)).toThrow(message);
});

test('an environment that is on this machine already can be named as it is', () => {
  expect(own({ url: LOCAL, healthChecks: [http(`${LOCAL}/health`)] }).environment.url).toBe(LOCAL);
});

test('an engine is rejected by its name: --url does not lead it elsewhere', () => {
  const target: TargetManifest = { deploy: { kind: 'driver', call: 'deploy' }, driver: { kind: 'lambda', functionName: 'shop', alias: 'live' } };
  expect(() => own({ target })).toThrow('production is deployed by the engine lambda, which finds its place in its own settings and not by --url');
  expect(() => own({ login: { kind: 'aws', region: 'eu-central-1', roles: [] } })).toThrow('sign in to a cloud (aws)');
});

test('each command is executed as it is, behind a report of its begin and end', () => {
  const { deploy, rollback } = own({}).environment.target as { deploy: { argv: string[] }; rollback: { argv: string[] } };
  expect(deploy.argv.slice(3)).toEqual(['http://127.0.0.1:1/deploy', 'npx', 'projen', 'ship']);
  expect(rollback.argv.slice(3)).toEqual(['http://127.0.0.1:1/rollback', 'bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', '--', 'undo']);
});

test('a check of the world around the service is left out and named; if no other is left, there is nothing to rehearse', () => {
  const dns: HealthCheckManifest = { ...http(''), kind: 'dns', name: 'name', host: 'www.example.com', type: 'A', records: [] };
  const { environment, notes } = own({ healthChecks: [dns, http('https://www.example.com/health')] });
  expect(environment.healthChecks.map(({ kind }) => kind)).toEqual(['http']);
  expect(notes).toEqual(['production: name (dns) is not rehearsed: it looks at the world around the service']);
  expect(() => own({ healthChecks: [dns] })).toThrow('no health check of production can be rehearsed');
});

test('the first check that identifies the release says what is live', () => {
  const identified = { ...http('https://www.example.com/version'), release: { kind: 'json', path: 'version' } } as const;
  expect(own({ healthChecks: [http('https://www.example.com/'), identified] }).identity?.url).toBe(`${LOCAL}/version`);
  expect(own({}).identity).toBeUndefined();
});

test('secrets come from variables of the terminal, those of checks included; what lacks is named', () => {
  const check = { ...http('https://www.example.com/health'), secretRequestHeaders: { authorization: 'HEALTH_TOKEN' } };
  const { environment } = own({ secrets: ['DEPLOY_KEY'], healthChecks: [check] });
  expect(ownSecrets(environment, { DEPLOY_KEY: 'a', HEALTH_TOKEN: 'b', OTHER: 'c' })).toEqual({ DEPLOY_KEY: 'a', HEALTH_TOKEN: 'b' });
  expect(() => ownSecrets(environment, { DEPLOY_KEY: 'a', HEALTH_TOKEN: '' })).toThrow('no variable HEALTH_TOKEN is set in this terminal');
});

test.each(['https://a', '=b'])('--replace %s is rejected', (text) => {
  expect(() => replacementOf(text)).toThrow('it must be <text>=<other text>');
});

interface Given extends Pick<EnvironmentManifest, 'url' | 'healthChecks' | 'variables' | 'secrets' | 'target' | 'freezes' | 'login'> {
  readonly strategy: { readonly candidateUrl: string };
}

function own({ strategy, ...given }: Partial<Given>, replacements: [string, string][] = [], url = LOCAL) {
  const environment = {
    name: 'production',
    url: 'https://www.example.com',
    variables: {},
    secrets: [],
    target: TASKS,
    healthChecks: [http('https://www.example.com/health')],
    freezes: [],
    strategy: { kind: 'redeploy', bakeMs: 15_000, ...strategy },
    ...given,
  };
  const other = { ...environment, name: 'staging', url: 'https://other.example.com', healthChecks: [] };
  const manifest = { environments: [other, environment] } as unknown as Manifest;
  return ownEnvironment(manifest, { environment: 'production', url, replacements: replacements.map(([from, to]) => ({ from, to })) }, (call) => `http://127.0.0.1:1/${call}`);
}

function http(url: string): HttpCheckManifest {
  return { kind: 'http', name: 'web', url, ...TIMES, status: [], json: [], headers: [], requestHeaders: {}, secretRequestHeaders: {}, maxRedirects: 0 };
}

function tcp(host: string, port: number): HealthCheckManifest {
  return { kind: 'tcp', name: 'port', url: `tcp://${host}:${port}`, ...TIMES, address: { host, port } };
}
