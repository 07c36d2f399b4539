import { HaproxyApi } from './haproxy-api';
import { describeTraffic, slotWithAll, Traffic, trafficOf } from './haproxy-steps';
import { isUnreached, sshFixes } from './servers-preflight';
import { SlotHosts } from './slot-hosts';
import { ServerSlotsDriverManifest } from '../../../contract/server-slots-manifest';
import { Log } from '../../ci/log';
import { EngineError, EngineErrorKind } from '../engine-error';
import { PreflightCheck, settled } from '../preflight-check';
import { Intent } from '../target-driver';

export interface ProxyPreflight {
  readonly environment: string;
  readonly intent: Intent;
  /** Whether users move in steps: the first one takes them from the slot. */
  readonly isWeighted: boolean;
  readonly log: Pick<Log, 'line'>;
  readonly proxies: readonly HaproxyApi[];
  readonly settings: ServerSlotsDriverManifest;
}

/** Checks that each HAProxy lets its weights be changed, and that a deployment has a slot without users. Rejects with `ConfigurationError`. */
export async function preflightProxies(given: ProxyPreflight): Promise<void> {
  const { environment, proxies, settings: { proxy } } = given;
  const fixes: Partial<Record<EngineErrorKind, string>> = {
    ...sshFixes(given.settings),
    cliMissing: 'Install socat where HAProxy runs, and the OpenSSH client in setupSteps',
    rejected: `Let the user reach the socket ${proxy.socket} (stats socket ${proxy.socket} user NAME level admin), or correct ServerSlots socket`,
    notFound: 'Correct backend or servers of ServerSlots, or the configuration of HAProxy',
  };
  const check = new PreflightCheck(environment, 'Target.servers', fixes);
  const levels = await Promise.allSettled(proxies.map((one) => one.level()));
  const isRollback = given.intent.kind === 'rollback';
  const isSomeReached = levels.some((level) => downOf(level) === undefined);
  const reached: HaproxyApi[] = [];
  for (const [at, level] of levels.entries()) {
    const down = downOf(level);
    if (down && isRollback && isSomeReached) {
      given.log.line(`${down.message}; the rollback begins with the other machines`);
      continue;
    }
    const found = await check.fixed(settled(level));
    const one = proxies[at]!;
    if (found !== 'admin') check.refuse(`slots: the socket ${proxy.socket} of HAProxy on ${one.host} has the level ${JSON.stringify(found)}`, 'Give it the level admin: stats socket ... level admin');
    reached.push(one);
  }
  // a rollback sets the weights first
  const problems = isRollback ? [] : await Promise.allSettled(reached.map((one) => one.stateFileProblem()));
  for (const [at, result] of problems.entries()) {
    const problem = await check.fixed(settled(result));
    if (problem !== undefined) check.refuse(`slots: ${problem} on ${reached[at]!.host}, and the weights are kept in ${proxy.stateFile}`, 'Make the folder, and let the user own it; or correct ServerSlots stateFile');
  }
  const states = await Promise.allSettled(reached.map((one) => one.state()));
  const traffic: Traffic[] = [];
  for (const state of states) traffic.push(trafficOf(await check.fixed(settled(state))));
  checkTraffic(check, given, traffic);
}

/** Why a machine was not reached; undefined if it was. */
function downOf(result: PromiseSettledResult<unknown>): EngineError | undefined {
  const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
  return reason instanceof EngineError && isUnreached(reason) ? reason : undefined;
}

/** Only a rollback may begin where users are on several releases, or would see the release at once. */
function checkTraffic(check: PreflightCheck, { environment, intent, isWeighted }: ProxyPreflight, traffic: readonly Traffic[]): void {
  const { kind, slot, stable } = intent;
  if (kind === 'rollback') return;
  if (slot === undefined) check.refuse('slots: the strategy has no slots', 'Set strategy: Strategy.blueGreen() or Strategy.canary()');
  const live = slotWithAll(traffic);
  const fix = stable ? `Restore ${stable.version}: rollback ${environment} --release ${stable.version}` : 'Give the servers of one slot a weight, and those of the other one the weight 0';
  if (slot === live) check.refuse(`slots: HAProxy sends users to ${live}, where this deployment would go`, fix);
  const isOfSlots = traffic.every(({ blue, green, others }) => others === 0 && blue + green > 0);
  if (live === undefined && !(isWeighted && isOfSlots && stable)) check.refuse(`slots: HAProxy sends users to ${describeTraffic(traffic)}, and a deployment needs a slot without users`, fix);
}

export interface HolderPreflight {
  readonly environment: string;
  readonly hosts: SlotHosts;
  readonly intent: Intent;
}

/** Refuses a deployment if Stable does not run in the other slot: there it stays, so a rollback only moves users. */
export async function checkHolder({ environment, hosts, intent }: HolderPreflight): Promise<void> {
  const { kind, slot, stable } = intent;
  if (kind === 'rollback' || !stable) return;
  const check = new PreflightCheck(environment, 'Target.servers', {});
  await check.restorable(intent, async (needed) => (
    (await hosts.slotsWith(needed)).some((one) => one !== slot) ? undefined : `slots: ${needed.version} (${needed.sha.slice(0, 7)}) does not run in the slot beside ${slot ?? 'this one'} on all hosts`
  ), `Restore ${stable.version} (rollback ${environment} --release ${stable.version}), or record what is live as Stable`);
}
