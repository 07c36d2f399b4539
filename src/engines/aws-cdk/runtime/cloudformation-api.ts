import { StackState } from './stack-steps';
import { ImmutableProperties, immutableIn } from './template-changes';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { isObject, isText, parseJson, textIn } from '../../../runtime/json-value';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A stack in a region. */
export interface StackPlace {
  readonly stackName: string;
  /** @default - that of the CLI */
  readonly region?: string;
}

/** Events that are read, newest first: enough for the failure of one update. */
const EVENTS = 100;
/** Failed resources that a message names. */
const SHOWN_EVENTS = 5;

/** The calls of CloudFormation and of what its stacks need, typed. Rejects with `EngineError` and `InterruptedError`. */
export class CloudFormationApi {
  /** @param cliOf the CLI for a region */
  constructor(private readonly cliOf: (region?: string) => AwsCli, private readonly giveUpAt: number) {}

  public async account(): Promise<string> {
    return textIn(await this.read('sts', 'get-caller-identity', [], '{account:Account}'), 'account');
  }

  /** Undefined if there is no such stack. */
  public async stack({ region, stackName }: StackPlace): Promise<StackState | undefined> {
    const query = 'Stacks[0].{status:StackStatus,reason:StackStatusReason,isProtected:EnableTerminationProtection,updatedAt:LastUpdatedTime,createdAt:CreationTime}';
    const found = await ifThere(this.read('cloudformation', 'describe-stacks', ['--stack-name', stackName], query, region));
    if (found === undefined) return undefined;
    return {
      status: textIn(found, 'status'),
      reason: safeLine(textIn(found, 'reason'), 300),
      isProtected: isObject(found) && found.isProtected === true,
      updatedAt: textIn(found, 'updatedAt') || textIn(found, 'createdAt'),
    };
  }

  /** The outputs of the stack; none if there is no such stack. */
  public async outputs({ region, stackName }: StackPlace): Promise<Record<string, string>> {
    const query = 'Stacks[0].Outputs[].{key:OutputKey,value:OutputValue}';
    const found = await ifThere(this.read('cloudformation', 'describe-stacks', ['--stack-name', stackName], query, region));
    return Object.fromEntries((Array.isArray(found) ? found : []).map((one) => [textIn(one, 'key'), textIn(one, 'value')]));
  }

  /** The properties of a resource type that cannot be updated; undefined where CloudFormation does not say. */
  public async immutableProperties(type: string, region: string | undefined): Promise<ImmutableProperties | undefined> {
    try {
      const found = await this.read('cloudformation', 'describe-type', ['--type', 'RESOURCE', '--type-name', type], '{schema:Schema}', region);
      return immutableIn(parseJson(textIn(found, 'schema')));
    } catch (error) {
      if (error instanceof EngineError && ['accessDenied', 'notFound', 'rejected'].includes(error.kind)) return undefined;
      throw error;
    }
  }

  /** The template as it was deployed; undefined if there is no such stack. */
  public async template({ region, stackName }: StackPlace): Promise<unknown> {
    const args = ['--stack-name', stackName, '--template-stage', 'Original'];
    const found = await ifThere(this.read('cloudformation', 'get-template', args, '{template:TemplateBody}', region));
    // a stack that waits for its first change set has an empty one
    const template = isObject(found) ? found.template || undefined : undefined;
    // the CLI reads JSON, and leaves YAML as a text
    return isText(template) ? parseJson(template) ?? template : template;
  }

  /** What CloudFormation made of a resource: its name or its ARN. Undefined if the stack has no such resource. */
  public async physicalId({ region, stackName }: StackPlace, logicalId: string): Promise<string | undefined> {
    const args = ['--stack-name', stackName, '--logical-resource-id', logicalId];
    const found = await ifThere(this.read('cloudformation', 'describe-stack-resource', args, '{id:StackResourceDetail.PhysicalResourceId}', region));
    return textIn(found, 'id') || undefined;
  }

  /** The resources that failed in the stack's last operation, for people: the first failure first. */
  public async failures({ region, stackName }: StackPlace): Promise<string[]> {
    const query = 'StackEvents[].{resource:LogicalResourceId,type:ResourceType,status:ResourceStatus,reason:ResourceStatusReason}';
    const found = await this.read('cloudformation', 'describe-stack-events', ['--stack-name', stackName, '--max-items', String(EVENTS)], query, region);
    return failuresIn(Array.isArray(found) ? found : []);
  }

  /** The version of the bootstrap stack; undefined if the account is not bootstrapped. */
  public async bootstrapVersion(parameter: string, region: string | undefined): Promise<number | undefined> {
    try {
      return Number(textIn(await this.read('ssm', 'get-parameter', ['--name', parameter], '{value:Parameter.Value}', region), 'value'));
    } catch (error) {
      if (error instanceof EngineError && error.message.includes('ParameterNotFound')) return undefined;
      throw error;
    }
  }

  /** Undoes the update that is in progress. */
  public cancelUpdate(place: StackPlace): Promise<void> {
    return this.change('cancel-update-stack', place);
  }

  /** Rolls on with a rollback that failed. */
  public continueRollback(place: StackPlace): Promise<void> {
    return this.change('continue-update-rollback', place);
  }

  /** Rolls back an operation that failed and was left so. */
  public rollBack(place: StackPlace): Promise<void> {
    return this.change('rollback-stack', place);
  }

  private async change(operation: string, { region, stackName }: StackPlace): Promise<void> {
    const { giveUpAt } = this;
    await this.cliOf(region).write({ service: 'cloudformation', operation, args: ['--stack-name', stackName], query: '{id:StackId}', giveUpAt, isSilent: true });
  }

  private read(service: string, operation: string, args: readonly string[], query: string, region?: string): Promise<unknown> {
    return this.cliOf(region).read({ service, operation, args, query, giveUpAt: this.giveUpAt });
  }
}

/** The failures of the newest operation: the events since it began, newest first, are read up to its beginning. */
export function failuresIn(events: readonly unknown[]): string[] {
  const failures: string[] = [];
  for (const event of events) {
    const { reason, resource, status, type } = isObject(event) ? event : {};
    // an operation begins with an event of the stack itself, which a person or the CDK initiated
    if (type === 'AWS::CloudFormation::Stack' && isText(reason) && /User Initiated/i.test(reason) && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(String(status))) break;
    // the stack itself fails without a resource that does, for example where an export is in use
    const isOwn = type === 'AWS::CloudFormation::Stack' && /ROLLBACK_IN_PROGRESS$/.test(String(status)) && / cannot be /.test(String(reason));
    if (!isText(status) || !(isOwn || status.endsWith('_FAILED')) || /cancelled/i.test(String(reason))) continue;
    failures.unshift(`${safeLine(String(resource), 80)} (${safeLine(String(type), 80)}) ${status}: ${safeLine(isText(reason) ? reason : 'no reason given', 300)}`);
  }
  return failures.slice(0, SHOWN_EVENTS);
}

async function ifThere(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof EngineError && /ValidationError: .*does not exist/.test(error.message)) return undefined;
    throw error;
  }
}
