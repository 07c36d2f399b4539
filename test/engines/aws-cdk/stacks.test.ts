import { cdkErrorOf } from '../../../src/engines/aws-cdk/runtime/cdk-cli';
import { AssemblyStack, partOf } from '../../../src/engines/aws-cdk/runtime/cloud-assembly';
import { failuresIn } from '../../../src/engines/aws-cdk/runtime/cloudformation-api';
import { engineIdOf, liveOf, namedBy, placesOf, templateDigest } from '../../../src/engines/aws-cdk/runtime/stack-identity';
import { selectStacks } from '../../../src/engines/aws-cdk/runtime/stack-selection';
import { isExportInUse, stackStep } from '../../../src/engines/aws-cdk/runtime/stack-steps';

const stack = (id: string, rest: Partial<AssemblyStack> = {}): AssemblyStack => (
  { id, stackName: id.replace('/', '-'), templateFile: `${id}.template.json`, assetManifests: [], dependencies: [], ...rest }
);

describe('selecting stacks', () => {
  const all = [stack('Api', { dependencies: ['Data'] }), stack('Data'), stack('Prod/Web', { stage: 'Prod' }), stack('Prod/Eu/Web', { stage: 'Prod/Eu' })];
  const ids = (wanted?: string[], from = all) => selectStacks(from, wanted).stacks?.map(({ id }) => id);

  it.each<[string[], string[]]>([
    [['Api'], ['Data', 'Api']], [['Data', 'Api'], ['Data', 'Api']], [['Prod-Web'], ['Prod/Web']],
    [['Prod'], ['Prod/Web', 'Prod/Eu/Web']], [['Prod/*'], ['Prod/Web', 'Prod/Eu/Web']], [['Prod/Eu'], ['Prod/Eu/Web']],
  ])('%j selects %j, dependencies first', (wanted, expected) => expect(ids(wanted)).toEqual(expected));

  it('takes the only stack, or the only stage', () => {
    expect(ids(undefined, [stack('Api')])).toEqual(['Api']);
    expect(ids(undefined, all.slice(2))).toEqual(['Prod/Web', 'Prod/Eu/Web']);
    expect(selectStacks(all, undefined).problem).toContain('several stacks (Api, Data, Prod/Web (Prod-Web), Prod/Eu/Web (Prod-Eu/Web))');
    expect(selectStacks([], undefined).problem).toBe('the app has no stack');
    expect(selectStacks(all, ['Pro']).problem).toContain('the app has no stack "Pro"');
  });

  it('rejects a circle, and a name that two stacks have', () => {
    expect(selectStacks([stack('A', { dependencies: ['B'] }), stack('B', { dependencies: ['A'] })], ['A']).problem).toContain('in a circle');
    expect(selectStacks([stack('A', { stackName: 'x' }), stack('B', { stackName: 'x' })], ['A', 'B']).problem).toContain('the name x');
  });
});

