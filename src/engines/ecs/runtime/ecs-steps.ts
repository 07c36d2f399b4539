import { nameOf } from './task-definition';
import { isNumber, isObject, isText } from '../../../runtime/json-value';
import { LiveRelease } from '../../../runtime/targets/target-driver';

/** A deployment of a service, as ECS has it: a task definition on its way, or the one before it. */
export interface EcsDeployment {
  readonly isPrimary: boolean;
  /** An ARN. */
  readonly taskDefinition: string;
  readonly rolloutState: string;
  readonly reason: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  /** Consecutive ones. */
  readonly failedTasks: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface EcsService {
  readonly status: string;
  /** `ECS`, `CODE_DEPLOY` or `EXTERNAL`. */
  readonly controller: string;
  /** How ECS itself replaces tasks: `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`. */
  readonly strategy: string;
  readonly hasCircuitBreaker: boolean;
  readonly taskDefinition: string;
  /** Tasks that should run. */
  readonly desired: number;
  /** ARNs. */
  readonly targetGroups: readonly string[];
  readonly deployments: readonly EcsDeployment[];
  /** Newest first. */
  readonly events: readonly { readonly at: number; readonly message: string }[];
}

export function readService(value: unknown): EcsService | undefined {
  if (!isObject(value) || !isText(value.taskDefinition)) return undefined;
  const { deploymentConfiguration, deploymentController, deployments, desiredCount, events, loadBalancers, status, taskDefinition } = value;
  const configuration = objectIn(deploymentConfiguration);
  return {
    status: textIn(status),
    controller: textIn(objectIn(deploymentController).type) || 'ECS',
    strategy: textIn(configuration.strategy) || 'ROLLING',
    hasCircuitBreaker: objectIn(configuration.deploymentCircuitBreaker).enable === true,
    taskDefinition,
    desired: numberIn(desiredCount),
    targetGroups: listIn(loadBalancers).map(({ targetGroupArn }) => textIn(targetGroupArn)).filter((arn) => arn !== ''),
    deployments: listIn(deployments).map(readDeployment),
    events: listIn(events).map(({ createdAt, message }) => ({ at: timeIn(createdAt), message: textIn(message) })),
  };
}

function readDeployment(one: Readonly<Record<string, unknown>>): EcsDeployment {
  return {
    isPrimary: one.status === 'PRIMARY',
    taskDefinition: textIn(one.taskDefinition),
    rolloutState: textIn(one.rolloutState),
    reason: textIn(one.rolloutStateReason),
    desired: numberIn(one.desiredCount),
    running: numberIn(one.runningCount),
    pending: numberIn(one.pendingCount),
    failedTasks: numberIn(one.failedTasks),
    createdAt: timeIn(one.createdAt),
  };
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function listIn(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textIn(value: unknown): string {
  return isText(value) ? value : '';
}

function numberIn(value: unknown): number {
  return isNumber(value) ? value : 0;
}

/** Version 1 of the AWS CLI prints seconds, version 2 a date. */
function timeIn(value: unknown): number {
  return isNumber(value) ? value * 1000 : isText(value) ? Date.parse(value) : 0;
}

export type RolloutStep =
  | { readonly step: 'done' }
  | { readonly step: 'wait'; readonly why: string }
  /** `isForced`: the task definition stays, and its tasks are started again. `tasks`: as many must run, if fewer do now. */
  | { readonly step: 'update'; readonly isForced: boolean; readonly tasks?: number }
  /** `isOthers`: someone else deployed meanwhile. */
  | { readonly step: 'fail'; readonly why: string; readonly isOthers?: true };

export interface RolloutSituation {
  readonly service: EcsService;
  /** The ARN of the task definition to run. */
  readonly wanted: string;
  /** The ARN that the service had at first. */
  readonly from: string;
  /** Whether this process asked for `wanted`, and ECS accepted it. */
  readonly isBegun: boolean;
  /** A rollback overrides other deployments, and does not wait for the one that it replaces. */
  readonly isRestore: boolean;
  /** The fewest tasks that must run. @default - as many as the service has */
  readonly leastTasks?: number;
}

/** Without a circuit breaker ECS starts tasks for hours. It resets the count when one stays. */
const MOST_FAILED_TASKS = 3;

/** The next step to a service that runs `wanted` and nothing else. */
export function rolloutStep(situation: RolloutSituation): RolloutStep {
  const next = stepOf(situation);
  const { isBegun, leastTasks = 0, service: { desired, deployments } } = situation;
  const isTooSmall = desired < leastTasks && !isBegun;
  if (next.step === 'update') return isTooSmall ? { ...next, tasks: leastTasks } : next;
  if (next.step !== 'done') return next;
  // ECS calls a rollout complete although it scales
  if (isTooSmall) return { step: 'update', isForced: false, tasks: leastTasks };
  const running = deployments.find((one) => one.isPrimary)?.running ?? 0;
  return running < Math.min(leastTasks, desired) ? { step: 'wait', why: `${running} of ${desired} tasks run` } : next;
}

function stepOf({ from, isBegun, isRestore, service, wanted }: RolloutSituation): RolloutStep {
  const primary = service.deployments.find((one) => one.isPrimary);
  if (!primary) return { step: 'wait', why: 'the service has no deployment yet' };
  if (primary.taskDefinition === wanted) return stepOfOurs(service, primary, isRestore && !isBegun);
  const ours = service.deployments.find((one) => one.taskDefinition === wanted);
  // where ECS itself moves users, no state may say why `from` is back
  const isBack = !isRestore && movesUsers(service) && primary.taskDefinition === from;
  if (isBegun && (ours?.rolloutState === 'FAILED' || wasTakenBack(service) || isBack)) {
    return { step: 'fail', why: withReasons(`ECS took ${nameOf(wanted)} back and runs ${nameOf(primary.taskDefinition)}`, service, ours?.createdAt ?? 0, ours?.reason) };
  }
  if (isRestore) return { step: 'update', isForced: false };
  if (isBegun || primary.taskDefinition !== from) return { step: 'fail', isOthers: true, why: `someone else deployed ${nameOf(primary.taskDefinition)} to the service meanwhile` };
  if (primary.rolloutState === 'IN_PROGRESS' || isBaking(service)) return { step: 'wait', why: `the deployment of ${nameOf(primary.taskDefinition)}, which someone else began, is in progress` };
  return { step: 'update', isForced: false };
}

function stepOfOurs(service: EcsService, primary: EcsDeployment, mayForce: boolean): RolloutStep {
  const { desired, failedTasks, pending, reason, rolloutState, running, taskDefinition } = primary;
  const name = nameOf(taskDefinition);
  if (rolloutState === 'COMPLETED' && !isBaking(service)) return { step: 'done' };
  if (rolloutState === 'FAILED') {
    return mayForce ? { step: 'update', isForced: true } : { step: 'fail', why: withReasons(`the deployment of ${name} failed`, service, primary.createdAt, reason) };
  }
  // a service that ECS reports no state of is steady when nothing else runs
  if (rolloutState === '' && service.deployments.length === 1 && running === desired && pending === 0) return { step: 'done' };
  if (!service.hasCircuitBreaker && failedTasks >= MOST_FAILED_TASKS && running === 0) {
    return { step: 'fail', why: withReasons(`${failedTasks} tasks of ${name} failed in a row`, service, primary.createdAt, reason) };
  }
  return { step: 'wait', why: `${name}: ${running} of ${desired} tasks run${failedTasks > 0 ? `, ${failedTasks} failed` : ''}` };
}

/** With its own strategies. AWS documents `rolloutState` for rolling updates only. */
function movesUsers({ strategy }: EcsService): boolean {
  return strategy !== 'ROLLING';
}

/** Where ECS itself moves users, both revisions run until the bake ends. */
function isBaking(service: EcsService): boolean {
  return movesUsers(service) && service.deployments.some(({ isPrimary, running }) => !isPrimary && running > 0);
}

/** The deployment that failed may be gone from the list already. */
function wasTakenBack({ deployments }: EcsService): boolean {
  return deployments.some(({ isPrimary, reason }) => isPrimary && /roll(ed|ing)? ?back/i.test(reason));
}

const REASONS = 3;
const A_REASON = /unable|fail|unhealthy|error|circuit breaker|denied|cannot|could not|not found/i;

/** What the service's events say since a deployment began, without the ids of tasks. */
export function withReasons(fault: string, { events }: Pick<EcsService, 'events'>, since: number, reason = ''): string {
  const said = events.filter(({ at, message }) => at >= since && A_REASON.test(message))
    .map(({ message }) => message.replace(/^\(service [^)]*\)\s*/, '').replace(/\(?(task|taskSet|deployment) [\w/-]{10,}\)?/g, '$1').trim());
  const all = [...new Set([...(reason === '' ? [] : [reason]), ...said])].slice(0, REASONS);
  return all.length === 0 ? fault : `${fault}: ${all.join('; ')}`;
}

/** The task definitions that tasks run of: those that users may reach. */
export function runningDefinitions({ deployments, taskDefinition }: EcsService): string[] {
  const running = deployments.filter((one) => one.running > 0).map((one) => one.taskDefinition);
  return running.length === 0 ? [taskDefinition] : [...new Set(running)];
}

/** Several releases at a time. */
export function splitOf(arns: readonly string[]): LiveRelease {
  return { kind: 'split', shares: arns.map(nameOf).join(' and ') };
}
