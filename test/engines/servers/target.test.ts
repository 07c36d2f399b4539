import { Duration, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

type Options = Parameters<typeof Target.servers>[0];

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFh0rUfOQPkfzUnsMJHjvEi1Yv3Cqh8cvGvDMbTVmxRS';
const LEAST: Options = { hosts: ['web-1'], hostKeys: [`web-1 ${KEY}`], user: 'deploy', directory: '/srv/shop', files: 'dist' };

function manifestOf(options: Partial<Options> = {}, strategy?: Strategy) {
  const project = plainProject();
  project.addTask('bundle', { exec: 'make' });
  deliver(project, { environments: [environment('production', { trigger: Trigger.tag('v*'), target: Target.servers({ ...LEAST, ...options }), strategy })] });
  return synthesize(project);
}

it('Target.servers calls the driver, and brings the files, the secret and a time limit', () => {
  const { manifest, deploy } = manifestOf({ buildTask: 'bundle' });
  const [{ secrets, strategy, target }] = manifest.environments;
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: {
      kind: 'servers',
      hosts: [{ name: 'web-1', address: 'web-1', port: 22 }],
      hostKeys: [`web-1 ${KEY}`],
      user: 'deploy',
      privateKeyVariable: 'SSH_PRIVATE_KEY',
      directory: '/srv/shop',
      files: 'dist',
      shared: [],
      hostCheckMs: 30_000,
      atOnce: 1,
      keep: 5,
    },
  });
  expect(secrets).toEqual(['SSH_PRIVATE_KEY']);
  expect(strategy.commandTimeoutMs).toBe(900_000);
  expect(manifest.artifact?.paths).toEqual(['dist']);
  expect(deploy.jobs.build).toBeDefined();
});

it.each([
  ['the jobs that only read get the private key from the monitorEnvironment', 'production-look', '${{ secrets.SSH_PRIVATE_KEY }}'],
  ['without a monitorEnvironment they do not get it', undefined, undefined],
])('%s', (_, monitorEnvironment, key) => {
  const project = plainProject();
  deliver(project, { monitoring: {}, environments: [environment('production', { trigger: Trigger.tag('v*'), target: Target.servers(LEAST), monitorEnvironment })] });
  const { deploy, monitor } = synthesize(project);
  const reading = [deploy.jobs.environment_production, deploy.jobs.monitor_production, monitor!.jobs.watch];
  expect(reading.map((job) => (job.environment as { name: string } | undefined)?.name)).toEqual(reading.map(() => monitorEnvironment));
  expect(reading.map(({ steps }) => steps!.find(({ env }) => env?.SSH_PRIVATE_KEY)?.env?.SSH_PRIVATE_KEY)).toEqual(reading.map(() => key));
});

it('Target.servers takes ports, addresses, several keys, shared files, commands and limits', () => {
  const [{ target }] = manifestOf({
    hosts: ['10.0.0.11:2222', '[2001:db8::1]', 'Web-3.example.com'],
    hostKeys: [`[10.0.0.11]:2222 ${KEY}`, `2001:db8::1 ${KEY}`, ` web-3.example.com,10.0.0.13 ${KEY} `],
    directory: '/srv/shop/',
    files: './dist/web/',
    shared: ['data', 'config/.env'],
    restart: 'sudo systemctl restart shop',
    hostCheck: 'curl -fsS http://localhost:8080/health',
    hostCheckTimeout: Duration.minutes(1),
    privateKeySecret: 'SHOP_KEY',
    atOnce: 3,
    keep: 2,
  }).manifest.environments;
  expect(target.driver).toMatchObject({
    hosts: [
      { name: '10.0.0.11:2222', address: '10.0.0.11', port: 2222 }, { name: '[2001:db8::1]', address: '2001:db8::1', port: 22 },
      { name: 'Web-3.example.com', address: 'web-3.example.com', port: 22 },
    ],
    directory: '/srv/shop',
    files: 'dist/web',
    shared: ['data', 'config/.env'],
    restart: 'sudo systemctl restart shop',
    hostCheckMs: 60_000,
    privateKeyVariable: 'SHOP_KEY',
    atOnce: 3,
    keep: 2,
  });
});