it('a manifest of a cloud assembly names stacks, stages, places and what they need', () => {
  const artifacts = {
    'Api': {
      type: 'aws:cloudformation:stack',
      environment: 'aws://123456789012/eu-central-1',
      displayName: 'Prod/Api',
      dependencies: ['Data', 'Api.assets'],
      properties: { templateFile: 'Api.json', stackName: 'shop', requiresBootstrapStackVersion: 6, bootstrapStackVersionSsmParameter: '/b' },
    },
    'Api.assets': { type: 'cdk:asset-manifest', properties: { file: 'Api.assets.json' } },
    'Data': { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', displayName: 'Prod/Data', properties: { templateFile: 'Data.json' } },
    'assembly-X': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-X', displayName: 'Prod/X' } },
    'Tree': { type: 'cdk:tree' },
  };
  expect(partOf({ artifacts }, 'assembly-Prod', 'Prod')).toEqual({
    stacks: [
      {
        id: 'Prod/Api',
        stackName: 'shop',
        stage: 'Prod',
        account: '123456789012',
        region: 'eu-central-1',
        templateFile: 'assembly-Prod/Api.json',
        assetManifests: ['assembly-Prod/Api.assets.json'],
        dependencies: ['Prod/Data'],
        bootstrap: { version: 6, parameter: '/b' },
      },
      { id: 'Prod/Data', stackName: 'Data', stage: 'Prod', templateFile: 'assembly-Prod/Data.json', assetManifests: [], dependencies: [] },
    ],
    stages: [{ folder: 'assembly-Prod/assembly-X', name: 'Prod/X' }],
  });
  expect(() => partOf([], '', undefined)).toThrow('is not the manifest of a cloud assembly');
});

describe('identifying a release by its templates', () => {
  it('the order of keys does not count, nor what CloudFormation does to other characters than those of ASCII', () => {
    expect(templateDigest({ a: 1, b: { c: 'ü', d: [1, 2] } })).toBe(templateDigest({ b: { d: [1, 2], c: '?' }, a: 1 }));
    expect(templateDigest({ a: [1, 2] })).not.toBe(templateDigest({ a: [2, 1] }));
  });

  it('finds the release whose stacks are live, and names what is live otherwise', () => {
    const at = (digest?: string) => [{ stackName: 'db', region: 'eu-central-1', digest: 'a'.repeat(16) }, { stackName: 'api', digest }];
    const releases = ['b', 'c'].map((one) => ({ version: one, sha: one.repeat(40), engineId: engineIdOf(at(one.repeat(16))) }));
    const named = namedBy([{ version: 'lambda', sha: '0', engineId: '7' }, { version: 'none', sha: '0' }, ...releases]);
    expect(placesOf(named).map(({ stackName }) => stackName)).toEqual(['api', 'db']);
    expect(liveOf(named, at('c'.repeat(16)))).toMatchObject({ kind: 'release', release: { version: 'c' } });
    expect(liveOf(named, at())).toEqual({ kind: 'foreign', engineId: `api:missing db@eu-central-1:${'a'.repeat(16)}` });
  });
});

describe('the next step with a stack', () => {
  const next = (status: string, isRestore: boolean, rollbacks = 0) => stackStep({ stackName: 's', isRestore, rollbacks, state: { status, reason: '', isProtected: false, updatedAt: '' } }).step;

  it.each<[string, string, string]>([
    ['CREATE_COMPLETE', 'ready', 'ready'], ['UPDATE_ROLLBACK_COMPLETE', 'ready', 'ready'], ['IMPORT_COMPLETE', 'ready', 'ready'],
    ['REVIEW_IN_PROGRESS', 'ready', 'ready'], ['ROLLBACK_COMPLETE', 'ready', 'ready'], ['CREATE_IN_PROGRESS', 'wait', 'wait'],
    ['UPDATE_IN_PROGRESS', 'wait', 'cancel'], ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'wait', 'wait'], ['UPDATE_ROLLBACK_IN_PROGRESS', 'wait', 'wait'],
    ['UPDATE_FAILED', 'fail', 'rollBack'], ['CREATE_FAILED', 'fail', 'rollBack'], ['UPDATE_ROLLBACK_FAILED', 'fail', 'continueRollback'],
    ['ROLLBACK_FAILED', 'fail', 'fail'], ['DELETE_FAILED', 'fail', 'fail'], ['SOMETHING_NEW', 'fail', 'fail'],
  ])('%s: %s in a deployment, %s in a rollback', (status, deploy, restore) => {
    expect([next(status, false), next(status, true)]).toEqual([deploy, restore]);
    expect(next(status, true, 2)).toBe(['rollBack', 'continueRollback'].includes(restore) ? 'fail' : restore);
  });
});

it('failures are those of the last operation, the first one first', () => {
  const event = (resource: string, status: string, reason = '', type = 'T') => ({ resource, status, reason, type });
  const begun = event('s', 'UPDATE_IN_PROGRESS', 'User Initiated', 'AWS::CloudFormation::Stack');
  const events = [event('B', 'UPDATE_FAILED', 'Resource update cancelled'), event('A', 'CREATE_FAILED', 'no'), begun, event('Old', 'CREATE_FAILED', 'before')];
  expect(failuresIn(events)).toEqual(['A (T) CREATE_FAILED: no']);
  const inUse = 'Export t cannot be deleted as it is in use by api';
  const [failure] = failuresIn([event('s', 'UPDATE_ROLLBACK_IN_PROGRESS', inUse, 'AWS::CloudFormation::Stack'), begun]);
  expect([failure, isExportInUse(failure!)]).toEqual([`s (AWS::CloudFormation::Stack) UPDATE_ROLLBACK_IN_PROGRESS: ${inUse}`, true]);
});

it.each([
  ['rejected', ['s | 8:05 PM | UPDATE_FAILED | T | User is not authorized to perform x', '❌  s failed to deploy', 're-run `cdk diagnose` (e.g. AccessDenied)'], 'cdk deploy: s failed to deploy'],
  ['cliMissing', ['This CDK CLI is not compatible with the CDK library', '(Maximum schema version supported is 55)'], 'cdk deploy: This CDK CLI is not compatible with the CDK library'],
  ['throttled', ['❌  s failed: Rate exceeded'], 'cdk deploy: s failed: Rate exceeded'],
  ['signedOut', ['Unable to resolve AWS account to use.'], 'cdk deploy: Unable to resolve AWS account to use.'],
])('an error of the CDK is %s', (kind, lines, message) => {
  expect(cdkErrorOf('deploy', lines, false)).toMatchObject({ kind, message });
});
