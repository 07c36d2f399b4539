import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from './cli-stand-in';

type Slot = 'blue' | 'green';
type Action = Readonly<Record<string, unknown>>;

interface Deployment {
  readonly status: string;
  readonly taskDefinition: string;
  readonly rolloutState: string;
  readonly desiredCount: number;
  readonly runningCount: number;
}

interface Service {
  readonly slot: Slot;
  readonly service: string;
  readonly controller: string;
  readonly strategy?: string;
  readonly breaker: { readonly enable: boolean; readonly rollback: boolean };
  readonly deployments: readonly Deployment[];
  readonly desiredCount: number;
  readonly events: readonly unknown[];
  readonly targetGroups: readonly string[];
  /** The release of its tasks. */
  readonly served: string;
}

interface ForwardAction {
  readonly ForwardConfig?: { readonly TargetGroups: readonly { readonly TargetGroupArn: string; readonly Weight: number }[] };
}

interface State {
  readonly region?: string;
  readonly cluster: string;
  readonly definitions: readonly {
    readonly taskDefinitionArn: string;
    readonly revision: number;
    readonly status: string;
    readonly containerDefinitions: readonly { readonly environment?: readonly { readonly name: string; readonly value: string }[] }[];
  }[];
  /** Images whose tasks do not stay. */
  readonly broken: readonly string[];
  readonly services: readonly Service[];
  readonly listener: { readonly arn: string; readonly isDefault?: boolean; readonly actions: readonly Action[] };
  /** The load balancer finds none of their targets healthy. */
  readonly unhealthy?: readonly Slot[];
  /** So many looks at targets it takes until they are healthy. */
  readonly initialLooks?: number;
  /** Target groups of other services. */
  readonly otherGroups?: readonly string[];
}

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:000000000000';
const DEFINITION = 'arn:aws:ecs:us-east-1:000000000000:task-definition/shop';

export const LISTENER = `${ELB}:listener/app/shop/0123456789abcdef/fedcba9876543210`;
export const RULE = `${ELB}:listener-rule/app/shop/0123456789abcdef/fedcba9876543210/0011223344556677`;
export const GROUPS = { blue: `${ELB}:targetgroup/blue/0123456789abcdef`, green: `${ELB}:targetgroup/green/0123456789abcdef`, other: `${ELB}:targetgroup/other/0123456789abcdef` };

/** What must stay as it is: a sign-in before the forward, and the stickiness of target groups. */
const SIGN_IN = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { Issuer: 'https://idp.example.com', ClientId: 'shop' } };
const STICKINESS = { Enabled: false };

/**
 * Two services `web-blue` and `web-green` of ECS behind one listener, in a folder, which the executable `aws` beside this file serves.
 * Revision 1 of the task definition `shop` runs in both, users are on blue, and no delivery registered it.
 */
export class SlotsStandIn extends CliStandIn {
  /** @param tasks how many each service has at first */
  constructor(folder: string, private readonly tasks: Readonly<Record<Slot, number>> = { blue: 2, green: 1 }) {
    super(folder);
    this.reset();
  }

  public reset(changes: Partial<State> = {}): void {
    this.forget();
    const containers = [{ name: 'web', image: 'docker.io/acme/shop:1', environment: [{ name: 'PORT', value: '8080' }] }];
    const definition = { taskDefinitionArn: `${DEFINITION}:1`, family: 'shop', revision: 1, status: 'ACTIVE', containerDefinitions: containers, tags: [] };
    this.state = {
      cluster: 'shop',
      definitions: [definition],
      broken: [],
      services: [service('blue', this.tasks.blue), service('green', this.tasks.green)],
      listener: { arn: LISTENER, actions: actionsWith({ blue: 100, green: 0 }) },
      ...changes,
    };
  }

  /** The release that most users reach. */
  public get served(): string {
    const [most] = readFileSync(join(this.folder, 'live'), 'utf8').split('+');
    return readFileSync(join(this.folder, most!), 'utf8');
  }

  /** The operations that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(register|update|modify)/.test(call));
  }

  /** The weights by slot. */
  public get weights(): Readonly<Record<string, number>> {
    const { ForwardConfig } = this.state.listener.actions.at(-1) as ForwardAction;
    return Object.fromEntries((ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn: arn, Weight }) => [/targetgroup\/(\w+)/.exec(arn)![1]!, Weight]));
  }

  /** A person or a stack sets the weights. */
  public weigh(weights: Readonly<Record<string, number>>): void {
    this.state = { ...this.state, listener: { ...this.state.listener, actions: actionsWith(weights) } };
  }

  public serviceOf(slot: Slot): Service {
    return this.state.services.find((one) => one.slot === slot)!;
  }

  public change(slot: Slot, changes: Partial<Service>): void {
    this.state = { ...this.state, services: this.state.services.map((one) => (one.slot === slot ? { ...one, ...changes } : one)) };
  }

  /** A person deploys a revision to a slot, and it runs at once. */
  public deployByHand(slot: Slot, revision: number): void {
    const { containerDefinitions: [{ environment = [] }], taskDefinitionArn: taskDefinition } = this.state.definitions[revision - 1]!;
    const [primary] = this.serviceOf(slot).deployments;
    this.change(slot, { served: environment.find(({ name }) => name === 'DELIVERY_VERSION')?.value ?? 'v0', deployments: [{ ...primary!, taskDefinition }] });
  }

  /** A person scales a service, and its tasks are there or gone at once. */
  public scale(slot: Slot, desiredCount: number): void {
    const [primary] = this.serviceOf(slot).deployments;
    this.change(slot, { desiredCount, deployments: [{ ...primary!, desiredCount, runningCount: desiredCount }] });
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
    for (const { served, slot } of state.services) this.write(slot, served);
    const { blue = 0, green = 0 } = this.weights;
    const [most, least] = green > blue ? ['green', 'blue'] as const : ['blue', 'green'] as const;
    this.write('live', Math.min(blue, green) > 0 ? `${most}+${least}` : most);
  }
}

function service(slot: Slot, tasks: number): Service {
  return {
    slot,
    service: `web-${slot}`,
    controller: 'ECS',
    breaker: { enable: true, rollback: true },
    deployments: [{ status: 'PRIMARY', taskDefinition: `${DEFINITION}:1`, rolloutState: 'COMPLETED', desiredCount: tasks, runningCount: tasks }],
    desiredCount: tasks,
    events: [],
    targetGroups: [GROUPS[slot]],
    served: 'v0',
  };
}

/** The actions of the listener with these weights by the name of the target group. */
export function actionsWith(weights: Readonly<Record<string, number>>): readonly Action[] {
  const groups = Object.entries(weights).map(([name, Weight]) => ({ TargetGroupArn: `${ELB}:targetgroup/${name}/0123456789abcdef`, Weight }));
  return [SIGN_IN, { Type: 'forward', Order: 2, ForwardConfig: { TargetGroups: groups, TargetGroupStickinessConfig: STICKINESS } }];
}
