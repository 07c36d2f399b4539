import { isObject } from '../../../runtime/json-value';
import { PlannedChange } from '../../../runtime/targets/target-driver';

/** The properties of a resource type that CloudFormation cannot update, as its schema names them. */
export interface ImmutableProperties {
  readonly always: readonly string[];
  /** It depends on the values. */
  readonly sometimes: readonly string[];
}

export interface TemplateComparison {
  readonly stackName: string;
  /** As it was deployed; undefined where there is no such stack. */
  readonly deployed: unknown;
  readonly wanted: unknown;
  /** Undefined where CloudFormation does not say. */
  readonly immutableOf: (type: string) => ImmutableProperties | undefined;
}

/** Of resources that hold data, or that users address by an id that a replacement changes. */
const STATEFUL = [
  /^AWS::(DynamoDB::(Global)?Table|S3::Bucket|EFS::FileSystem|SQS::Queue|Kinesis::Stream|Cognito::UserPool|KMS::Key|EC2::Volume|Route53::HostedZone)$/,
  /^AWS::(RDS|DocDB|Neptune|Redshift|FSx|ElastiCache|MemoryDB|OpenSearchService|Elasticsearch|MSK|QLDB|Timestream|Cassandra)::/,
  /^AWS::(Logs::LogGroup|SecretsManager::Secret|ECR::Repository|Backup::BackupVault)$/,
];
/** What may do what, and who may reach what. */
const SECURITY = /^AWS::(IAM::|KMS::Key$|Lambda::Permission|S3::BucketPolicy|SQS::QueuePolicy|SNS::TopicPolicy|EC2::SecurityGroup|SSO::|Organizations::)/;
/** The CDK's own record of its version. */
export const IGNORED_TYPES: readonly string[] = ['AWS::CDK::Metadata'];

/** What a change of a resource of this type may touch. */
export function classOf(type: string): Pick<PlannedChange, 'isSecurity' | 'isStateful'> {
  return { isSecurity: SECURITY.test(type), isStateful: STATEFUL.some((types) => types.test(type)) };
}

/** Where the template's resources are in the app, by their logical ids. */
export function pathsIn(template: unknown): ReadonlyMap<string, string> {
  return new Map([...resourcesOf(template)].flatMap(([id, { path }]) => (path === undefined ? [] : [[id, path] as const])));
}

/** The types of resources whose properties change, to ask CloudFormation which of them it cannot update. */
export function changedTypes({ deployed, wanted }: Pick<TemplateComparison, 'deployed' | 'wanted'>): string[] {
  const [before, after] = [resourcesOf(deployed), resourcesOf(wanted)];
  return [...new Set([...after].flatMap(([id, { properties, type }]) => {
    const old = before.get(id);
    return old?.type === type && changedKeys(old.properties, properties).length > 0 ? [type] : [];
  }))].filter((type) => /^AWS::/.test(type)).sort();
}

/** Compares two templates. What concerns permissions comes first, then what may lose data, then the rest. */
export function templateChanges({ deployed, immutableOf, stackName, wanted }: TemplateComparison): PlannedChange[] {
  const [before, after] = [resourcesOf(deployed), resourcesOf(wanted)];
  const changeOf = (id: string): PlannedChange | undefined => {
    const [old, now] = [before.get(id), after.get(id)];
    const { type, path } = now ?? old!;
    const common = { what: `${stackName}: ${path ?? id}`, type, ...classOf(type) };
    if (IGNORED_TYPES.includes(type)) return undefined;
    if (!old) return { ...common, kind: 'added', properties: [] };
    // retained resources stay in the account, and leave the stack
    if (!now) return { ...common, kind: old.isRetained ? 'orphaned' : 'removed', properties: [] };
    if (old.type !== now.type) return { ...common, kind: 'replaced', properties: ['Type'] };
    const properties = changedKeys(old.properties, now.properties);
    if (properties.length === 0) return same(old.rest, now.rest) ? undefined : { ...common, kind: 'changed', properties: changedKeys(old.rest, now.rest) };
    return { ...common, kind: kindOf(properties, immutableOf(type)), properties };
  };
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  return byImportance(ids.map(changeOf).filter((change) => change !== undefined));
}

export function byImportance(changes: readonly PlannedChange[]): PlannedChange[] {
  return [...changes].sort((one, other) => rankOf(one) - rankOf(other) || (one.what < other.what ? -1 : 1));
}

function kindOf(properties: readonly string[], immutable: ImmutableProperties | undefined): PlannedChange['kind'] {
  if (!immutable) return 'changedPerhapsReplaced';
  if (properties.some((name) => immutable.always.includes(name))) return 'replaced';
  return properties.some((name) => immutable.sometimes.includes(name)) ? 'changedPerhapsReplaced' : 'changed';
}

function rankOf({ isSecurity, isStateful, kind }: PlannedChange): number {
  if (isSecurity) return 0;
  if (isStateful && kind !== 'added') return 1;
  return ['replaced', 'removed', 'orphaned', 'changedPerhapsReplaced', 'changed', 'added'].indexOf(kind) + 2;
}

interface Resource {
  readonly type: string;
  readonly properties: Record<string, unknown>;
  /** Its attributes besides type, properties and metadata. */
  readonly rest: Record<string, unknown>;
  /** Where it is in the app. */
  readonly path?: string;
  readonly isRetained: boolean;
}

function resourcesOf(template: unknown): Map<string, Resource> {
  const resources = isObject(template) && isObject(template.Resources) ? template.Resources : {};
  return new Map(Object.entries(resources).flatMap(([id, value]) => {
    if (!isObject(value)) return [];
    const { Metadata: metadata, Properties: properties, Type: type, ...rest } = value;
    const path = isObject(metadata) ? metadata['aws:cdk:path'] : undefined;
    return [[id, {
      type: String(type),
      properties: isObject(properties) ? properties : {},
      rest,
      ...(typeof path === 'string' && { path }),
      isRetained: /^Retain/.test(String(rest.DeletionPolicy)),
    }] as const];
  }));
}

function changedKeys(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(before[key], after[key])).sort();
}

function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, i) => same(item, other[i]));
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

/** Reads the schema of a resource type; undefined if it is none. A part of a property makes the whole property immutable in some cases only. */
export function immutableIn(schema: unknown): ImmutableProperties | undefined {
  if (!isObject(schema) || !isObject(schema.properties)) return undefined;
  const pathsOf = (value: unknown) => (Array.isArray(value) ? value.map((path) => String(path).split('/').slice(2)) : []);
  const createOnly = pathsOf(schema.createOnlyProperties);
  return {
    always: createOnly.filter(({ length }) => length === 1).map(([name]) => name!),
    sometimes: [...createOnly.filter(({ length }) => length > 1), ...pathsOf(schema.conditionalCreateOnlyProperties)].map(([name]) => name!),
  };
}
