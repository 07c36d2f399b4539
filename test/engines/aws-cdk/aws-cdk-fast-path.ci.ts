/** Target.awsCdk with aliases that a rollback moves back first: through the bundled runtime, with the stand-in for the CDK CLI, CloudFormation and Lambda as real processes. */
import { AwsCdkWorld } from './aws-cdk-world';
import { AwsCdkDriverManifest } from '../../../src/engines/aws-cdk/manifest';
import { AssemblyOptions, CdkFaultKind, UNTIL_CANCELLED } from '../../../tools/aws-cdk-stand-in/stand-in';

const FAST_PATH = [{ alias: 'live', functionName: 'shop' }];
const RETAINED: AssemblyOptions = { alias: 'retained' };

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

/** v1 is Stable, and users reach its version 1 by the alias. */
async function begin(settings: Partial<AwsCdkDriverManifest> = { fastPath: FAST_PATH }, options = RETAINED): Promise<void> {
  cdk = await AwsCdkWorld.create(settings);
  expect((await cdk.ship('v1', 'good', options)).code).toBe(0);
  expect(cdk.aws.aliasVersion).toBe('1');
  cdk.aws.fails();
}

/** Stable, the engine, users, and the alias and its stack agree. */
async function stands(version: string): Promise<void> {
  await cdk.stands(version);
  expect(cdk.aws.aliasVersion).toBe(cdk.aws.stackVersion);
}

it('a rollback moves the alias back before CloudFormation begins, and CloudFormation counts in the end', async () => {
  await begin();
  cdk.aws.fails({ on: 'cdk deploy', nth: 2, how: 'waits' });
  let seen: string | undefined;
  const ended = await cdk.ship('v2', 'bad', RETAINED, (line) => {
    if (!/traffic of the alias live of the function shop is back at version 1 with v1/.test(line)) return;
    seen = `${cdk.aws.served} ${cdk.aws.stackVersion}`;
    cdk.aws.goOn();
  });
  expect(ended.code).toBe(1);
  // users are on v1, and the stack still has version 2
  expect(seen).toBe('v1 2');
  expect(cdk.aws.changes).toEqual(['cdk deploy', 'update-alias', 'cdk deploy']);
  await stands('v1');
});

it('without the option no alias is read', async () => {
  await begin({});
  expect((await cdk.ship('v2', 'bad', RETAINED)).code).toBe(1);
  expect(cdk.aws.calls.filter((call) => /alias|stack-resource/.test(call))).toEqual([]);
  await stands('v1');
});

it('a function whose name CloudFormation makes is found by an output', async () => {
  await begin({ fastPath: [{ alias: 'live', output: 'shop-api.Function' }] }, { alias: 'generated' });
  expect((await cdk.ship('v2', 'bad', { alias: 'generated' })).output).toContain('traffic of the alias live of the function shop-api-Fn-1A2B is back at version 1');
  await stands('v1');
});

it('the process of a recovery finds in the record where the alias was', async () => {
  await begin();
  await cdk.ship('v2', 'good', RETAINED, (line, stop) => {
    if (line.includes('Verify')) stop('SIGKILL');
  });
  expect(cdk.aws.served).toBe('v2');
  cdk.aws.fails();
  expect((await cdk.deliver('rollback', 'production', '--recover')).code).toBe(0);
  expect(cdk.aws.changes).toEqual(['update-alias', 'cdk deploy']);
  await stands('v1');
});