it.each<[string, object, string]>([
  ['no host', { hosts: [] }, 'Target.servers hosts: it names no host'],
  ['hosts as a text', { hosts: 'web-1' }, 'Target.servers hosts: \'web-1\' is not a list'],
  ['an account in a host', { hosts: ['deploy@web-1'] }, 'Target.servers hosts: \'deploy@web-1\' names an account. Write \'web-1\', and set user: \'deploy\''],
  ['an option of ssh as a host', { hosts: ['-oProxyCommand=x'] }, 'Target.servers hosts: \'-oProxyCommand=x\' is not an address'],
  ['a host twice', { hosts: ['web-1', 'WEB-1:22'] }, 'Target.servers hosts: \'WEB-1:22\' is in it twice'],
  ['a host without a key', { hosts: ['web-1', 'web-2:2222'] }, 'Target.servers hostKeys: there is no key of \'web-2:2222\', so it could be any machine. Add what this prints, and compare it with the key on the host: ssh-keyscan -t ed25519 -p 2222 web-2'],
  ['a key without a host', { hostKeys: [KEY] }, 'is not a line of known_hosts with a host, a type and a key'],
  ['a hashed host', { hostKeys: [`|1|abc=|def= ${KEY}`] }, 'is not a line of known_hosts'],
  ['two lines as one', { hostKeys: [`web-1 ${KEY}\nweb-2 ${KEY}`] }, 'is not a line of known_hosts'],
  ['no user', { user: undefined }, 'Target.servers user: it is missing'],
  ['an option of ssh as the user', { user: '-oX' }, 'Target.servers user: \'-oX\' is not the name of an account'],
  ['a relative directory', { directory: 'srv/shop' }, 'Target.servers directory: \'srv/shop\' is not an absolute path'],
  ['a directory above', { directory: '/srv/../etc' }, 'Target.servers directory: \'/srv/../etc\' is not an absolute path'],
  ['a folder of the system', { directory: '/usr/' }, 'Target.servers directory: \'/usr/\' is a folder of the system. Write a folder of its own: \'/srv/shop\''],
  ['the root', { directory: '/' }, 'Target.servers directory: \'/\' is a folder of the system'],
  ['files outside of the project', { files: '../dist' }, 'Target.servers files: \'../dist\' is not a file or folder inside the project'],
  ['a shared path above', { shared: ['../data'] }, 'Target.servers shared: \'../data\' is not a path in the folder of a release'],
  ['a shared path in another one', { shared: ['data', 'data/uploads'] }, 'Target.servers shared: \'data/uploads\' is shared already'],
  ['an empty command', { restart: ' ' }, 'Target.servers restart: \' \' is not a shell line'],
  ['an expression', { hostCheck: 'echo ${{ secrets.A }}' }, 'Target.servers hostCheck: \'echo ${{ secrets.A }}\' contains an expression'],
  ['a time limit without a check', { hostCheckTimeout: Duration.seconds(5) }, 'Target.servers hostCheckTimeout: without hostCheck it has no effect'],
  ['a time limit that is too long', { hostCheck: 'true', hostCheckTimeout: Duration.hours(1) }, 'Target.servers hostCheckTimeout: 3600000 ms is out of range'],
  ['no host at once', { atOnce: 0 }, 'Target.servers atOnce: 0 is out of range'],
  ['one release to keep', { keep: 1 }, 'Target.servers keep: 1 is out of range. Set a whole number from 2 to 100'],
  ['a key in place of its name', { privateKeySecret: '-----BEGIN' }, 'Target.servers privateKeySecret: the given value is not a name'],
  ['an unknown option', { host: 'web-1' }, 'Target.servers host: there is no such option'],
])('Target.servers rejects %s', (_, options, message) => {
  expect(() => manifestOf(options as Partial<Options>)).toThrow(message);
});

it('Target.servers has no slots', () => {
  expect(() => manifestOf({}, Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }))).toThrow('Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none');
});
