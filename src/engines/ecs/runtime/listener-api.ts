import { AwsCli } from '../../../runtime/aws/aws-cli';
import { fieldIn, isObject, isText, itemsIn, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';

/** An action as AWS describes it. All of it stays, except for weights. */
export type ListenerAction = Readonly<Record<string, unknown>>;

/** The calls of one listener of an Application Load Balancer, or of one of its rules. Rejects with `EngineError` and `InterruptedError`. */
export class ListenerApi {
  constructor(private readonly cli: AwsCli, private readonly arn: string, private readonly giveUpAt: number) {}

  public async actions(): Promise<readonly ListenerAction[]> {
    return this.isRule ? this.ruleActions() : this.defaultActions();
  }

  /** Replaces all actions: ELB has no compare-and-swap. */
  public async setActions(actions: readonly ListenerAction[]): Promise<void> {
    const json = JSON.stringify(actions);
    if (this.isRule) await this.write('modify-rule', ['--rule-arn', this.arn, '--actions', json], '{rules:Rules[].RuleArn}');
    else await this.write('modify-listener', ['--listener-arn', this.arn, '--default-actions', json], '{listeners:Listeners[].ListenerArn}');
  }

  /** The health of the targets of a target group, as the load balancer sees it. */
  public async health(targetGroup: string): Promise<readonly TargetHealth[]> {
    const found = await this.read('describe-target-health', ['--target-group-arn', targetGroup], '{health:TargetHealthDescriptions}');
    return itemsIn(fieldIn(found, 'health')).map((one) => {
      const health = fieldIn(one, 'TargetHealth');
      return { state: textIn(health, 'State'), reason: textIn(health, 'Reason'), description: textIn(health, 'Description') };
    });
  }

  private get isRule(): boolean {
    return this.arn.includes(':listener-rule/');
  }

  private async defaultActions(): Promise<readonly ListenerAction[]> {
    const found = await this.read('describe-listeners', ['--listener-arns', this.arn], '{listeners:Listeners}');
    return this.actionsIn(itemsIn(fieldIn(found, 'listeners')), 'ListenerArn', 'DefaultActions');
  }

  private async ruleActions(): Promise<readonly ListenerAction[]> {
    const found = await this.read('describe-rules', ['--rule-arns', this.arn], '{rules:Rules}');
    const rules = itemsIn(fieldIn(found, 'rules'));
    if (rules.some((one) => fieldIn(one, 'IsDefault') === true)) throw new EngineError('rejected', 'blueGreen listener: it is a default rule, which AWS changes with its listener only. Name the ARN of the listener');
    return this.actionsIn(rules, 'RuleArn', 'Actions');
  }

  private actionsIn(found: readonly unknown[], name: string, field: string): readonly ListenerAction[] {
    const one = found.find((each) => textIn(each, name) === this.arn);
    if (!isObject(one)) throw new EngineError('notFound', `there is no listener or rule ${this.arn}`);
    return itemsIn(one[field]).filter(isObject).filter(({ Type }) => isText(Type));
  }

  private read(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.read({ service: 'elbv2', operation, args, query, giveUpAt: this.giveUpAt });
  }

  private write(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.write({ service: 'elbv2', operation, args, query, giveUpAt: this.giveUpAt });
  }
}

/** The health of one target of a load balancer. */
export interface TargetHealth {
  /** `healthy`, `initial`, `unhealthy`, `draining`, `unused` or `unavailable`. */
  readonly state: string;
  /** For example `Target.FailedHealthChecks`; empty where it is healthy. */
  readonly reason: string;
  readonly description: string;
}

/** How many of these targets get requests. */
export function healthyIn(targets: readonly TargetHealth[]): number {
  return targets.filter(({ state }) => state === 'healthy').length;
}

/** Why targets get no requests, for people. Those that are leaving do not count. */
export function unhealthyReasons(targets: readonly TargetHealth[]): string {
  const others = targets.filter(({ state }) => state !== 'healthy' && !state.endsWith('draining'));
  if (others.length === 0) return 'no other target is registered';
  return [...new Set(others.map(({ description, reason, state }) => [state, reason, description].filter((text) => text !== '').join(', ')))].slice(0, 3).join('; ');
}
