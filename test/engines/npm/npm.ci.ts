/** Target.npm through the bundled runtime, with the stand-in for the npm CLI as a real process. Faults are in `npm-faults.ci.ts`. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NpmWorld } from './npm-world';
import { NpmDriverManifest } from '../../../src/engines/npm/manifest';
import { TOKEN } from '../../../tools/npm-stand-in/stand-in';

/** The commands in the table of docs/targets/npm.md. */
const [, table] = /\n## The token\n([^]*?)\n## /.exec(readFileSync(join(__dirname, '../../../docs/targets/npm.md'), 'utf8'))!;
const DOCUMENTED = table!.split('\n').filter((line) => line.startsWith('| `npm')).flatMap((line) => [...line.split('|')[1]!.matchAll(/`npm ([a-z- ]+)`/g)].map(([, name]) => name)).sort();

let npm: NpmWorld;
afterEach(() => npm.world.destroy());

const smoke = 'cat "node_modules/@acme/shop/release" >> "$NPM_STAND_IN/smoked"; echo "token=$NPM_TOKEN" >> "$NPM_STAND_IN/smoked"; ! grep -q broken "node_modules/@acme/shop/release"';
const smoked = () => readFileSync(join(npm.world.root, 'machine/smoked'), 'utf8');

describe('a release', () => {
  it('is published under the candidate tag, installed, tested, and only then what users get', async () => {
    npm = await NpmWorld.create({ smoke });
    npm.aws.fails();
    expect((await npm.ship('v1.0.0')).code).toBe(0);
    const { calls } = npm.aws;
    expect(npm.aws.changes).toEqual(['publish', 'dist-tag-add']);
    expect(calls.indexOf('install')).toBeGreaterThan(calls.indexOf('publish'));
    expect(calls.indexOf('dist-tag-add')).toBeGreaterThan(calls.indexOf('rebuild'));
    expect(npm.aws.state.tags).toEqual({ latest: '1.0.0', next: '1.0.0' });
    expect(smoked()).toBe('v1.0.0token=\n');
    await npm.stands('v1.0.0');
  });

  it('that is bad goes back with one change, and is deprecated if that is wished', async () => {
    npm = await NpmWorld.create({ deprecation: 'It was rolled back.' });
    await npm.ship('v1.0.0');
    npm.aws.fails();
    expect((await npm.ship('v1.1.0', 'bad')).code).toBe(1);
    expect(npm.aws.changes).toEqual(['publish', 'dist-tag-add', 'dist-tag-add', 'deprecate']);
    expect(npm.aws.state.versions['1.1.0'].deprecated).toBe('It was rolled back.');
    expect(npm.aws.state.versions['1.0.0'].deprecated).toBeUndefined();
    // what the documentation says of the token, it says of each call; these two need none
    const called = new Set(npm.aws.calls.map((call) => call.replace('dist-tag-', 'dist-tag ')).filter((call) => !['--version', 'rebuild'].includes(call)));
    expect([...called].sort()).toEqual(DOCUMENTED);
    await npm.stands('v1.0.0');
  });

  it('whose smoke command fails is never what users get', async () => {
    npm = await NpmWorld.create({ smoke }, 'blueGreen');
    await npm.ship('v1.0.0');
    npm.aws.fails();
    npm.build('v1.1.0');
    npm.pack('v1.1.0', { release: 'broken' });
    const ended = await npm.deploy('v1.1.0');
    expect([ended.code, npm.aws.changes]).toEqual([1, ['publish']]);
    expect(ended.output).toContain('the smoke command failed with @acme/shop@1.1.0: exit code 1');
    expect(npm.aws.state.tags).toEqual({ latest: '1.0.0', next: '1.1.0' });
    await npm.stands('v1.0.0');
  });

  it('with blue/green moves the tag only after its test', async () => {
    npm = await NpmWorld.create({ smoke }, 'blueGreen');
    await npm.ship('v1.0.0');
    expect((await npm.ship('v1.1.0')).code).toBe(0);
    await npm.stands('v1.1.0');
  });

  it('that the release workflow published is verified and moved, and not published again', async () => {
    npm = await NpmWorld.create({ publishes: false });
    npm.build('v1.0.0');
    npm.aws.state = { ...npm.aws.state, versions: { ...npm.aws.state.versions, '1.0.0': { integrity: integrityOf('shop.tgz'), release: 'v1.0.0' } }, tags: { latest: '0.9.0', next: '1.0.0' } };
    npm.aws.fails();
    expect((await npm.deploy('v1.0.0')).code).toBe(0);
    expect(npm.aws.changes).toEqual(['dist-tag-add']);
    await npm.stands('v1.0.0');
  });

  it('that is rolled back by hand is deprecated, and no longer when it is released again', async () => {
    npm = await NpmWorld.create({ deprecation: 'It was rolled back.' });
    await npm.ship('v1.0.0');
    await npm.ship('v1.1.0');
    expect((await npm.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
    expect(npm.aws.state.versions['1.1.0'].deprecated).toBe('It was rolled back.');
    await npm.stands('v1.0.0');
    expect((await npm.deliver('rollback', 'production', '--release', 'v1.1.0', '--reason', 'a test')).code).toBe(0);
    expect(npm.aws.state.versions['1.1.0'].deprecated).toBe('');
    await npm.stands('v1.1.0');
  });
});

describe('the token', () => {
  it('is on no command line, in no log, in no file, and not where code of packages runs', async () => {
    npm = await NpmWorld.create({ smoke });
    // of its own: other suites run at the same time
    const temporary = join(npm.world.root, 'tmp');
    mkdirSync(temporary);
    npm.build('v1.0.0');
    const ended = await npm.world.run(['deploy', 'production', '--release', 'v1.0.0'], { ...npm.aws.env, TMPDIR: temporary });
    expect(ended.code).toBe(0);
    expect(npm.aws.argv).not.toContain(TOKEN);
    expect(ended.output).not.toContain(TOKEN);
    expect(npm.aws.scriptsEnv).toContain('"PATH"');
    expect(npm.aws.scriptsEnv).not.toContain(TOKEN);
    const files = readdirSync(npm.world.root, { recursive: true, encoding: 'utf8' }).map((path) => join(npm.world.root, path)).filter((path) => !path.endsWith('registry.json') && isFile(path));
    expect(files.filter((path) => readFileSync(path, 'utf8').includes(TOKEN))).toEqual([]);
    expect(readdirSync(temporary).filter((name) => existsSync(join(temporary, name, 'project/node_modules/@acme/shop')))).toEqual([]);
  });
});

describe('a user who prefers the cache of npm', () => {
  it('is shown the tag as it is now', async () => {
    npm = await NpmWorld.create();
    await npm.ship('v1.0.0');
    npm.aws.moveByHand('0.9.0');
    npm.aws.env.npm_config_prefer_offline = 'true';
    expect((await npm.status()).changedByHand).toContain('serves version 0.9.0');
  });
});

describe('a tag that someone moved by hand', () => {
  it('is shown by status, and put right by a rollback to Stable', async () => {
    npm = await NpmWorld.create();
    await npm.ship('v1.0.0');
    npm.aws.moveByHand('0.9.0');
    const { changedByHand } = await npm.status();
    expect(changedByHand).toContain('the tag latest of @acme/shop serves version 0.9.0, sha512-AAAAAAAAAAAAA..., which no delivery published, and the ledger says v1.0.0');
    expect((await npm.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
    await npm.stands('v1.0.0');
  });

  it('is adopted with its version, and restored to it', async () => {
    npm = await NpmWorld.create();
    npm.world.release('v0');
    expect((await npm.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
    expect((await npm.ship('v1.0.0', 'bad')).code).toBe(1);
    expect([npm.aws.state.tags.latest, npm.aws.served, (await npm.status()).last?.state]).toEqual(['0.9.0', 'v0', 'rolledBack']);
  });
});

describe('what cannot work does not begin', () => {
  const cases: [string, (world: NpmWorld) => void, string, Partial<NpmDriverManifest>?][] = [
    ['without a token', ({ aws }) => void Object.assign(aws.env, { NPM_TOKEN: '' }), 'no value for NPM_TOKEN. Set it as a secret of the environment; nothing was changed. Trusted publishing (OpenID Connect) can publish, and cannot move the tag latest. Store a granular access token'],
    ['with an expired token', ({ aws }) => { aws.state = { ...aws.state, token: 'another' }; }, 'Target.npm: npm dist-tag ls: E401'],
    ['with an old npm', ({ aws }) => void Object.assign(aws.env, { NPM_STAND_IN_VERSION: '9.8.1' }), 'npm 9.8.1 is too old. Install npm 10'],
    ['with an npm too old for trusted publishing', ({ aws }) => void Object.assign(aws.env, { NPM_STAND_IN_VERSION: '11.5.0' }), 'Target.npm trustedPublishing: npm 11.5.0 is too old', { isTrustedPublisher: true }],
    ['with a private package', (world) => world.pack('v1.1.0', { private: true }), 'is private, and npm publishes no package'],
    ['with another version in the tarball', (world) => world.pack('v1.1.0', { version: '0.0.0' }), 'the tarball in machine/dist is @acme/shop@0.0.0, and the release is v1.1.0'],
    ['with another package in the tarball', (world) => world.pack('v1.1.0', { name: 'shop' }), 'Target.npm packageName: machine/dist holds a tarball of shop, and none of @acme/shop'],
    ['with another registry in package.json', (world) => world.pack('v1.1.0', { publishConfig: { registry: 'https://npm.pkg.github.com' } }), 'Target.npm registry: it is https://registry.example.com/, and package.json has publishConfig.registry'],
    ['with another tag in package.json', (world) => world.pack('v1.1.0', { publishConfig: { tag: 'latest' } }), 'Target.npm candidateTag: it is next, and package.json has publishConfig.tag latest'],
    ['if the version is there with other files', ({ aws }) => {
      aws.state = { ...aws.state, versions: { ...aws.state.versions, '1.1.0': { integrity: `sha512-${'B'.repeat(86)}==`, release: 'v1.1.0' } } };
    }, '@acme/shop@1.1.0 is in the registry with other files: its integrity is sha512-BBBBBBBBBBBBB..., and that of the release is'],
    ['if Stable is not in the registry', ({ aws }) => {
      aws.state = { ...aws.state, versions: { '0.9.0': aws.state.versions['0.9.0'] }, tags: { latest: '0.9.0' } };
    }, 'has no @acme/shop@1.0.0, which is Stable, so a bad release could not be rolled back'],
    ['if Stable has other files', ({ aws }) => {
      aws.state = { ...aws.state, versions: { ...aws.state.versions, '1.0.0': { integrity: `sha512-${'B'.repeat(86)}==`, release: 'v1.0.0' } } };
    }, '@acme/shop@1.0.0 is in the registry with other files'],
  ];

  it.each(cases.map(([name, ...rest]) => [name, rest] as const))('%s', async (_, [damage, message, settings]) => {
    npm = await NpmWorld.create(settings);
    await npm.ship('v1.0.0');
    npm.build('v1.1.0');
    damage(npm);
    npm.aws.fails();
    const ended = await npm.deploy('v1.1.0');
    expect(ended.output).toContain(message);
    expect(ended.output).toMatch(/nothing was changed\./i);
    expect([ended.code, npm.aws.changes]).toEqual([2, []]);
  });

  it('a new scoped package without access', async () => {
    npm = await NpmWorld.create({ access: undefined });
    npm.aws.empty();
    expect((await npm.ship('v1.0.0')).output).toContain('Target.npm access: @acme/shop is a new scoped package, and npm would make it private. Set access');
  });

  it('a version that no one published, where the target must not', async () => {
    npm = await NpmWorld.create({ publishes: false });
    const ended = await npm.ship('v1.0.0');
    expect([ended.code, npm.aws.changes]).toEqual([2, []]);
    expect(ended.output).toContain('has no @acme/shop@1.0.0, and publish is false. Let the release workflow publish it before');
  });
});

function integrityOf(name: string): string {
  return `sha512-${createHash('sha512').update(readFileSync(join(npm.world.root, 'machine/dist', name))).digest('base64')}`;
}

function isFile(path: string): boolean {
  return statSync(path).isFile();
}
