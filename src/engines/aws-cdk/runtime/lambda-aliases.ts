import { isObject, isText } from '../../../runtime/json-value';
import { LambdaAliasManifest } from '../manifest';

/** An alias of a function in a template. */
export interface TemplateAlias {
  /** The logical id of the version that it points at; undefined where that is none of the template. */
  readonly versionId?: string;
  /** Whether CloudFormation keeps the version when the template does not need it any more. */
  readonly isRetained: boolean;
  /** Who else moves its traffic. */
  readonly movedBy?: string;
}

/** Where a version of a function is. */
export interface FunctionVersion {
  readonly region: string;
  readonly functionName: string;
  readonly version: string;
}

/** The aliases of a template that may be the wanted one: CloudFormation makes the names of functions where the app sets none. */
export function aliasesIn(template: unknown, stackName: string, wanted: LambdaAliasManifest): TemplateAlias[] {
  const resources = objectIn(template, 'Resources');
  return Object.values(resources).flatMap((resource) => {
    const properties = objectIn(resource, 'Properties');
    const isWanted = typeIn(resource) === 'AWS::Lambda::Alias' && properties.Name === wanted.alias && mayBeOf(properties.FunctionName, { resources, stackName, template, wanted });
    return isWanted ? [aliasOf(resource, properties, resources)] : [];
  });
}

function aliasOf(resource: unknown, properties: Record<string, unknown>, resources: Record<string, unknown>): TemplateAlias {
  const id = referenceIn(properties.FunctionVersion);
  const version = id === undefined ? undefined : resources[id];
  const isVersion = typeIn(version) === 'AWS::Lambda::Version';
  const isShifted = 'CodeDeployLambdaAliasUpdate' in objectIn(resource, 'UpdatePolicy');
  const movedBy = isShifted ? 'CodeDeploy' : properties.RoutingConfig === undefined ? undefined : 'its RoutingConfig';
  return {
    ...(isVersion && { versionId: id }),
    isRetained: isVersion && isObject(version) && /^Retain/.test(String(version.DeletionPolicy)),
    ...(movedBy !== undefined && { movedBy }),
  };
}

interface Candidate {
  readonly resources: Record<string, unknown>;
  readonly stackName: string;
  readonly template: unknown;
  readonly wanted: LambdaAliasManifest;
}

/** Whether the function of an alias may be the wanted one. What only a deployment knows, may. */
function mayBeOf(functionName: unknown, { resources, stackName, template, wanted }: Candidate): boolean {
  const id = referenceIn(functionName);
  if (wanted.functionName !== undefined) {
    const named = id === undefined ? functionName : objectIn(resources[id], 'Properties').FunctionName;
    return !isText(named) || named === wanted.functionName;
  }
  const [stack, key] = (wanted.output ?? '.').split('.');
  if (stack !== stackName) return true;
  const output = objectIn(objectIn(template, 'Outputs'), key!);
  return id === undefined || referenceIn(output.Value) === id;
}

/** Whether a name or an ARN, as an output holds it, is of this function. */
export function isFunction(nameOrArn: string, functionName: string): boolean {
  return nameOrArn === functionName || /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(:[^:]+)?$/.exec(nameOrArn)?.[1] === functionName;
}

/** Reads the ARN of a version; undefined if it is none. */
export function versionIn(arn: string): FunctionVersion | undefined {
  const [, region, functionName, version] = /^arn:[^:]+:lambda:([\w-]+):\d+:function:([\w-]+):(\d+)$/.exec(arn) ?? [];
  return region === undefined || functionName === undefined || version === undefined ? undefined : { region, functionName, version };
}

/** The wanted alias, for people. */
export function shownAlias({ alias, functionName, output }: LambdaAliasManifest): string {
  return `the alias ${alias} of the function ${functionName ?? `in the output ${output}`}`;
}

/** The logical id that `Ref` or `Fn::GetAtt` names. */
function referenceIn(value: unknown): string | undefined {
  const { Ref: ref, 'Fn::GetAtt': attribute } = isObject(value) ? value : {};
  const id: unknown = Array.isArray(attribute) ? attribute[0] : isText(attribute) ? attribute.split('.')[0] : ref;
  return isText(id) ? id : undefined;
}

function typeIn(resource: unknown): unknown {
  return isObject(resource) ? resource.Type : undefined;
}

function objectIn(value: unknown, field: string): Record<string, unknown> {
  const found = isObject(value) ? value[field] : undefined;
  return isObject(found) ? found : {};
}
