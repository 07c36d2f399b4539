import { stat } from 'node:fs/promises';
import { AWKWARD } from './host-scripts';
import { ServerHost } from './server-host';
import { describeHosts, HostProbe, listed, pointerFor } from './servers-steps';
import { ServersDriverManifest } from '../../../contract/servers-manifest';
import { RuntimeContext } from '../../context';
import { ArtifactError } from '../../errors';
import { Artifact, Release } from '../../release';
import { EngineError, EngineErrorKind } from '../engine-error';
import { PreflightCheck } from '../preflight-check';
import { Intent } from '../target-driver';

export interface ServersPreflight {
  readonly context: RuntimeContext;
  readonly settings: ServersDriverManifest;
  readonly intent: Intent;
  readonly withHosts: <T>(work: (hosts: readonly ServerHost[]) => Promise<T>) => Promise<T>;
  readonly artifactOf: (release: Release) => Promise<Artifact>;
}

/** A host with what it said. */
interface Probed {
  readonly name: string;
  readonly probe: HostProbe;
}

/** Room that stays free on each host. */
const MARGIN_KB = 50 * 1024;

/** What a person does about errors that a retry does not help. */
export function sshFixes({ privateKeyVariable, user }: Pick<ServersDriverManifest, 'privateKeyVariable' | 'user'>): Partial<Record<EngineErrorKind, string>> {
  return {
    signedOut: `Store the private key as the secret ${privateKeyVariable}, and its public key in ~${user}/.ssh/authorized_keys on the host. See docs/targets/servers.md`,
    accessDenied: 'Compare the key with the one on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. See docs/targets/servers.md',
    cliMissing: 'Install the OpenSSH client (openssh-client) in setupSteps',
  };
}

/** Checks everything that a deployment and its rollback need on every host, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightServers(given: ServersPreflight): Promise<void> {
  const { context, intent, settings, withHosts } = given;
  const check = new PreflightCheck(context.environment.name, 'Target.servers', sshFixes(settings));
  const needKb = intent.kind === 'rollback' ? 0 : await sizeOf(check, given);
  const probed = await check.fixed(withHosts((hosts) => probeAll(given, hosts)));
  for (const { name, probe } of probed) checkHost(check, name, probe, given, needKb);
  await checkNeeded(check, probed, given);
  const readings = probed.map(({ name, probe }) => ({ host: name, state: probe }));
  if (new Set(probed.map(({ probe }) => probe.pointer)).size > 1) context.log.line(`the hosts serve different releases: ${describeHosts(readings)}`);
}

/** A rollback goes on without a host that is down, and names it in the end; a deployment does not begin. */
async function probeAll({ context, intent }: ServersPreflight, hosts: readonly ServerHost[]): Promise<Probed[]> {
  const needed = neededOf(intent);
  const results = await Promise.allSettled(hosts.map(async (host) => ({ name: host.name, probe: await host.probe(needed?.engineId) })));
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const serious = failed.find((error) => !(error instanceof EngineError));
  if (serious) throw serious;
  const errors = failed.filter((error) => error instanceof EngineError);
  if (errors.length > 0 && (intent.kind !== 'rollback' || errors.length === hosts.length || !errors.every(isUnreached))) {
    const [first] = errors;
    throw errors.length === 1 ? first! : new EngineError(first!.kind, errors.map(({ message }) => message).join('; '));
  }
  for (const { message } of errors) context.log.line(`${message}; the rollback begins with the other hosts`);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Whether a machine is down, or does not respond. */
export function isUnreached({ kind }: EngineError): boolean {
  return kind === 'unavailable' || kind === 'timeout' || kind === 'throttled';
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

/** The release that must be there, or must be possible to upload. */
function neededOf({ kind, release, stable }: Intent): Release | undefined {
  return kind === 'rollback' ? release : stable;
}

/** Every host has the release to go back to. A host that is new, or lost it, gets it again if its files are still known. */
async function checkNeeded(check: PreflightCheck, probed: readonly Probed[], { context, intent }: ServersPreflight): Promise<void> {
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
