/** Target.registry with a package of Maven through the bundled runtime: the repository over HTTP, and a stand-in for mvn as a real process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MavenWorld } from './maven-world';
import { REMEDY } from './package-world';
import { PageFault, ToolFault } from '../../../tools/package-registry-stand-in/registry-stand-in';

let maven: MavenWorld;
afterEach(() => maven.destroy());

const smoke = 'cat "$CLASSPATH" > "$REGISTRY_STAND_IN/smoked"; echo "token=${SHOP_TOKEN:-}" >> "$REGISTRY_STAND_IN/smoked"; [ -f pom.xml ] && [ -n "$MAVEN_OPTS" ]';

async function stable(settings: Parameters<typeof MavenWorld.create>[0] = {}): Promise<void> {
  maven = await MavenWorld.create(settings);
  expect((await maven.ship('1.0.0')).code).toBe(0);
  maven.aws.forget();
}

async function isHalted({ code, output }: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
  expect(output).toContain(why);
  expect(output).toContain(`The target cannot take a release back. ${REMEDY}.`);
  expect([code, await maven.lastState()]).toEqual([3, 'halted']);
}

async function isRefused({ code, output }: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
  expect(output).toContain(why);
  expect(output).toContain('Nothing was changed.');
  expect([code, await maven.lastState()]).toEqual([2, 'stable']);
}

it('a version is resolved into an empty project and tested there, without secrets and without a trace; its jar is recorded', async () => {
  maven = await MavenWorld.create({ smoke });
  const { code, output } = await maven.ship('1.0.0');
  expect(code).toBe(0);
  expect(output).toMatch(/com\.acme:shop 1\.0\.0 \(sha256:[0-9a-f]{64}\) is served by com\.acme:shop on 127\.0\.0\.1/);
  expect(maven.aws.calls).toEqual(['version', 'resolve']);
  expect(readFileSync(join(maven.world.root, 'machine/smoked'), 'utf8')).toBe('the jar of 1.0.0\ntoken=\n');
  expect(maven.aws.toolEnv).not.toContain('a-secret-of-the-shop');
  expect(readdirSync(maven.temporary)).toEqual([]);
  await maven.stands('v1.0.0');
});

it('a version is waited for until the repository has it, and until Maven finds it', async () => {
  await stable();
  const { code, output } = await maven.shipLate('1.1.0');
  expect(code).toBe(0);
  expect(output).toContain('the registry does not serve com.acme:shop 1.1.0 yet; read the registry again in 1 s');
  const next = await maven.ship('1.2.0', 'good', { installs: null }, (line) => {
    if (line.includes('Could not find artifact')) maven.aws.installable('1.2.0');
  });
  expect(next.output).toContain('mvn dependency:build-classpath: [ERROR] Failed to execute goal on project consumer');
  expect(next.code).toBe(0);
  await maven.stands('v1.2.0');
});

it('a version whose files are there is found before the list names it', async () => {
  await stable();
  maven.aws.unlisted.add('1.1.0');
  expect((await maven.ship('1.1.0')).code).toBe(0);
  await maven.stands('v1.1.0');
  maven.watch();
  expect((await maven.deliver('watch')).output).not.toContain('changed by hand');
});

it('resolve finds a halted version that the list does not name yet', async () => {
  await stable({ smoke: '[ "$DELIVERY_VERSION" != v1.1.0 ]' });
  maven.aws.unlisted.add('1.1.0');
  await isHalted(await maven.ship('1.1.0'), 'the smoke command failed with com.acme:shop 1.1.0: exit code 1');
  expect((await maven.deliver('resolve', 'production')).code).toBe(0);
  await maven.stands('v1.1.0');
});

it.each([['the first release', false], ['a further release', true]])('adopt finds the version that it names before the list does: %s', async (_, isKnown) => {
  maven = await MavenWorld.create();
  maven.world.release('v1.0.0');
  maven.aws.publish('1.0.0');
  if (isKnown) await maven.deploy('v1.0.0');
  maven.world.release('v1.1.0');
  maven.aws.unlisted.add('1.1.0');
  maven.aws.publish('1.1.0');
  expect((await maven.deliver('adopt', 'production', '--release', 'v1.1.0')).code).toBe(0);
  await maven.stands('v1.1.0');
  maven.aws.unlisted.clear();
  await maven.stands('v1.1.0');
});

it('adopt refuses a version below one that no delivery published', async () => {
  maven = await MavenWorld.create();
  maven.forgetIdentity();
  maven.world.release('v1.0.0');
  maven.aws.publish('1.0.0');
  maven.aws.publish('1.5.0');
  const { code, output } = await maven.deliver('adopt', 'production', '--release', 'v1.0.0');
  expect(output).toContain('is not live: the engine serves version 1.5.0, which no delivery published. Nothing was recorded.');
  expect([code, (await maven.status()).stable]).toEqual([2, undefined]);
});

it('a version that is listed without a checksum of its jar is waited for', async () => {
  await stable();
  maven.aws.algorithms = [];
  const { code } = await maven.ship('1.1.0', 'good', {}, (line) => {
    if (line.includes('the registry does not serve com.acme:shop 1.1.0 yet (it is listed, and shop-1.1.0.jar has no checksum)')) maven.aws.algorithms = ['sha1'];
  });
  expect(code).toBe(0);
});

it('the files of a repository with sha1 only are compared with those that were built, in folders', async () => {
  maven = await MavenWorld.create({ directory: 'machine/dist' });
  maven.aws.algorithms = ['sha1'];
  maven.build('1.0.0');
  expect((await maven.ship('1.0.0')).code).toBe(0);
  maven.build('1.1.0', { jar: Buffer.from('other bytes') });
  const ended = await maven.ship('1.1.0');
  expect(ended.output).toContain('com.acme:shop 1.1.0 is in the registry with another shop-1.1.0.jar: its sha1 is ');
  expect([ended.code, await maven.lastState()]).toEqual([3, 'halted']);
  maven.build('1.0.0');
  const other = await maven.ship('1.2.0');
  expect(other.output).toContain('machine/dist has no file of com.acme:shop 1.2.0, but shop-1.0.0.jar. Correct directory');
});

it('a jar that has a sha1 only is compared by it, also beside a pom that has a sha256', async () => {
  maven = await MavenWorld.create({ directory: 'machine/dist' });
  maven.aws.jarAlgorithms = ['sha1'];
  maven.build('1.0.0');
  expect((await maven.ship('1.0.0')).code).toBe(0);
  maven.build('1.1.0');
  await isHalted(await maven.ship('1.1.0', 'good', { installs: 'another jar' }), 'the installation of com.acme:shop 1.1.0 got a file that the registry does not name: its sha1 is ');
});

it('the pom says the version of a release that is named by its commit; files with a classifier are not compared', async () => {
  maven = await MavenWorld.create({ directory: 'machine/dist' });
  maven.build('1.0.0', { classifiers: ['all', 'final'] });
  maven.aws.publish('1.0.0');
  maven.forgetIdentity();
  const name = maven.world.commitLike(/^\d/).slice(0, 7);
  expect((await maven.deploy(name)).code).toBe(0);
  const { changedByHand, stable: found } = await maven.status();
  expect([found?.version, changedByHand]).toEqual([name, undefined]);
});

it('files with a classifier are not compared, also if the classifier means nothing in a version', async () => {
  maven = await MavenWorld.create({ directory: 'machine/dist' });
  maven.build('1.0.0', { classifiers: ['final'] });
  expect((await maven.ship('1.0.0')).code).toBe(0);
});

it.each<[ToolFault, RegExp]>([['full', /No space left on device/], ['denied', /status code: 403/]])('what is not the release\'s fault (%s) halts and blocks nothing, and the same release is verified later', async (how, cause) => {
  await stable();
  maven.aws.failTool('resolve', how);
  expect((await maven.ship('1.1.0')).code).toBe(3);
  expect(await maven.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringMatching(cause), blocked: [] });
  expect((await maven.deliver('deploy', 'production', '--release', 'v1.1.0')).code).toBe(0);
  await maven.stands('v1.1.0');
});

it('nothing begins with a release that is named by its commit, if there are poms of two versions or none', async () => {
  maven = await MavenWorld.create({ directory: 'machine/dist' });
  maven.build('1.0.0');
  await maven.ship('1.0.0');
  const name = maven.world.commitLike(/^\d/).slice(0, 7);
  maven.build('1.1.0', { poms: ['1.0.0', '1.1.0'] });
  await isRefused(await maven.deploy(name), 'which is no version of com.acme:shop. Name releases by their version');
  maven.build('1.1.0', { poms: [] });
  await isRefused(await maven.deploy(name), 'which is no version of com.acme:shop. Name releases by their version');
});

it('a version that fails its smoke command is halted, and the next one rolls forward', async () => {
  await stable({ smoke: '[ "$DELIVERY_VERSION" != v1.1.0 ]' });
  await isHalted(await maven.ship('1.1.0'), 'the smoke command failed with com.acme:shop 1.1.0: exit code 1');
  expect((await maven.ship('1.2.0')).code).toBe(0);
  await maven.stands('v1.2.0');
});

it('a jar that differs from its checksum, or that the repository does not name, is halted', async () => {
  await stable();
  maven.aws.failTool('resolve', 'fails');
  await isHalted(await maven.ship('1.1.0'), 'Checksum validation failed');
  await isHalted(await maven.ship('1.2.0', 'good', { installs: 'another jar' }), 'the installation of com.acme:shop 1.2.0 got a file that the registry does not name: its sha256 is ');
});

it('a process that is killed while Maven resolves leaves a release that is halted; the same one again is verified', async () => {
  await stable();
  maven.aws.failTool('resolve', 'kills');
  await maven.ship('1.1.0');
  expect((await maven.deliver('rollback', 'production', '--recover')).code).toBe(3);
  expect((await maven.deploy('v1.1.0')).code).toBe(0);
  await maven.stands('v1.1.0');
});

it.each<[PageFault, PageFault, ToolFault]>([[429, 'resets', 'throttled'], [500, 503, 'unavailable']])('a repository that responds with %s and %s, and Maven with %s, ends as without', async (first, second, how) => {
  await stable();
  maven.aws.failPages(first, second);
  maven.aws.failTool('resolve', how);
  expect((await maven.ship('1.1.0')).code).toBe(0);
  await maven.stands('v1.1.0');
});

it('nothing begins with a Maven that is too old or without Java, or with a repository that needs a sign-in', async () => {
  await stable();
  maven.aws.toolVersion = 'Apache Maven 3.6.2';
  await isRefused(await maven.ship('1.1.0'), 'Target.registry: Maven 3.6.2 is too old. Install Maven 3.6.3 or later and Java in setupSteps (actions/setup-java)');
  maven.aws.toolVersion = 'Apache Maven 4.0.0-rc-4';
  maven.aws.failTool('version', 'missing');
  await isRefused(await maven.deploy('v1.1.0'), 'JAVA_HOME environment variable is not defined correctly');
  maven.aws.failPages(...Array.from({ length: 30 }, () => 401));
  await isRefused(await maven.deploy('v1.1.0'), 'must be readable without a sign-in');
  expect(maven.aws.calls).toEqual(['version', 'version', 'version']);
});

it('nothing begins with a snapshot, or with a release that is named by its commit', async () => {
  await stable();
  const sha = maven.world.commitLike(/^\d/);
  await isRefused(await maven.deploy(sha.slice(0, 7)), 'which is no version of com.acme:shop. Name releases by their version');
  await isRefused(await maven.ship('1.1.0-SNAPSHOT'), 'which is no version of com.acme:shop. A snapshot may change at any time: release a version');
});

it('the highest version by the rules of Maven is live, prereleases only among prereleases', async () => {
  await stable();
  maven.aws.publish('1.1.0-rc.1');
  expect((await maven.status()).changedByHand).toBeUndefined();
  maven.aws.publish('1.10.0');
  maven.aws.publish('1.9.0');
  const { changedByHand, live } = await maven.status();
  expect(live).toContain('1.10.0, which no delivery published');
  expect(changedByHand).toContain('To keep what is live');
});
