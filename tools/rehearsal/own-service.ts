import { CallRecord, Service, ServiceCall } from './service';
import { Users } from './users';
import { COMMAND_VARIABLE } from '../../src/contract/environment-variables';
import { HttpCheckManifest, TargetManifest } from '../../src/contract/manifest';
import { identifies } from '../../src/runtime/release';

export interface OwnServiceOptions {
  readonly environment: string;
  /** Where users reach it. */
  readonly url: string;
  readonly target: TargetManifest;
  /** A health check whose response names the release. @default - what users get is what the commands gave them */
  readonly identity?: HttpCheckManifest;
  readonly secrets: Readonly<Record<string, string>>;
}

/** A release that the rehearsal deployed. */
interface Known {
  readonly version: string;
  readonly sha: string;
}

const PATIENCE_MS = 60_000;

/** The service that the project's own commands deploy. It notes what the commands do, and asks the service which release users get. */
export class OwnService implements Service {
  public readonly calls: CallRecord[] = [];
  public readonly users: Users;
  private readonly known: Known[] = [];
  private last: string | undefined;
  private lastSlot: string | undefined;

  constructor(private readonly options: OwnServiceOptions) {
    this.users = new Users(() => options.url);
  }

  public onCall: (call: ServiceCall, version: string) => 'fails' | 'works' = () => 'works';
  public onLive: (version: string) => void = () => undefined;

  public get environment(): string {
    return this.options.environment;
  }

  public get commanded(): string | undefined {
    return this.last;
  }

  /** The slot that the commands gave to users. */
  public get slot(): string | undefined {
    return this.lastSlot;
  }

  public know(release: Known): void {
    this.known.push(release);
  }

  /** A command is about to run. If it shall fail, it is not executed. */
  public begin(call: ServiceCall, variables: Readonly<Record<string, string>>): { readonly text: string; readonly ok: boolean } {
    const version = variables[COMMAND_VARIABLE.VERSION] ?? '';
    if (this.onCall(call, version) === 'works') return { ok: true, text: '' };
    this.note(call, variables, true);
    return { ok: false, text: `the rehearsal lets ${call} of ${version} fail: the command was not executed` };
  }

  /** A command ended. */
  public end(call: ServiceCall, variables: Readonly<Record<string, string>>, ok: boolean): void {
    const { slot, version, weight } = this.note(call, variables, !ok);
    const isVisible = call === 'promote' || call === 'rollback' || (call === 'setWeight' && weight === 100) || (call === 'deploy' && !this.options.target.promote);
    if (!ok || !isVisible) return;
    this.last = version;
    this.lastSlot = slot;
    this.onLive(version);
  }

  /** Returns the name of a release of this rehearsal, else what the service says. */
  public async live(): Promise<string | undefined> {
    const { identity } = this.options;
    if (!identity) return this.last;
    const shown = await this.shownBy(identity);
    return shown === undefined ? undefined : [...this.known].reverse().find((release) => identifies(shown, release))?.version ?? shown;
  }

  /** Whether something is there already. */
  public async responds(): Promise<boolean> {
    return fetch(this.options.url, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(({ ok }) => ok, () => false);
  }

  public stop(): Promise<void> {
    this.users.stop();
    return Promise.resolve();
  }

  private note(call: ServiceCall, variables: Readonly<Record<string, string>>, failed: boolean): CallRecord {
    const slot = variables[COMMAND_VARIABLE.SLOT];
    const weight = variables[COMMAND_VARIABLE.WEIGHT];
    const record = { call, version: variables[COMMAND_VARIABLE.VERSION] ?? '', failed, ...(slot && { slot }), ...(weight !== undefined && { weight: Number(weight) }) };
    this.calls.push(record);
    return record;
  }

  /** Undefined where the service does not respond as the check expects. */
  private async shownBy({ release, requestHeaders, secretRequestHeaders, url }: HttpCheckManifest): Promise<string | undefined> {
    const secret = Object.entries(secretRequestHeaders).map(([header, name]) => [header, this.options.secrets[name] ?? '']);
    try {
      const response = await fetch(url, { headers: { ...requestHeaders, ...Object.fromEntries(secret) }, signal: AbortSignal.timeout(PATIENCE_MS) });
      const body = await response.text();
      if (!response.ok) return undefined;
      if (release?.kind === 'header') return response.headers.get(release.name) ?? undefined;
      const said = valueAt(JSON.parse(body), release!.path);
      return said === undefined ? undefined : String(said);
    } catch {
      // it does not respond, or with something else
      return undefined;
    }
  }
}

/** @param path `build.version` */
function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((place, key) => (typeof place === 'object' && place !== null ? (place as Record<string, unknown>)[key] : undefined), value);
}
