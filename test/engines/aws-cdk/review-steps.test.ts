import { ChangeSet } from '../../../src/engines/aws-cdk/runtime/change-set-api';
import { changeSetName, ReviewedStack, reviewIn, reviewText, runOfChangeSet } from '../../../src/engines/aws-cdk/runtime/review';
import { changesIn, executionStep, movedSince, preparationStep, unpreparable } from '../../../src/engines/aws-cdk/runtime/review-steps';
import { StackState } from '../../../src/engines/aws-cdk/runtime/stack-steps';

const ARN = 'arn:aws:cloudformation:eu-central-1:111122223333:changeSet/delivery-production-42-1-0123456/4a5b';
const ready: ChangeSet = { arn: ARN, status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE', reason: '', changes: [] };
const stack: StackState = { status: 'UPDATE_COMPLETE', reason: '', isProtected: false, updatedAt: 't1' };
const reviewed: ReviewedStack = { stackName: 'shop', kind: 'changeSet', id: '4a5b', template: 'abc', status: 'UPDATE_COMPLETE', updatedAt: 't1' };
const situation = { reviewed, state: stack, changeSet: ready, template: 'abc' };

describe('the review', () => {
  it('is read as it was written, without the account', () => {
    const review = { changeSet: 'delivery-production-42-1-0123456', stacks: [reviewed, { stackName: 'data', kind: 'unchanged' as const, template: 'x' }] };
    expect(reviewIn(reviewText(review))).toEqual(review);
    expect(reviewText(review)).not.toContain('111122223333');
  });

  it.each([undefined, '', 'x', '{}', '{"changeSet":"a","stacks":[{}]}', '{"changeSet":"a","stacks":[{"stackName":"a","template":"b","kind":"other"}]}', '{"changeSet":"a","stacks":[{"stackName":"a","template":"b","kind":"changeSet"}]}'])('%s is none', (text) => {
    expect(reviewIn(text)).toBeUndefined();
  });

  it('has change sets whose names say the run and its attempt', () => {
    const name = changeSetName('shop/production_eu', { id: 42, attempt: 3 }, '0123456789abcdef');
    expect(name).toBe('delivery-shop-production-eu-42-3-0123456');
    expect(runOfChangeSet('shop/production_eu', name)).toEqual({ id: 42, attempt: 3 });
    expect(runOfChangeSet('shop', name)).toBeUndefined();
    expect(runOfChangeSet('production', 'cdk-deploy-change-set')).toBeUndefined();
    expect(changeSetName('e'.repeat(300), { id: Number.MAX_SAFE_INTEGER, attempt: 999 }, '0123456').length).toBeLessThanOrEqual(128);
  });
});

describe('what became of a preparation', () => {
  const base = { waitsFor: [], isServed: false };
  const failed = { ...ready, status: 'FAILED', executionStatus: 'UNAVAILABLE' };

  it.each([
    ['it is being made, although the CDK was cut off', { ...base, changeSet: { ...ready, status: 'CREATE_IN_PROGRESS', executionStatus: 'UNAVAILABLE' }, failure: 'timeout' }, 'wait'],
    ['it is ready, although the CDK failed afterwards', { ...base, changeSet: ready, failure: 'timeout' }, 'changeSet'],
    ['it is ready, and the stack has moved', { ...base, changeSet: { ...ready, executionStatus: 'OBSOLETE' } }, 'fail'],
    ['it is empty', { ...base, changeSet: { ...failed, reason: 'The submitted information didn\'t contain changes. Submit different information to create a change set.' }, failure: 'x' }, 'unchanged'],
    ['there is none, because the template is deployed', { ...base, isServed: true }, 'unchanged'],
    ['there is none, and the CDK failed', { ...base, isServed: true, failure: 'denied' }, 'fail'],
    ['there is none, though the template differs', base, 'fail'],
    ['an export is missing that a stack before it has', { ...base, waitsFor: ['data'], changeSet: { ...failed, reason: 'No export named data:Table found.' }, failure: 'x' }, 'later'],
    ['an export is missing that no stack has', { ...base, changeSet: { ...failed, reason: 'No export named data:Table found.' }, failure: 'x' }, 'fail'],
    ['the template is wrong', { ...base, waitsFor: ['data'], changeSet: { ...failed, reason: 'Unresolved resource dependencies [X]' }, failure: 'x' }, 'fail'],
  ])('%s', (_, preparation, step) => {
    expect(preparationStep(preparation).step).toBe(step);
  });
});

describe('a plan changes nothing', () => {
  it('so it does not let the CDK delete a stack or switch its protection', () => {
    expect(unpreparable('shop', { ...stack, status: 'ROLLBACK_COMPLETE' }, false)?.fix).toContain('delete-stack --stack-name shop');
    expect(unpreparable('shop', stack, true)?.fix).toContain('--enable-termination-protection');
    expect(unpreparable('shop', { ...stack, isProtected: true }, false)?.fix).toContain('--no-enable-termination-protection');
    expect(unpreparable('shop', { ...stack, isProtected: true }, true)).toBeUndefined();
    expect(unpreparable('shop', { ...stack, status: 'REVIEW_IN_PROGRESS' }, true)).toBeUndefined();
    expect(unpreparable('shop', undefined, true)).toBeUndefined();
  });
});

describe('a stack that moved', () => {
  it('is not executed', () => {
    expect(movedSince(situation)).toBeUndefined();
    expect(movedSince({ ...situation, template: 'other' })).toContain('is not the one that was reviewed');
    expect(movedSince({ ...situation, state: { ...stack, updatedAt: 't2' } })).toBe('the stack shop has changed since the plan: it is UPDATE_COMPLETE since t2, and it was UPDATE_COMPLETE since t1');
    expect(movedSince({ ...situation, state: undefined })).toContain('there is no such stack');
    expect(movedSince({ ...situation, reviewed: { ...reviewed, kind: 'later', status: undefined, updatedAt: undefined } })).toContain('and there was none');
    expect(movedSince({ ...situation, changeSet: undefined })).toContain('is gone');
    expect(movedSince({ ...situation, changeSet: { ...ready, arn: `${ARN}0` } })).toContain('is gone');
    expect(movedSince({ ...situation, changeSet: { ...ready, executionStatus: 'EXECUTE_COMPLETE' } })).toContain('is EXECUTE_COMPLETE');
  });
});

describe('an execution', () => {
  const [running, done] = ['EXECUTE_IN_PROGRESS', 'EXECUTE_COMPLETE'].map((executionStatus) => ({ ...ready, executionStatus }));
  const updating = { ...stack, status: 'UPDATE_IN_PROGRESS', updatedAt: 't2' };

  it.each([
    ['begins', { ...situation, hasAsked: false }, 'execute'],
    ['is requested again if the request had no effect', { ...situation, hasAsked: true }, 'execute'],
    ['is not begun by someone else', { ...situation, changeSet: running, state: updating, hasAsked: false }, 'refuse'],
    ['is awaited', { ...situation, changeSet: running, state: updating, hasAsked: true }, 'wait'],
    ['is awaited if the stack was read before it began', { ...situation, changeSet: done, hasAsked: true }, 'wait'],
    ['ends, and CloudFormation has deleted the change set', { ...situation, changeSet: undefined, state: { ...stack, updatedAt: 't2' }, hasAsked: true }, 'ended'],
    ['ends without the stack', { ...situation, changeSet: undefined, state: undefined, hasAsked: true }, 'ended'],
    ['that failed at once is refused', { ...situation, changeSet: { ...ready, executionStatus: 'EXECUTE_FAILED' }, hasAsked: true }, 'refuse'],
    ['of a change set that is gone is refused', { ...situation, changeSet: undefined, hasAsked: true }, 'refuse'],
  ])('%s', (_, execution, step) => {
    expect(executionStep(execution).step).toBe(step);
  });
});

it('a plan shows what a change set does, as CloudFormation says', () => {
  const change = { id: 'Table1', type: 'AWS::DynamoDB::Table', replacement: '', policy: '', properties: [] };
  const template = { Resources: { Table1: { Type: 'AWS::DynamoDB::Table', Metadata: { 'aws:cdk:path': 'shop/Table' } } } };
  const kinds = (changes: ChangeSet['changes']) => changesIn('shop', { changes }, template).map(({ kind }) => kind);
  expect(kinds([
    { ...change, action: 'Add' }, { ...change, action: 'Import' }, { ...change, action: 'Remove', policy: 'Delete' }, { ...change, action: 'Remove', policy: 'Retain' },
    { ...change, action: 'Modify', replacement: 'True' }, { ...change, action: 'Modify', replacement: 'Conditional' }, { ...change, action: 'Modify', replacement: 'False' }, { ...change, action: 'Dynamic' },
    { ...change, action: 'Modify', type: 'AWS::CDK::Metadata' },
  ])).toEqual(['added', 'added', 'removed', 'orphaned', 'replaced', 'changedPerhapsReplaced', 'changed', 'changedPerhapsReplaced']);
  expect(changesIn('shop', { changes: [{ ...change, action: 'Add' }] }, template)[0]).toMatchObject({ what: 'shop: shop/Table', isStateful: true });
  expect(changesIn('shop', { changes: [] }, template)[0]?.what).toContain('no resource, but outputs, tags or metadata');
});
