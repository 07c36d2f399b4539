import { containerErrorOf } from '../../../src/engines/servers/runtime/container-errors';
import { sshErrorOf } from '../../../src/engines/servers/runtime/ssh-error';

const SETTINGS = { container: { engine: 'docker', name: 'shop', ports: [], volumes: [], stopMs: 1_000, runOptions: [] }, user: 'deploy' } as const;
const of = (call: string, printed: string) => containerErrorOf(sshErrorOf({ host: 'web-1', call, printed, result: { exitCode: 1, outcome: 'failed', signal: undefined } }), SETTINGS);

const REFUSED = 'dial tcp 10.0.0.1:443: connect: connection refused';
const DOWN = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';

it.each([
  ['pull', REFUSED, 'unavailable'],
  ['pull', 'unauthorized: authentication required', 'accessDenied'],
  ['pull', 'toomanyrequests: You have reached your pull rate limit.', 'throttled'],
  ['pull', 'manifest unknown: manifest unknown', 'notFound'],
  ['pull', DOWN, 'unavailable'],
  ['replace', DOWN, 'unavailable'],
  ['replace', 'dial unix /var/run/docker.sock: connect: permission denied', 'accessDenied'],
  ['check', DOWN, 'unavailable'],
  ['check', 'Error: unable to connect to Podman socket', 'unavailable'],
  ['check', 'failed to connect to the docker API at unix:///var/run/docker.sock', 'unavailable'],
])('%s that ends with "%s" is %s', (call, printed, kind) => {
  expect(of(call, printed)).toMatchObject({ kind });
});

it.each([REFUSED, 'open /data: permission denied: denied: 503', 'connect: permission denied', `no Docker: ${DOWN}`])('the words of a service are none of the engine: %s', (words) => {
  for (const said of [`the container ended with exit code 1: ${words}`, `hostCheck ended with exit code 1: ${words}`]) {
    expect(of('check', said)).toMatchObject({ kind: 'rejected', message: `web-1: check: ${said}` });
  }
});

it('the words of an engine that starts a container are none of a registry', () => {
  expect(of('replace', 'driver failed: connection refused')).toMatchObject({ kind: 'rejected' });
});

it.each([['docker', 'docker login REGISTRY'], ['podman', 'podman login --authfile ~/.config/containers/auth.json REGISTRY']] as const)('%s signs in so that it lasts', (engine, line) => {
  const error = sshErrorOf({ host: 'web-1', call: 'pull', printed: 'unauthorized', result: { exitCode: 1, outcome: 'failed', signal: undefined } });
  expect(containerErrorOf(error, { ...SETTINGS, container: { ...SETTINGS.container, engine } })).toMatchObject({ message: expect.stringContaining(`as deploy: ${line}`) as string });
});
