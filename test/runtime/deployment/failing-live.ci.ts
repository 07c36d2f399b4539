/** A health check that can never pass: the live release fails it, too. Real processes and HTTP. */
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { HttpCheckManifest } from '../../../src/contract/manifest';
import { check, World } from '../world';

describe.each(['blueGreen', 'canary', 'redeploy'] as const)('with %s', (strategy) => {
  let world: World;
  beforeEach(async () => {
    world = await World.create(strategy);
    expect(await world.ship('v1')).toMatchObject({ code: 0 });
  });
  afterEach(() => world.destroy());

  const url = () => world.manifest.environments[0].url;
  const beside = (changes: Partial<HttpCheckManifest>, at = url()) => (
    world.change({ healthChecks: [check(`${url()}/health`), check(`${at}/ready`, { name: 'ready', release: undefined, ...changes })] })
  );
  /** A port at which nothing listens. */
  const nothing = async (): Promise<string> => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    return `http://127.0.0.1:${port}`;
  };

  /** Nothing is changed, blocked or halted; when the check is right, the same command deploys. */
  const isRefused = async (got: RegExp) => {
    const before = [world.commands, world.served];
    world.release('v2');
    for (const command of ['plan', 'deploy']) {
      const { code, output } = await world.delivery(command, 'production', '--release', 'v2');
      expect(output).toContain('the live release fails this check, too: the check or its URL is wrong');
      expect(output).toMatch(got);
      expect(output).toContain('npx projen delivery check production');
      expect([code, [world.commands, world.served]]).toEqual([2, before]);
    }
    const status = await world.delivery('status', 'production', '--json');
    expect(status.output).not.toMatch(/halted|"v2"/);
    beside({});
    expect(await world.delivery('deploy', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
    expect(world.served).toBe('v2');
  };

  test('a wrong field', async () => {
    beside({ json: [{ path: 'state', equals: 'ok' }] });
    await isRefused(/ready \(http.*\/ready\): .* From v1 \(\w{7}\) it got 200 in .*the body has no state, 3 times in a row, and it expects .* "ok" as state of the JSON body/);
  });

  test('a wrong place of the release', async () => {
    beside({ release: { kind: 'json', path: 'release' } });
    await isRefused(/it got 200 in .*no release in the body.* the release as release of the JSON body/);
  });

  test('a wrong port', async () => {
    beside({}, await nothing());
    await isRefused(/it got .*refused/);
  });

  test('a person who knows better deploys it: the release must pass the check', async () => {
    beside({ json: [{ path: 'version', equals: 'v2' }] });
    world.release('v2');
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v2');
    expect(code).toBe(2);
    const [, line = ''] = /npx projen delivery (deploy production --release v2 --even-if-live-fails)/.exec(output) ?? [];
    expect(await world.delivery(...line.split(' '))).toMatchObject({ code: 0 });
    expect(world.served).toBe('v2');
    // from now on it has verified Stable
    expect(await world.delivery('plan', 'production', '--release', 'v2')).toMatchObject({ code: 0 });
  });

  test('Stable that is down, by a check that it has passed: the next release is the cure, also in CI', async () => {
    world.behaviours.v1 = 'error';
    world.release('v2');
    expect(await world.step({ id: world.newRun(), tag: 'v2' }, 'deploy', 'production')).toMatchObject({ code: 0 });
    expect(world.served).toBe('v2');
  });
});
