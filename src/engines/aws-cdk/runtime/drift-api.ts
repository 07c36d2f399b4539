import { StackPlace } from './cloudformation-api';
import { DriftedResource, StackDrift } from './stack-drift';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { fieldIn, itemsIn, textIn } from '../../../runtime/json-value';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError, isUncertain } from '../../../runtime/targets/engine-error';

/** The calls of CloudFormation's drift detection, typed. Rejects with `EngineError` and `InterruptedError`. */
export class DriftApi {
  /** @param cliOf the CLI for a region */
  constructor(private readonly cliOf: (region?: string) => AwsCli, private readonly giveUpAt: number) {}

  public async state({ region, stackName }: StackPlace): Promise<StackDrift> {
    const query = 'Stacks[0].{status:StackStatus,changedAt:LastUpdatedTime,createdAt:CreationTime,result:DriftInformation.StackDriftStatus,checkedAt:DriftInformation.LastCheckTimestamp}';
    const found = await this.read('cloudformation', 'describe-stacks', ['--stack-name', stackName], query, region);
    return {
      status: textIn(found, 'status'),
      result: textIn(found, 'result'),
      checkedAt: Date.parse(textIn(found, 'checkedAt')),
      changedAt: Date.parse(textIn(found, 'changedAt') || textIn(found, 'createdAt')),
    };
  }

  /** Begins a detection, which takes minutes. One that is in progress already is as good. */
  public async detect({ region, stackName }: StackPlace): Promise<void> {
    const { giveUpAt } = this;
    try {
      await this.cliOf(region).write({ service: 'cloudformation', operation: 'detect-stack-drift', args: ['--stack-name', stackName], query: '{id:StackDriftDetectionId}', giveUpAt });
    } catch (error) {
      if (!isUncertain(error) && !(error instanceof EngineError && /in progress/i.test(error.message))) throw error;
    }
  }

  /** The resources that the last detection found changed or deleted. */
  public async drifted({ region, stackName }: StackPlace): Promise<DriftedResource[]> {
    const args = ['--stack-name', stackName, '--stack-resource-drift-status-filters', 'MODIFIED', 'DELETED'];
    const query = 'StackResourceDrifts[].{resource:LogicalResourceId,type:ResourceType,status:StackResourceDriftStatus,properties:PropertyDifferences[].PropertyPath}';
    const found = await this.read('cloudformation', 'describe-stack-resource-drifts', args, query, region);
    return itemsIn(found).map((one) => {
      const properties = itemsIn(fieldIn(one, 'properties')).map(String).sort();
      const how = `${textIn(one, 'status').toLowerCase()}${properties.length === 0 ? '' : `: ${properties.join(', ')}`}`;
      return { stackName, resource: safeLine(`${textIn(one, 'resource')} (${textIn(one, 'type')}) ${how}`, 200) };
    });
  }

  private read(service: string, operation: string, args: readonly string[], query: string, region?: string): Promise<unknown> {
    return this.cliOf(region).read({ service, operation, args, query, giveUpAt: this.giveUpAt });
  }
}
