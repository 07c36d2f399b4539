import { cdk, java } from 'projen';
import { Registry, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../../test-project';

type GoOptions = Parameters<typeof Registry.go>[0];
type MavenOptions = Parameters<typeof Registry.maven>[0];

function manifestOf(registry: Registry, project = plainProject()) {
  deliver(project, { environments: [environment('registry', { trigger: Trigger.manual(), target: Target.registry({ registry, smoke: 'true' }) })] });
  return synthesize(project).manifest;
}

const goOf = (options: GoOptions) => manifestOf(Registry.go(options)).environments[0];
const mavenOf = (options: MavenOptions) => manifestOf(Registry.maven(options)).environments[0];
const MODULE = 'github.com/acme/shop';

it('a module of Go is got from proxy.golang.org, which has 45 minutes to notice a version', () => {
  const { strategy, target } = goOf({ module: `${MODULE}/v2` });
  expect(target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    noRollback: 'Release a higher version whose go.mod retracts this one (retract v1.2.3 // why), so that go get skips it: proxy.golang.org serves github.com/acme/shop/v2 as it is for good',
    driver: { kind: 'packageRegistry', registry: { ecosystem: 'go', packageName: `${MODULE}/v2`, index: 'https://proxy.golang.org/', fromThisRepository: true }, smoke: 'true' },
  });
  expect(strategy.commandTimeoutMs).toBe(45 * 60_000);
});

it('a module of another proxy may be unknown to the checksum database, and come from another repository', () => {
  const { target } = goOf({ module: MODULE, proxy: 'https://go.example.com/mod', privateModules: ['example.com/*'], fromThisRepository: false });
  expect(target.driver).toMatchObject({ registry: { index: 'https://go.example.com/mod/', privateModules: ['example.com/*'], fromThisRepository: false } });
});

it('a package of Maven Central has an hour to appear; one of another repository 15', () => {
  const { strategy, target } = mavenOf({ groupId: 'com.acme', artifactId: 'shop' });
  expect(target).toMatchObject({
    noRollback: 'Release a higher version: Maven Central deletes none, and has no mark for a bad one',
    driver: { kind: 'packageRegistry', registry: { ecosystem: 'maven', packageName: 'com.acme:shop', index: 'https://repo1.maven.org/maven2/' } },
  });
  expect(strategy.commandTimeoutMs).toBe(60 * 60_000);
  const own = mavenOf({ groupId: 'com.acme', artifactId: 'shop', repository: 'https://maven.example.com/releases' });
  expect([own.strategy.commandTimeoutMs, own.target.driver]).toEqual([15 * 60_000, expect.objectContaining({ registry: { ecosystem: 'maven', packageName: 'com.acme:shop', index: 'https://maven.example.com/releases/' } })]);
});

it('the files of a folder are the artifact', () => {
  const manifest = manifestOf(Registry.maven({ groupId: 'com.acme', artifactId: 'shop', directory: 'dist/java' }));
  expect([manifest.artifact?.paths, manifest.environments[0].target.driver]).toEqual([['dist/java'], expect.objectContaining({ registry: expect.objectContaining({ directory: 'dist/java' }) })]);
});

it('a Java project names its package', () => {
  const project = new java.JavaProject({ name: 'shop', groupId: 'com.acme', artifactId: 'the-shop', version: '0.0.0', outdir: temporaryFolder() });
  expect(manifestOf(Registry.maven(), project).environments[0].target.driver).toMatchObject({ registry: { packageName: 'com.acme:the-shop' } });
});

it('a jsii project names its package of Maven, and publishes its Go module to another repository', () => {
  const project = () => new cdk.JsiiProject({
    name: 'shop',
    author: 'Ada',
    authorAddress: 'ada@example.com',
    repositoryUrl: 'https://github.com/acme/shop.git',
    defaultReleaseBranch: 'main',
    outdir: temporaryFolder(),
    publishToMaven: { javaPackage: 'com.acme.shop', mavenGroupId: 'com.acme', mavenArtifactId: 'shop-jsii' },
  });
  expect(manifestOf(Registry.maven(), project()).environments[0].target.driver).toMatchObject({ registry: { packageName: 'com.acme:shop-jsii' } });
  expect(manifestOf(Registry.go({ module: 'github.com/acme/shop-go/shop' }), project()).environments[0].target.driver).toMatchObject({ registry: { fromThisRepository: false } });
});

const anything = (value: unknown) => value as never;

it.each<[string, () => unknown]>([
  ['Registry.go options: undefined is not a set of options. Write { module: \'github.com/acme/shop\' }', () => Registry.go(anything(undefined))],
  ['Registry.go module: it is missing. Write the module path of go.mod', () => Registry.go(anything({}))],
  ['Registry.go module: \'https://github.com/acme/shop\' is not the path of a module. Write it as in go.mod', () => Registry.go({ module: 'https://github.com/acme/shop' })],
  ['Registry.go module: \'github.com/acme/shop@v1.2.3\' is not the path of a module', () => Registry.go({ module: `${MODULE}@v1.2.3` })],
  ['Registry.go module: \'shop\' is not the path of a module', () => Registry.go({ module: 'shop' })],
  ['Registry.go module: \'github.com/acme/shop/v1\' ends with a major version below 2. Write \'github.com/acme/shop\'', () => Registry.go({ module: `${MODULE}/v1` })],
  ['Registry.go proxy: \'http://go.example.com\' is plain http', () => Registry.go({ module: MODULE, proxy: 'http://go.example.com' })],
  ['Registry.go proxy: \'https://go.example.com/?a=b\' has more than a path', () => Registry.go({ module: MODULE, proxy: 'https://go.example.com/?a=b' })],
  ['Registry.go privateModules: proxy.golang.org serves no private modules. Set proxy', () => Registry.go({ module: MODULE, privateModules: ['example.com/*'] })],
  ['Registry.go privateModules: \'a,b\' is not a pattern of modules', () => Registry.go({ module: MODULE, proxy: 'https://go.example.com', privateModules: ['a,b'] })],
  ['Registry.go fromThisRepository: \'no\' is neither true nor false', () => Registry.go({ module: MODULE, fromThisRepository: anything('no') })],
  ['Registry.maven groupId: it is missing, and the project is neither a Java project nor a jsii project', () => mavenOf({})],
  ['Registry.maven artifactId: it is missing', () => mavenOf({ groupId: 'com.acme' })],
  ['Registry.maven groupId: \'com/acme\' is not one. Write it as in pom.xml: \'com.acme\'', () => mavenOf({ groupId: 'com/acme', artifactId: 'shop' })],
  ['Registry.maven artifactId: \'shop:1.0\' is not one', () => mavenOf({ groupId: 'com.acme', artifactId: 'shop:1.0' })],
  ['Registry.maven repository: \'https://central.sonatype.com/\' is not a repository. Write \'https://repo1.maven.org/maven2/\'', () => Registry.maven({ repository: 'https://central.sonatype.com/' })],
  ['Registry.maven repository: the URL of maven.example.com carries credentials', () => Registry.maven({ repository: 'https://ada:secret@maven.example.com/' })],
  ['Registry.maven directory: ', () => mavenOf({ groupId: 'com.acme', artifactId: 'shop', directory: '/tmp' })],
  ['deploys the package com.acme:shop, too', () => {
    const target = () => Target.registry({ registry: Registry.maven({ groupId: 'com.acme', artifactId: 'shop' }) });
    deliver(plainProject(), { environments: [environment('staging', { target: target() }), environment('maven', { target: target(), trigger: Trigger.after('staging') })] });
  }],
])('rejects %s', (message, act) => {
  expect(act).toThrow(message);
});
