import { Artifact, Duration, ServerContainer, ServerContainerOptions, ServerSlots, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Parameters<typeof Target.servers>[0];

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFh0rUfOQPkfzUnsMJHjvEi1Yv3Cqh8cvGvDMbTVmxRS';
const IMAGE = Artifact.image({ repository: 'ghcr.io/acme/shop' });

interface Given {
  /** `false`: the delivery has none. */
  readonly artifact?: Artifact | false;
  readonly strategy?: Strategy;
}

function manifestOf(options: Partial<Options> = {}, { artifact = IMAGE, strategy }: Given = {}) {
  const project = plainProject();
  const target = Target.servers({ hosts: ['web-1'], hostKeys: [`web-1 ${KEY}`], user: 'deploy', container: ServerContainer.docker({ name: 'shop' }), ...options });
  deliver(project, { ...(artifact && { artifact }), environments: [environment('production', { trigger: Trigger.tag('v*'), target, strategy })] });
  return synthesize(project);
}

it('a container brings its driver, the secret and a time limit, and the delivery has the image', () => {
  const { manifest, deploy } = manifestOf();
  const [{ secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'serverContainers',
      hosts: [{ name: 'web-1', address: 'web-1', port: 22 }],
      hostKeys: [`web-1 ${KEY}`],
      user: 'deploy',
      privateKeyVariable: 'SSH_PRIVATE_KEY',
      hostCheckMs: 120_000,
      atOnce: 1,
      keep: 5,
      container: { engine: 'docker', name: 'shop', ports: [], volumes: [], stopMs: 10_000, runOptions: [] },
    },
  });
  expect([secrets, strategy.commandTimeoutMs, manifest.artifact]).toEqual([['SSH_PRIVATE_KEY'], 900_000, undefined]);
  expect(manifest.image?.repository).toBe('ghcr.io/acme/shop');
  expect(deploy.jobs.build).toBeDefined();
});

it('takes ports, variables, volumes, a network, limits and further options', () => {
  const container = ServerContainer.podman({
    name: 'Shop_1-web',
    ports: ['127.0.0.1:8080:80', '[::1]:8080:80', '8081:80/tcp', '8081:80/udp'],
    envFile: '/etc/shop/web.env',
    volumes: ['/srv/shop/data:/data:ro,Z', 'cache:/cache'],
    network: 'web',
    stopTimeout: Duration.minutes(1),
    runOptions: ['--memory=512m', '--read-only'],
  });
  const [{ target }] = manifestOf({ container, hostCheck: 'curl -fsS localhost:8080', hostCheckTimeout: Duration.seconds(20), atOnce: 2, keep: 3 }).manifest.environments;
  expect(target.driver).toMatchObject({
    hostCheck: 'curl -fsS localhost:8080',
    hostCheckMs: 20_000,
    atOnce: 2,
    keep: 3,
    container: {
      engine: 'podman',
      name: 'Shop_1-web',
      ports: ['127.0.0.1:8080:80', '[::1]:8080:80', '8081:80/tcp', '8081:80/udp'],
      envFile: '/etc/shop/web.env',
      volumes: ['/srv/shop/data:/data:ro,Z', 'cache:/cache'],
      network: 'web',
      stopMs: 60_000,
      runOptions: ['--memory=512m', '--read-only'],
    },
  });
});

it('a time limit needs no hostCheck: the image may have a health check', () => {
  expect(manifestOf({ hostCheckTimeout: Duration.seconds(5) }).manifest.environments[0]!.target.driver).toMatchObject({ hostCheckMs: 5_000 });
});

it.each<[string, object, string]>([
  ['no container', { container: { name: 'shop' } }, 'Target.servers container: {"name":"shop"} is no container. Write ServerContainer.docker({ name: \'shop\' })'],
  ['files', { files: 'dist' }, 'Target.servers files: with container it has no effect: the image is the release. Leave files or container out'],
  ['a directory', { directory: '/srv/shop' }, 'Target.servers directory: with container it has no effect'],
  ['a build task', { buildTask: 'bundle' }, 'Target.servers buildTask: with container it has no effect'],
  ['shared files', { shared: ['data'] }, 'Target.servers shared: with container it has no effect'],
  ['a restart', { restart: 'true' }, 'Target.servers restart: with container it has no effect'],
  ['slots', { slots: ServerSlots.haproxy({ backend: 'shop' }) }, 'Target.servers slots: a container has no slots: it replaces the one before it on each host. Leave slots or container out, and use Strategy.redeploy() with container'],
  ['neither files nor a container', { container: undefined }, 'Target.servers files: it is missing. Name the folder with the files, for example \'dist\', or set container: ServerContainer.docker({ name: \'shop\' })'],
])('Target.servers with a container rejects %s', (_, options, message) => {
  expect(() => manifestOf(options as Partial<Options>)).toThrow(message);
});

