import { stat } from 'node:fs/promises';
import { neededOf, Probed, probeAll, sshFixes } from './host-preflight';
import { AWKWARD } from './host-scripts';
import { ServerHost } from './server-host';
import { describeHosts, HostProbe, listed, pointerFor } from './servers-steps';
import { RuntimeContext } from '../../../runtime/context';
import { ArtifactError } from '../../../runtime/errors';
import { Artifact, Release } from '../../../runtime/release';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { ServersDriverManifest } from '../manifest';

export interface ServersPreflight {
  readonly context: RuntimeContext;
  readonly settings: ServersDriverManifest;
  readonly intent: Intent;
  readonly withHosts: <T>(work: (hosts: readonly ServerHost[]) => Promise<T>) => Promise<T>;
  readonly artifactOf: (release: Release) => Promise<Artifact>;
}

/** Room that stays free on each host. */
const MARGIN_KB = 50 * 1024;

/** Checks everything that a deployment and its rollback need on every host, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightServers(given: ServersPreflight): Promise<void> {
  const { context, intent, settings, withHosts } = given;
  const check = new PreflightCheck(context.environment.name, 'Target.servers', sshFixes(settings));
  const needKb = intent.kind === 'rollback' ? 0 : await sizeOf(check, given);
  const probeOf = (host: ServerHost) => host.probe(neededOf(intent)?.engineId);
  const probed = await check.fixed(withHosts((hosts) => probeAll({ hosts, intent, log: context.log, probe: probeOf })));
  for (const { name, probe } of probed) checkHost(check, name, probe, given, needKb);
  await checkNeeded(check, probed, given);
  const readings = probed.map(({ name, probe }) => ({ host: name, state: probe }));
  if (new Set(probed.map(({ probe }) => probe.pointer)).size > 1) context.log.line(`the hosts serve different releases: ${describeHosts(readings)}`);
}

/** The kibibytes that the release takes while it is unpacked. */
async function sizeOf(check: PreflightCheck, { artifactOf, context: { artifacts }, intent, settings: { files } }: ServersPreflight): Promise<number> {
  const { release } = intent;
  const artifact = await artifactOf(release);
  const { size } = await stat(await artifacts.tarOf(artifact));
  const members = await artifacts.membersBelow(artifact, files);
  if (!members.some(({ type }) => type === 'file')) check.refuse(`files: the artifact has no files in ${files}`, 'Build them, or correct files');
  return Math.ceil(size / 1024) * 2 + MARGIN_KB;
}

function checkHost(check: PreflightCheck, name: string, probe: HostProbe, { settings }: ServersPreflight, needKb: number): void {
  const { argument, closed, freeKb, isCurrentSolid, missing, unshared, user } = probe;
  const { directory } = settings;
  if (argument !== AWKWARD) check.refuse(`user: the login shell of ${settings.user} on ${name} is no POSIX shell`, `Run on the host: sudo usermod -s /bin/sh ${settings.user}`);
  if (missing.length > 0) check.refuse(`hosts: ${name} lacks ${listed(missing)}`, 'Install GNU coreutils, grep and tar on it, or busybox');
  if (closed.length > 0) {
    check.refuse(`directory: ${user} cannot write to ${closed[0]} on ${name}`, `Run on the host: sudo mkdir -p ${directory} && sudo chown ${user}: ${directory}`);
  }
  if (isCurrentSolid) {
    const by = `${directory}/releases/by-hand`;
    check.refuse(`directory: ${directory}/current on ${name} is no link`, `Move what is there: mkdir -p ${directory}/releases && mv ${directory}/current ${by} && ln -s releases/by-hand ${directory}/current`);
  }
  if (unshared.length > 0) check.refuse(`shared: ${name} has no ${directory}/shared/${unshared[0]}`, 'Make the file or the folder on each host');
  if (freeKb !== undefined && freeKb < needKb) {
    check.refuse(`directory: ${name} has ${Math.floor(freeKb / 1024)} MB free, and the release needs ${Math.ceil(needKb / 1024)} MB`, 'Make room, or lower keep');
  }
}

/** Every host has the release to go back to. A host that is new, or lost it, gets it again if its files are still known. */
async function checkNeeded(check: PreflightCheck, probed: readonly Probed<HostProbe>[], { context, intent }: ServersPreflight): Promise<void> {
  const needed = neededOf(intent);
  if (!needed) return;
  const without = probed.filter(({ probe }) => probe.gone !== undefined || pointerFor(needed, probe) === undefined).map(({ name }) => name);
  if (without.length === 0) return;
  const { artifact, engineId, sha, version } = needed;
  if (artifact && engineId === undefined && await canProvide(context, artifact)) return;
  const problem = `hosts: ${listed(without)} ${without.length > 1 ? 'have' : 'has'} no files of ${version} (${sha.slice(0, 7)})`;
  if (intent.kind === 'rollback') check.refuse(`${problem}, so it cannot be restored`, 'Choose another release');
  const adopt = `adopt ${context.environment.name} --release VERSION`;
  check.refuse(`${problem}, so a bad release could not be rolled back`, `Copy them from another host, or record what is live as Stable: ${adopt}`);
}

async function canProvide({ artifacts }: RuntimeContext, artifact: Artifact): Promise<boolean> {
  try {
    await artifacts.provide(artifact);
    return true;
  } catch (error) {
    if (error instanceof ArtifactError) return false;
    throw error;
  }
}
