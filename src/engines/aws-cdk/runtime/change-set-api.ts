import { StackPlace } from './cloudformation-api';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { fieldIn, itemsIn, textIn } from '../../../runtime/json-value';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A change set as CloudFormation describes it. */
export interface ChangeSet {
  readonly arn: string;
  /** For example `CREATE_COMPLETE`. */
  readonly status: string;
  /** `AVAILABLE`: it can be executed. */
  readonly executionStatus: string;
  readonly reason: string;
  readonly changes: readonly ResourceChange[];
}

/** What a change set does with one resource. */
export interface ResourceChange {
  /** `Add`, `Modify`, `Remove`, `Import` or `Dynamic`. */
  readonly action: string;
  readonly id: string;
  readonly type: string;
  /** `True`, `False` or `Conditional`. */
  readonly replacement: string;
  /** What becomes of the old resource: `Retain`, for example. */
  readonly policy: string;
  readonly properties: readonly string[];
}

/** A change set in the list of its stack. */
export interface ListedChangeSet {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

const CHANGE = '{action:Action,id:LogicalResourceId,type:ResourceType,replacement:Replacement,policy:PolicyAction,properties:Details[].Target.Name,scope:Scope}';

/** The calls of CloudFormation about change sets, typed. Rejects with `EngineError` and `InterruptedError`. */
export class ChangeSetApi {
  /** @param cliOf the CLI for a region */
  constructor(private readonly cliOf: (region?: string) => AwsCli, private readonly giveUpAt: number) {}

  /** Undefined if there is no such change set. */
  public async changeSet(place: StackPlace, name: string): Promise<ChangeSet | undefined> {
    const query = `{arn:ChangeSetId,status:Status,executionStatus:ExecutionStatus,reason:StatusReason,changes:Changes[].ResourceChange.${CHANGE}}`;
    const found = await ifThere(this.read('cloudformation', 'describe-change-set', ['--stack-name', place.stackName, '--change-set-name', name], query, place));
    if (found === undefined) return undefined;
    return {
      arn: textIn(found, 'arn'),
      status: textIn(found, 'status'),
      executionStatus: textIn(found, 'executionStatus'),
      reason: safeLine(textIn(found, 'reason'), 300),
      changes: itemsIn(fieldIn(found, 'changes')).map(changeOf),
    };
  }

  /** The stack's change sets; none if there is no such stack. */
  public async changeSets(place: StackPlace): Promise<ListedChangeSet[]> {
    const query = 'Summaries[].{name:ChangeSetName,createdAt:CreationTime}';
    const found = await ifThere(this.read('cloudformation', 'list-change-sets', ['--stack-name', place.stackName], query, place));
    return itemsIn(found).map((one) => ({ name: textIn(one, 'name'), createdAt: textIn(one, 'createdAt') }));
  }

  /** Deletes a change set; nothing happens if it is gone. */
  public delete(place: StackPlace, name: string): Promise<void> {
    return this.change('delete-change-set', ['--change-set-name', name], place);
  }

  /** Executes a change set. The token makes a repeated request the same one. */
  public execute(place: StackPlace, arn: string, token: string): Promise<void> {
    return this.change('execute-change-set', ['--change-set-name', arn, '--client-request-token', token], place);
  }

  private async change(operation: string, args: readonly string[], { region, stackName }: StackPlace): Promise<void> {
    const { giveUpAt } = this;
    await this.cliOf(region).write({ service: 'cloudformation', operation, args: ['--stack-name', stackName, ...args], query: '{id:StackId}', giveUpAt, isSilent: true });
  }

  private read(service: string, operation: string, args: readonly string[], query: string, { region }: StackPlace): Promise<unknown> {
    return this.cliOf(region).read({ service, operation, args, query, giveUpAt: this.giveUpAt });
  }
}

function changeOf(value: unknown): ResourceChange {
  const [properties, scope] = [itemsIn(fieldIn(value, 'properties')), itemsIn(fieldIn(value, 'scope'))].map((list) => list.filter((one): one is string => typeof one === 'string'));
  const others = scope!.filter((one) => one !== 'Properties');
  return {
    action: textIn(value, 'action'),
    id: textIn(value, 'id'),
    type: textIn(value, 'type'),
    replacement: textIn(value, 'replacement'),
    policy: textIn(value, 'policy'),
    properties: [...new Set([...properties!, ...others])].sort(),
  };
}

async function ifThere(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof EngineError && /ChangeSetNotFound|ValidationError: .*does not exist/.test(error.message)) return undefined;
    throw error;
  }
}
