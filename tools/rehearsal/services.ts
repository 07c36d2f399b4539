import { ControlServer } from './control-server';
import { LocalService } from './local-service';
import { OwnCommands, ownEnvironment, ownSecrets } from './own-commands';
import { OwnService } from './own-service';
import { IMPATIENT, PATIENT, Patience, RehearsedManifest, rehearsedManifest } from './rehearsed-manifest';
import { Manifest } from '../../src/contract/manifest';

/** The services of a rehearsal, and the manifests whose addresses lead to them. */
export interface Services {
  readonly control: ControlServer;
  /** By environment. */
  readonly all: ReadonlyMap<string, LocalService | OwnService>;
  readonly rehearsed: RehearsedManifest;
  /** For releases that never become healthy. */
  readonly impatient: Manifest;
  /** Of the environment whose own commands are executed. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Starts a local service for each environment, except the one whose own commands are executed. */
export async function startServices(manifest: Manifest, own?: OwnCommands): Promise<Services> {
  const all = new Map<string, LocalService | OwnService>();
  const control = await ControlServer.start(all);
  const ownOne = own && ownEnvironment(manifest, own, (call) => `${control.url}/own/${encodeURIComponent(own.environment)}/${call}`);
  const secrets = ownOne ? ownSecrets(ownOne.environment, process.env) : {};
  const locals = new Map<string, LocalService>();
  for (const { name } of manifest.environments.filter((one) => one.name !== own?.environment)) locals.set(name, await LocalService.start(name));
  for (const [name, service] of locals) all.set(name, service);
  if (ownOne) {
    const { environment: { name, target, url }, identity } = ownOne;
    all.set(name, new OwnService({ environment: name, url, target, identity, secrets }));
  }
  const addresses = (name: string) => {
    const { candidateUrl: candidate, usersUrl: users } = locals.get(name)!;
    return { candidate, users, control: control.url };
  };
  const rehearse = (patience: Patience) => rehearsedManifest(manifest, { addresses, control: control.url, own: ownOne, patience });
  const rehearsed = rehearse(PATIENT);
  for (const service of locals.values()) service.checks = rehearsed.checks;
  return { control, all, rehearsed, impatient: rehearse(IMPATIENT).manifest, secrets };
}
