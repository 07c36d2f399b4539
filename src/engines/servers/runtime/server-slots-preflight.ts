import { isUnreached, sshFixes } from './host-preflight';
import { SlotHosts } from './slot-hosts';
import type { SlotProxy } from './slot-proxy';
import { describeTraffic, slotWithAll, Traffic, trafficOf } from './slot-weights';
import { Log } from '../../../runtime/ci/log';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';
import { PreflightCheck, settled } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { ServerSlotsDriverManifest, SlotProxyManifest } from '../slots-manifest';

export interface ProxyPreflight {
  readonly environment: string;
  readonly intent: Intent;
  /** Whether users move in steps: the first one takes them from the slot. */
  readonly isWeighted: boolean;
  readonly log: Pick<Log, 'line'>;
  readonly proxies: readonly SlotProxy[];
  readonly settings: ServerSlotsDriverManifest;
}

/** What to do where a proxy is not as the options say. */
function proxyFixes(proxy: SlotProxyManifest): Partial<Record<EngineErrorKind, string>> {
  switch (proxy.kind) {
    case 'haproxy': return {
      cliMissing: 'Install socat where HAProxy runs, and the OpenSSH client in setupSteps',
      rejected: `Let the user reach the socket ${proxy.socket} (stats socket ${proxy.socket} user NAME level admin), or correct ServerSlots socket`,
      notFound: 'Correct backend or servers of ServerSlots, or the configuration of HAProxy',
    };
    case 'caddy': return {
      cliMissing: 'Install curl where Caddy runs, and the OpenSSH client in setupSteps',
      rejected: `Let the user reach the admin API ${proxy.admin} (admin in the global options of the Caddyfile), or correct ServerSlots admin`,
      notFound: 'Correct blue, green or handler of ServerSlots, or give the one reverse_proxy of both slots a weight for each upstream: lb_policy weighted_round_robin 1 0',
    };
  }
}

/** Checks that each proxy lets its weights be changed, and that a deployment has a slot without users. Rejects with `ConfigurationError`. */
export async function preflightProxies(given: ProxyPreflight): Promise<void> {
  const { environment, proxies, settings: { proxy } } = given;
  const check = new PreflightCheck(environment, 'Target.servers', { ...sshFixes(given.settings), ...proxyFixes(proxy) });
  const accesses = await Promise.allSettled(proxies.map((one) => one.accessProblem()));
  const isRollback = given.intent.kind === 'rollback';
  const isSomeReached = accesses.some((access) => downOf(access) === undefined);
  const reached: SlotProxy[] = [];
  for (const [at, access] of accesses.entries()) {
    const down = downOf(access);
    if (down && isRollback && isSomeReached) {
      given.log.line(`${down.message}; the rollback begins with the other machines`);
      continue;
    }
    const problem = await check.fixed(settled(access));
    if (problem) check.refuse(problem.why, problem.fix);
    reached.push(proxies[at]!);
  }
  // a rollback sets the weights first
  const keeps = isRollback ? [] : await Promise.allSettled(reached.map((one) => one.keepProblem()));
  for (const keep of keeps) {
    const problem = await check.fixed(settled(keep));
    if (problem) check.refuse(problem.why, problem.fix);
  }
  const states = await Promise.allSettled(reached.map((one) => one.state()));
  const traffic: Traffic[] = [];
  const isSomeRead = states.some(({ status }) => status === 'fulfilled');
  for (const state of states) {
    // one that is stopped has no users
    if (state.status === 'rejected' && state.reason instanceof EngineError && isRollback && isSomeRead) given.log.line(`${state.reason.message}; the rollback begins with the other machines`);
    else traffic.push(trafficOf(await check.fixed(settled(state))));
  }
  checkTraffic(check, given, traffic);
}

/** Why a machine was not reached; undefined if it was. */
function downOf(result: PromiseSettledResult<unknown>): EngineError | undefined {
  const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
  return reason instanceof EngineError && isUnreached(reason) ? reason : undefined;
}

/** Only a rollback may begin where users are on several releases, or would see the release at once. */
function checkTraffic(check: PreflightCheck, { environment, intent, isWeighted, proxies }: ProxyPreflight, traffic: readonly Traffic[]): void {
  const { kind, slot, stable } = intent;
  const product = proxies[0]?.product ?? 'the proxy';
  if (kind === 'rollback') return;
  if (slot === undefined) check.refuse('slots: the strategy has no slots', 'Set strategy: Strategy.blueGreen() or Strategy.canary()');
  const live = slotWithAll(traffic);
  const fix = stable ? `Restore ${stable.version}: rollback ${environment} --release ${stable.version}` : 'Give the servers of one slot a weight, and those of the other one the weight 0';
  if (slot === live) check.refuse(`slots: ${product} sends users to ${live}, where this deployment would go`, fix);
  const isOfSlots = traffic.every(({ blue, green, others }) => others === 0 && blue + green > 0);
  if (live === undefined && !(isWeighted && isOfSlots && stable)) check.refuse(`slots: ${product} sends users to ${describeTraffic(traffic)}, and a deployment needs a slot without users`, fix);
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
