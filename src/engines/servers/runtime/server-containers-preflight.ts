import { containerErrorOf, engineAccess } from './container-errors';
import { ContainerHost } from './container-host';
import { containerKey, ContainerProbe, describeContainers, keepsKey } from './container-steps';
import { isUnreached, neededOf, Probed, probeAll, sshFixes } from './host-preflight';
import { AWKWARD } from './host-scripts';
import { listed } from './servers-steps';
import { HostCommandError } from './ssh-error';
import { RuntimeContext } from '../../../runtime/context';
import { imagePresence } from '../../../runtime/images/image-presence';
import { imageOf, Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { ServerContainersDriverManifest } from '../containers-manifest';

export interface ContainersPreflight {
  readonly context: RuntimeContext;
  readonly settings: ServerContainersDriverManifest;
  readonly intent: Intent;
  readonly withHosts: <T>(work: (hosts: readonly ContainerHost[]) => Promise<T>) => Promise<T>;
}

/** Room that stays free on each host, beside that for the image. */
const MARGIN_KB = 100 * 1024;
/** `create --pull`, and `.State.Health`. */
const LEAST = { docker: [20, 10], podman: [4, 0] } as const;
const NAMES = { docker: 'Docker', podman: 'Podman' } as const;

/** Checks everything that a deployment and its rollback need on every host, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightContainers(given: ContainersPreflight): Promise<void> {
  const { context, intent, settings, withHosts } = given;
  const check = new PreflightCheck(context.environment.name, 'Target.servers', sshFixes(settings));
  const probed = await check.fixed(withHosts((hosts) => probeAll({ hosts, intent, log: context.log, probe: (host) => probeOf(host, given) })));
  for (const { name, probe } of probed) checkHost(check, name, probe, given);
  await checkNeeded(check, probed, given);
  const readings = probed.map(({ name, probe }) => ({ host: name, state: probe }));
  if (new Set(probed.map(({ probe: { live } }) => `${live?.isRunning} ${live?.made?.key ?? live?.image}`)).size > 1) {
    context.log.line(`the hosts run different releases: ${describeContainers(readings)}`);
  }
}

/** An engine that is down is as a host that is down. */
async function probeOf(host: ContainerHost, { intent, settings }: ContainersPreflight): Promise<ContainerProbe> {
  const needed = neededOf(intent);
  const probe = await host.probe(needed && imageOf(needed));
  if (probe.down === undefined) return probe;
  const error = containerErrorOf(new HostCommandError(host.name, settings.container.engine, 1, probe.down), settings);
  if (error instanceof EngineError && isUnreached(error)) throw error;
  return probe;
}

function checkHost(check: PreflightCheck, name: string, probe: ContainerProbe, { intent, settings }: ContainersPreflight): void {
  const { argument, closed, down, engine: version, freeKb, imageBytes = 0, isOwned, live, missing, unknown, unread, unshared, user } = probe;
  const { container } = settings;
  const { engine } = container;
  if (argument !== AWKWARD) check.refuse(`user: the login shell of ${settings.user} on ${name} is no POSIX shell`, `Run on the host: sudo usermod -s /bin/sh ${settings.user}`);
  if (missing.includes(engine)) check.refuse(`container: ${name} has no ${engine}`, `Install ${NAMES[engine]} on it`);
  if (missing.length > 0) check.refuse(`hosts: ${name} lacks ${listed(missing)}`, 'Install GNU coreutils, grep, sed and util-linux on it, or busybox');
  if (closed !== undefined) check.refuse(`user: ${user} cannot write to ${closed} on ${name}`, `Give ${user} a home folder that it owns`);
  if (down !== undefined) check.refuse(`container: ${user} cannot use ${engine} on ${name}: ${down}`, engineAccess(engine, user));
  const [major, minor] = LEAST[engine];
  if (version === undefined || !isAtLeast(version, LEAST[engine])) check.refuse(`container: ${name} has ${NAMES[engine]} ${version ?? ''}`, `Install ${NAMES[engine]} ${major}.${minor} or later`);
  // a container that is kept needs only what it has
  const isMade = intent.kind !== 'rollback' || !keepsRelease(probe, intent.release);
  if (isMade && unread !== undefined) check.refuse(`envFile: ${user} cannot read ${unread} on ${name}`, `Make the file on each host, readable for ${user}`);
  if (isMade && unknown !== undefined) check.refuse(`network: ${name} has no network ${unknown}`, `Run on the host: ${engine} network create ${unknown}`);
  if (isMade && unshared.length > 0) check.refuse(`volumes: ${name} has no ${unshared[0]}`, 'Make the folder on each host');
  if (live?.other !== undefined) {
    check.refuse(`container: ${container.name} on ${name} is the container of another delivery, ${live.other}`,
      `Choose another name. If that delivery is no more, remove it: ${engine} rm --force ${container.name}`);
  }
  if (live && !live.made && !isOwned) {
    check.refuse(`container: ${name} has a container ${container.name} that no delivery made`, `Choose another name, or remove it: ${engine} rm --force ${container.name}`);
  }
  const needKb = MARGIN_KB + Math.ceil(imageBytes / 1024);
  if (intent.kind !== 'rollback' && freeKb !== undefined && freeKb < needKb) {
    check.refuse(`container: ${name} has ${Math.floor(freeKb / 1024)} MB free for images, and the release needs ${Math.ceil(needKb / 1024)} MB`, 'Make room, or lower keep');
  }
}

function keepsRelease(probe: ContainerProbe, release: Release): boolean {
  const key = containerKey(release);
  return key !== undefined && keepsKey(probe, key);
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, ours, also] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return ours !== undefined && (Number(ours) > major || (Number(ours) === major && Number(also) >= minor));
}

/** Every host has the container or the image to go back to. A host that is new, or lost both, pulls it: a deployment does so before its first change. */
async function checkNeeded(
  check: PreflightCheck, probed: readonly Probed<ContainerProbe>[], { context, intent }: ContainersPreflight,
): Promise<void> {
  const needed = neededOf(intent);
  if (!needed) return;
  const { sha, version } = needed;
  const name = `${version} (${sha.slice(0, 7)})`;
  const key = containerKey(needed);
  if (key === undefined) {
    // no delivery has made its container
    if (intent.kind === 'rollback') check.refuse(`container: no image is known of ${name}, so it cannot be restored`, 'Choose another release');
    return context.log.warning(`${version} cannot be restored`, `No delivery made the container of ${name}, so a bad release will be halted.`);
  }
  const without = probed.filter(({ probe }) => !probe.isHeld && !keepsKey(probe, key)).map((one) => one.name);
  if (without.length === 0) return;
  const found = await imagePresence(context, needed);
  if (found.kind !== 'gone') return;
  const problem = `hosts: ${listed(without)} ${without.length > 1 ? 'have' : 'has'} no image of ${name}, and the registry has it no more`;
  if (intent.kind === 'rollback') check.refuse(`${problem}, so it cannot be restored`, 'Choose another release');
  check.refuse(`${problem}, so a bad release could not be rolled back`, `Push it again, or record what is live as Stable: adopt ${context.environment.name} --release VERSION`);
}
