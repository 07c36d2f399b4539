import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from './cli-stand-in';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
}

interface Definition {
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly containerDefinitions: readonly Container[];
  readonly tags?: readonly unknown[];
}

interface Deployment {
  readonly status: string;
  readonly taskDefinition: string;
  readonly rolloutState: string;
  readonly runningCount: number;
}

interface State {
  readonly account?: string;
  readonly region?: string;
  readonly cluster: string;
  readonly service: string;
  readonly controller: string;
  /** How ECS itself replaces tasks. @default 'ROLLING' */
  readonly strategy?: string;
  /** What ECS takes back: a hook before users move, or an alarm in the bake. */
  readonly vetoes?: readonly { readonly image: string; readonly by: 'hook' | 'alarm' }[];
  /** ECS reports no state of rollouts. */
  readonly isStateless?: boolean;
  readonly breaker: { readonly enable: boolean; readonly rollback: boolean };
  readonly definitions: readonly Definition[];
  readonly deployments: readonly Deployment[];
  readonly events: readonly unknown[];
  /** Images whose tasks do not stay. */
  readonly broken: readonly string[];
  /** The release that users reach. */
  readonly served: string;
}

const ARN = 'arn:aws:ecs:us-east-1:000000000000:task-definition/shop';

/**
 * A service `web` of ECS in a folder, which the executable `aws` beside this file serves. Revision 1 of the task definition `shop` runs, and
 * no delivery registered it.
 */
export class EcsStandIn extends CliStandIn {
  constructor(folder: string) {
    super(folder);
    this.reset();
  }

  public reset(changes: Partial<State> = {}): void {
    this.forget();
    const containers = [{ name: 'web', image: 'docker.io/acme/shop:1', environment: [{ name: 'PORT', value: '8080' }] }];
    this.state = {
      cluster: 'shop',
      service: 'web',
      controller: 'ECS',
      breaker: { enable: true, rollback: true },
      definitions: [{ taskDefinitionArn: `${ARN}:1`, family: 'shop', revision: 1, status: 'ACTIVE', containerDefinitions: containers, tags: [{ key: 'team', value: 'web' }] }],
      deployments: [{ status: 'PRIMARY', taskDefinition: `${ARN}:1`, rolloutState: 'COMPLETED', runningCount: 1 }],
      events: [],
      broken: [],
      served: 'v0',
      ...changes,
    };
  }

  /** The release that users reach. */
  public get served(): string {
    return this.state.served;
  }

  /** The operations that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(register|update)/.test(call));
  }

  /** A person deploys a revision, and it runs at once. */
  public deployByHand(revision: number): void {
    const { taskDefinitionArn: taskDefinition, containerDefinitions: [{ environment = [] }] } = this.state.definitions[revision - 1]!;
    const served = environment.find(({ name }) => name === 'DELIVERY_VERSION')?.value ?? 'v0';
    this.state = { ...this.state, served, deployments: [{ status: 'PRIMARY', taskDefinition, rolloutState: 'COMPLETED', runningCount: 1 }] };
  }

  /** A person deregisters a revision. */
  public deregister(revision: number): void {
    this.state = { ...this.state, definitions: this.state.definitions.map((one) => (one.revision === revision ? { ...one, status: 'INACTIVE' } : one)) };
  }

  public get state(): State {
    return JSON.parse(readFileSync(join(this.folder, 'ecs.json'), 'utf8')) as State;
  }

  public set state(state: State) {
    this.write('ecs.json', JSON.stringify(state));
    this.write('only', state.served);
    this.write('live', 'only');
  }
}