it.each<[string, object, string]>([
  ['no name', { name: undefined }, 'ServerContainer.docker name: it is missing'],
  ['a name of one letter', { name: 's' }, 'ServerContainer.docker name: \'s\' is not 2 to 63 letters, digits, \'_\' and \'-\''],
  ['a name with a dot', { name: 'shop.next' }, 'ServerContainer.docker name: \'shop.next\' is not 2 to 63'],
  ['a name that may be an id', { name: 'cafe' }, 'ServerContainer.docker name: \'cafe\' can be the beginning of the id of another container'],
  ['a port without one of the host', { ports: ['8080'] }, 'ServerContainer.docker ports: \'8080\' is not an address, a port of the host and a port of the container'],
  ['a port out of range', { ports: ['65536:80'] }, 'ServerContainer.docker ports: \'65536:80\' is not an address'],
  ['a port of a name', { ports: ['localhost:8080:80'] }, 'ServerContainer.docker ports: \'localhost:8080:80\' is not an address'],
  ['a port twice', { ports: ['8080:80', '8080:81/tcp'] }, 'ServerContainer.docker ports: the port of \'8080:81/tcp\' is published already by another of them'],
  ['ports in the network of the host', { ports: ['8080:80'], network: 'host' }, 'ServerContainer.docker ports: with the network \'host\' they have no effect'],
  ['ports as a text', { ports: '8080:80' }, 'ServerContainer.docker ports: \'8080:80\' is not a list'],
  ['a relative file', { envFile: 'shop.env' }, 'ServerContainer.docker envFile: \'shop.env\' is not an absolute path'],
  ['a file above', { envFile: '/etc/../shop.env' }, 'ServerContainer.docker envFile: \'/etc/../shop.env\' is not an absolute path'],
  ['a relative volume', { volumes: ['./data:/data'] }, 'ServerContainer.docker volumes: \'./data:/data\' is not a folder or a volume'],
  ['a volume without a place', { volumes: ['/srv/data'] }, 'ServerContainer.docker volumes: \'/srv/data\' is not a folder or a volume'],
  ['an option as the network', { network: '--privileged' }, 'ServerContainer.docker network: \'--privileged\' is not the name of a network'],
  ['a short option', { runOptions: ['-it'] }, 'ServerContainer.docker runOptions: \'-it\' is not a long option in one word'],
  ['an option in two words', { runOptions: ['--memory', '512m'] }, 'ServerContainer.docker runOptions: \'512m\' is not a long option in one word'],
  ['an option of the target', { runOptions: ['--restart=always'] }, 'ServerContainer.docker runOptions: \'--restart=always\' is set by the target. Leave it out'],
  ['a port as an option', { runOptions: ['--publish=80:80'] }, 'ServerContainer.docker runOptions: \'--publish=80:80\' is set by the target. Set ports'],
  ['no time to end', { stopTimeout: Duration.millis(500) }, 'ServerContainer.docker stopTimeout: 500 ms is out of range. Set 1 s to 5 minutes'],
  ['an unknown option', { image: 'shop' }, 'ServerContainer.docker image: there is no such option'],
])('ServerContainer.docker rejects %s', (_, options, message) => {
  expect(() => ServerContainer.docker({ name: 'shop', ...options } as ServerContainerOptions)).toThrow(message);
});

it('needs the image of the delivery', () => {
  expect(() => manifestOf({}, { artifact: false })).toThrow('it deploys an image, and the delivery has none. Set artifact: Artifact.image(');
});

it('has no slots', () => {
  expect(() => manifestOf({}, { strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }) })).toThrow('Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none');
});

it('two environments with the same container on a host are rejected', () => {
  const project = plainProject();
  const target = Target.servers({ hosts: ['web-1'], hostKeys: [`web-1 ${KEY}`], user: 'deploy', container: ServerContainer.docker({ name: 'shop' }) });
  const environments = ['staging', 'production'].map((name) => environment(name, { trigger: Trigger.tag(`${name}-*`), target }));
  expect(() => deliver(project, { artifact: IMAGE, environments })).toThrow('the container shop on web-1, too, so each would replace the other\'s release. Give each environment a container name or hosts of its own');
});
