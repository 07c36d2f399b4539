import { changedTypes, ImmutableProperties, immutableIn, templateChanges } from '../../../src/engines/aws-cdk/runtime/template-changes';
import { dataWarnings } from '../../../src/runtime/targets/planned-changes';

const resource = (Type: string, Properties: object = {}, rest: object = {}) => ({ Type, Properties, ...rest });

const DEPLOYED = {
  Resources: {
    Orders: resource('AWS::DynamoDB::Table', { KeySchema: [{ AttributeName: 'id' }], BillingMode: 'PROVISIONED' }, { Metadata: { 'aws:cdk:path': 'Api/Orders/Resource' } }),
    Queue: resource('AWS::SQS::Queue'),
    Bucket: resource('AWS::S3::Bucket', {}, { DeletionPolicy: 'Retain' }),
    Handler: resource('AWS::Lambda::Function', { Code: 'a', Runtime: 'x' }),
    Role: resource('AWS::IAM::Role', { Path: '/' }),
    CDKMetadata: resource('AWS::CDK::Metadata', { Analytics: '1' }),
    Same: resource('AWS::SNS::Topic', { Tags: [{ a: 1, b: 2 }] }),
  },
};
const WANTED = {
  Resources: {
    Orders: resource('AWS::DynamoDB::Table', { KeySchema: [{ AttributeName: 'key' }], BillingMode: 'PROVISIONED' }, { Metadata: { 'aws:cdk:path': 'Api/Orders/Resource' } }),
    Handler: resource('AWS::Lambda::Function', { Code: 'b', Runtime: 'x' }),
    Role: resource('AWS::IAM::Role', { Path: '/' }),
    Policy: resource('AWS::IAM::Policy', { PolicyDocument: {} }),
    Site: resource('AWS::S3::Bucket'),
    CDKMetadata: resource('AWS::CDK::Metadata', { Analytics: '2' }),
    Same: resource('AWS::SNS::Topic', { Tags: [{ b: 2, a: 1 }] }),
  },
};
/** As CloudFormation describes the type, in short. */
const TABLE = immutableIn({
  properties: { KeySchema: {}, TableName: {} },
  createOnlyProperties: ['/properties/TableName', '/properties/ImportSourceSpecification/Format'],
  conditionalCreateOnlyProperties: ['/properties/KeySchema'],
})!;
const compare = (immutable: Record<string, ImmutableProperties> = { 'AWS::DynamoDB::Table': TABLE, 'AWS::Lambda::Function': { always: [], sometimes: [] } }) => (
  templateChanges({ stackName: 'shop', deployed: DEPLOYED, wanted: WANTED, immutableOf: (type) => immutable[type] })
);

it('shows permissions first, then what may lose data, then the rest', () => {
  expect(compare().map(({ kind, properties, what }) => [kind, what, properties.join()])).toEqual([
    ['added', 'shop: Policy', ''],
    ['changedPerhapsReplaced', 'shop: Api/Orders/Resource', 'KeySchema'],
    ['orphaned', 'shop: Bucket', ''],
    ['removed', 'shop: Queue', ''],
    ['changed', 'shop: Handler', 'Code'],
    ['added', 'shop: Site', ''],
  ]);
});

it('a property that CloudFormation cannot update replaces the resource', () => {
  expect(compare({ 'AWS::DynamoDB::Table': { always: ['KeySchema'], sometimes: [] } }).find(({ what }) => what.includes('Orders'))?.kind).toBe('replaced');
});

it('where CloudFormation does not say, nothing is promised', () => {
  expect(compare({}).find(({ what }) => what.includes('Handler'))?.kind).toBe('changedPerhapsReplaced');
});

it('requests only the types of resources that change', () => {
  expect(changedTypes({ deployed: DEPLOYED, wanted: WANTED })).toEqual(['AWS::CDK::Metadata', 'AWS::DynamoDB::Table', 'AWS::Lambda::Function']);
});

it('a new type under the same name is a replacement', () => {
  const [change] = templateChanges({ stackName: 's', deployed: { Resources: { A: resource('AWS::SQS::Queue') } }, wanted: { Resources: { A: resource('AWS::SNS::Topic') } }, immutableOf: () => undefined });
  expect(change).toMatchObject({ kind: 'replaced', properties: ['Type'] });
});

it.each([undefined, null, 'YAML: text', { Resources: { A: 'x' } }])('a stack that is not there, or has a template that is not known (%j), is all added', (deployed) => {
  expect(templateChanges({ stackName: 's', deployed, wanted: { Resources: { A: resource('AWS::SQS::Queue') } }, immutableOf: () => undefined }).map(({ kind }) => kind)).toEqual(['added']);
});

it('warns of data that a rollback does not restore', () => {
  expect(dataWarnings({ kind: 'known', changes: compare() })).toEqual([
    'shop: Api/Orders/Resource (AWS::DynamoDB::Table) may be replaced (KeySchema): a rollback does not restore its data',
    'shop: Queue (AWS::SQS::Queue) is removed: a rollback does not restore its data',
  ]);
  expect(dataWarnings({ kind: 'unknown', why: 'x' })).toEqual([]);
});

it('reads a schema, and nothing from what is none', () => {
  expect(TABLE).toEqual({ always: ['TableName'], sometimes: ['ImportSourceSpecification', 'KeySchema'] });
  expect([immutableIn(undefined), immutableIn([]), immutableIn({})]).toEqual([undefined, undefined, undefined]);
});
