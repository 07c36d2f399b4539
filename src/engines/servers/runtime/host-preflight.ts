import { collect } from './host-batches';
import { Log } from '../../../runtime/ci/log';
import { Release } from '../../../runtime/release';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';
import { Intent } from '../../../runtime/targets/target-driver';
import { ServersDriverManifest } from '../manifest';

/** A host with what it said. */
export interface Probed<Probe> {
  readonly name: string;
  readonly probe: Probe;
}

export interface Probing<Host, Probe> {
  readonly hosts: readonly Host[];
  readonly intent: Intent;
  readonly log: Pick<Log, 'line'>;
  readonly probe: (host: Host) => Promise<Probe>;
}

/** What a person does about errors that a retry does not help. */
export function sshFixes({ privateKeyVariable, user }: Pick<ServersDriverManifest, 'privateKeyVariable' | 'user'>): Partial<Record<EngineErrorKind, string>> {
  return {
    signedOut: `Store the private key as the secret ${privateKeyVariable}, and its public key in ~${user}/.ssh/authorized_keys on the host. See docs/targets/servers.md`,
    accessDenied: 'Compare the key with the one on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. See docs/targets/servers.md',
    cliMissing: 'Install the OpenSSH client (openssh-client) in setupSteps',
  };
}

/** A rollback goes on without a host that is down, and names it in the end; a deployment does not begin. Rejects with `EngineError`. */
export async function probeAll<Host extends { readonly name: string }, Probe>(
  { hosts, intent, log, probe }: Probing<Host, Probe>,
): Promise<Probed<Probe>[]> {
  const errors: EngineError[] = [];
  const probed = collect(await Promise.allSettled(hosts.map(async (host) => ({ name: host.name, probe: await probe(host) }))), errors);
  if (errors.length > 0 && (intent.kind !== 'rollback' || errors.length === hosts.length || !errors.every(isUnreached))) {
    const [first] = errors;
    throw errors.length === 1 ? first! : new EngineError(first!.kind, errors.map(({ message }) => message).join('; '));
  }
  for (const { message } of errors) log.line(`${message}; the rollback begins with the other hosts`);
  return probed;
}

/** Whether a machine is down, or does not respond. */
export function isUnreached({ kind }: EngineError): boolean {
  return kind === 'unavailable' || kind === 'timeout' || kind === 'throttled';
}

/** The release that must be on the hosts, or must be possible to put there. */
export function neededOf({ kind, release, stable }: Intent): Release | undefined {
  return kind === 'rollback' ? release : stable;
}