it('a rollback by hand uses what was noted when the release was Stable', async () => {
  await begin();
  expect((await cdk.ship('v2', 'good', RETAINED)).code).toBe(0);
  cdk.aws.fails();
  expect((await cdk.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
  expect(cdk.aws.changes).toEqual(['update-alias', 'cdk deploy']);
  await stands('v1');
});

it('users of a stack that gets stuck are back before it is released', async () => {
  await begin();
  let seen: string | undefined;
  const ended = await cdk.ship('v2', 'good', { ...RETAINED, how: 'sticks' }, (line) => {
    if (line.includes('continue its rollback')) seen = cdk.aws.served;
  });
  expect(seen).toBe('v1');
  expect(ended.code).toBe(1);
  await stands('v1');
});

it('an update that is in progress may move the alias again, so it is moved back once more', async () => {
  await begin();
  await cdk.ship('v2', 'good', { ...RETAINED, looks: UNTIL_CANCELLED }, (line, stop) => {
    if (line.includes('shop-api: deploying')) stop('SIGKILL');
  });
  cdk.aws.fails();
  expect((await cdk.deliver('rollback', 'production', '--recover')).code).toBe(0);
  expect(cdk.aws.changes.slice(0, 2)).toEqual(['update-alias', 'cancel-update-stack']);
  await stands('v1');
});

describe('is refused before the first change', () => {
  it.each<[string, AwsCdkDriverManifest['fastPath'], AssemblyOptions, string]>([
    ['an app without the alias', FAST_PATH, {}, 'fastPath: in v2 no stack of the environment has the alias live of the function shop. Add it with fn.addAlias(\'live\')'],
    ['another function', [{ alias: 'live', functionName: 'shopp' }], RETAINED, 'has the alias live of the function shopp'],
    ['another output', [{ alias: 'live', output: 'shop-api.Fn' }], RETAINED, 'has the alias live of the function in the output shop-api.Fn'],
    ['a version that CloudFormation deletes', FAST_PATH, { alias: 'deleted' }, 'RemovalPolicy.RETAIN'],
    ['an alias that CodeDeploy moves', FAST_PATH, { alias: 'shifted' }, 'CodeDeploy moves traffic of the alias live of the function shop, too'],
    ['an alias at $LATEST', FAST_PATH, { alias: 'latest' }, 'Point it at fn.currentVersion'],
  ])('%s', async (_, fastPath, options, message) => {
    cdk = await AwsCdkWorld.create({ fastPath });
    const ended = await cdk.ship('v2', 'good', options);
    expect(ended.output).toContain(message);
    expect(ended.output).toContain('Nothing was changed');
    expect(ended.code).toBe(2);
    expect(cdk.aws.changes).toEqual([]);
  });

  it('an alias that someone deleted, and a version that someone deleted', async () => {
    await begin();
    cdk.aws.moveAlias(undefined);
    const noAlias = await cdk.ship('v2', 'good', RETAINED);
    expect(noAlias.output).toContain('the alias live of the function shop is gone, though its stack has it. Create it again: aws lambda create-alias');
    cdk.aws.moveAlias('1');
    const { functions, ...account } = cdk.aws.account;
    cdk.aws.account = { ...account, functions: { shop: { ...functions!.shop!, versions: { 2: 'v1' } } } };
    const noVersion = await cdk.deploy('v2');
    expect(noVersion.output).toContain('version 1 of the function shop is gone');
    expect([noAlias.code, noVersion.code]).toEqual([2, 2]);
    expect(cdk.aws.changes).toEqual([]);
  });
});

describe('Stable without a version that stays', () => {
  it.each<[string, AssemblyOptions, string]>([
    ['no alias yet', {}, 'no fast path back to v1: its stacks have no alias of fastPath yet'],
    ['CloudFormation deletes its version', { alias: 'deleted' }, 'no fast path back to v1: CloudFormation deletes its versions'],
  ])('%s: said, and a rollback takes the way of CloudFormation', async (_, options, message) => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1', 'good', options);
    const { target } = cdk.world.manifest.environments[0];
    cdk.world.change({ target: { ...target, driver: { ...target.driver as AwsCdkDriverManifest, fastPath: FAST_PATH } } });
    cdk.aws.fails();
    const ended = await cdk.ship('v2', 'bad', RETAINED);
    expect(ended.output).toContain(message);
    expect(ended.code).toBe(1);
    expect(cdk.aws.changes).toEqual(['cdk deploy', 'cdk deploy']);
    await cdk.stands('v1');
  });

  it('stacks that someone changed by hand', async () => {
    await begin();
    cdk.aws.byHand('shop-api', { template: { Metadata: { release: 'by hand' }, Resources: {} } });
    expect((await cdk.ship('v2', 'bad', RETAINED)).output).toContain('no fast path back to v1: someone changed its stacks by hand');
    await stands('v1');
  });
});

describe('an alias that someone moved by hand', () => {
  it.each<[string, string, Record<string, number>]>([['to another version', '2', {}], ['with weights', '1', { 2: 0.3 }]])('%s is shown, replaced by the next deployment, and goes back to Stable\'s version', async (_, version, weights) => {
    await begin();
    const { functions, ...account } = cdk.aws.account;
    cdk.aws.account = { ...account, functions: { shop: { ...functions!.shop!, versions: { 1: 'v1', 2: 'by hand' } } } };
    cdk.aws.moveAlias(version, weights);
    expect((await cdk.status()).changedByHand).toContain('at the alias live of the function shop, where the stack has version 1');
    const ended = await cdk.ship('v2', 'bad', RETAINED);
    expect(ended.output).toContain('someone moved the alias live of the function shop by hand to version');
    expect(ended.output).toContain('is back at version 1 with v1');
    await stands('v1');
    cdk.aws.moveAlias(version, weights);
    expect((await cdk.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await stands('v1');
  });
});

it.each<[CdkFaultKind, string, RegExp]>([
  ['throttled', 'update-alias', /retry in/], ['unavailable', 'update-alias', /read the alias again/], ['appliedUnavailable', 'update-alias', /read the alias again/],
  ['conflict', 'update-alias', /read the alias again/], ['denied', 'update-alias', /was not moved back first/],
])('%s at %s: the rollback ends verified', async (how, on, line) => {
  await begin();
  cdk.aws.fails({ on, nth: 1, how });
  const ended = await cdk.ship('v2', 'bad', RETAINED);
  expect(ended.output).toMatch(line);
  expect(ended.code).toBe(1);
  await stands('v1');
});

it('an alias that cannot be read does not prevent the rollback', async () => {
  await begin();
  await cdk.ship('v2', 'good', RETAINED, (line, stop) => {
    if (line.includes('Verify')) stop('SIGKILL');
  });
  cdk.aws.fails({ on: 'get-alias', nth: 1, times: 2, how: 'denied' });
  const ended = await cdk.deliver('rollback', 'production', '--recover');
  expect(ended.output).toContain('Traffic of the alias live of the function shop was not moved back first');
  await stands('v1');
});
