import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What goes wrong with an operation: `applied...` means that it takes effect all the same; with `other` someone else moves the alias first. */
export type FaultKind =
  | 'throttled' | 'unavailable' | 'denied' | 'expired' | 'signedOut' | 'busy' | 'hangs' | 'appliedHangs' | 'appliedUnavailable' | 'other'
  /** The process that called is killed, before the operation or after it took effect. */
  | 'killsBefore' | 'killsAfter';

export interface Fault {
  /** An operation, for example `update-alias`. */
  readonly on: string;
  /** From which call on. */
  readonly nth: number;
  /** @default 1 */
  readonly times?: number;
  readonly how: FaultKind;
}

/** An alarm of CloudWatch. */
export interface StandInAlarm {
  readonly name: string;
  readonly value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** @default 'MetricAlarm' */
  readonly type?: 'MetricAlarm' | 'CompositeAlarm';
  /** When it got this state, as the CLI prints it. @default - now */
  readonly changed?: string | number;
  readonly reason?: string;
  /** @default - found in every region */
  readonly region?: string;
}

interface State {
  readonly name: string;
  readonly account?: string;
  readonly region?: string;
  readonly packageType?: string;
  readonly latest: LatestCode;
  readonly versions: readonly (Code & { readonly version: string })[];
  readonly aliases: Readonly<Record<string, Alias>>;
}

interface LatestCode extends Code {
  readonly revisionId: string;
  readonly polls: number;
  readonly isChanged: boolean;
  /** The container image, if the function runs one. */
  readonly image?: string;
}

interface Code {
  readonly code: string;
  readonly codeSha256: string;
  readonly description: string;
}

interface Alias {
  readonly version: string;
  readonly revisionId: string;
  readonly weights?: Readonly<Record<string, number>>;
}

/**
 * A Lambda function in a folder, which the executable `aws` beside this file serves. The function has version 1 with the code `v0`, and
 * the alias `live` at it. A version's code is the text of its "zip" file: the release that it answers with.
 */
export class AwsStandIn {
  /** The process environment that makes `aws` this stand-in. */
  public readonly env: Record<'AWS_STAND_IN' | 'PATH', string>;

  constructor(private readonly folder: string) {
    this.env = { AWS_STAND_IN: folder, PATH: `${__dirname}${delimiter}${process.env.PATH}` };
    mkdirSync(folder, { recursive: true });
    this.reset();
  }

  /** The function as someone else created it. */
  public reset(changes: Partial<State> = {}): void {
    for (const name of ['calls', 'faults.json']) rmSync(join(this.folder, name), { force: true });
    const codeSha256 = createHash('sha256').update('v0\n').digest('base64');
    this.state = {
      name: 'shop',
      latest: { code: 'v0', codeSha256, description: '', revisionId: randomUUID(), polls: 0, isChanged: false },
      versions: [{ version: '1', description: '', codeSha256, code: 'v0' }],
      aliases: { live: { version: '1', revisionId: randomUUID() } },
      ...changes,
    };
  }

  /** From now on; operations that were called before do not count. */
  public fails(...faults: readonly Fault[]): void {
    rmSync(join(this.folder, 'calls'), { force: true });
    writeFileSync(join(this.folder, 'faults.json'), JSON.stringify(faults));
  }

  /** The alarms from now on. */
  public setAlarms(...alarms: readonly StandInAlarm[]): void {
    const all = alarms.map((alarm) => ({ type: 'MetricAlarm', changed: new Date().toISOString(), reason: '', ...alarm }));
    writeFileSync(join(this.folder, 'alarms.json'), JSON.stringify(all));
  }

  /** The operations that were called, oldest first. */
  public get calls(): string[] {
    const file = join(this.folder, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Those that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(update|publish)/.test(call));
  }

  /** The code that users reach. */
  public get served(): string {
    const { aliases, versions } = this.state;
    return versions.find(({ version }) => version === aliases.live.version)!.code;
  }

  /** The published versions that a delivery described. */
  public get described(): string[] {
    return this.state.versions.map(({ description }) => description).filter((description) => description !== '');
  }

  /** A person moves the alias, in the console. */
  public moveByHand(version: string, weights?: Record<string, number>): void {
    this.state = { ...this.state, aliases: { live: { version, revisionId: randomUUID(), weights } } };
  }

  /** A person deletes a version. */
  public delete(version: string): void {
    this.state = { ...this.state, versions: this.state.versions.filter((one) => one.version !== version) };
  }

  public get state(): State {
    return JSON.parse(readFileSync(join(this.folder, 'lambda.json'), 'utf8')) as State;
  }

  public set state(state: State) {
    for (const { code, version } of state.versions) writeFileSync(join(this.folder, `version-${version}`), code);
    writeFileSync(join(this.folder, 'lambda.json'), JSON.stringify({ next: state.versions.length + 1, ...state }));
    writeFileSync(join(this.folder, 'live'), `version-${state.aliases.live.version}`);
  }
}
