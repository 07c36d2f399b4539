import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from './cli-stand-in';

export type { Fault, FaultKind } from './cli-stand-in';

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
 * the alias `live` at it. A version's code is the text of its "zip" file: the release that it responds with.
 */
export class AwsStandIn extends CliStandIn {
  constructor(folder: string) {
    super(folder);
    this.reset();
  }

  /** The function as someone else created it. */
  public reset(changes: Partial<State> = {}): void {
    this.forget();
    const codeSha256 = createHash('sha256').update('v0\n').digest('base64');
    this.state = {
      name: 'shop',
      latest: { code: 'v0', codeSha256, description: '', revisionId: randomUUID(), polls: 0, isChanged: false },
      versions: [{ version: '1', description: '', codeSha256, code: 'v0' }],
      aliases: { live: { version: '1', revisionId: randomUUID() } },
      ...changes,
    };
  }

  /** The alarms from now on. */
  public setAlarms(...alarms: readonly StandInAlarm[]): void {
    const all = alarms.map((alarm) => ({ type: 'MetricAlarm', changed: new Date().toISOString(), reason: '', ...alarm }));
    this.write('alarms.json', JSON.stringify(all));
  }

  /** What CloudWatch has: by `AWS/Lambda Errors Dimension=value ...`, with sorted dimensions, the time of each minute and its sum. */
  public setMetrics(
    metrics: Readonly<Record<string, readonly (readonly [time: string, sum: number])[]>>,
    rest: { readonly region?: string; readonly status?: string } = {},
  ): void {
    this.write('metrics.json', JSON.stringify({ metrics, ...rest }));
  }

  /** Those that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(update|publish)/.test(call));
  }

  /** The code that users reach: that of two versions while they share the traffic. */
  public get served(): string {
    const { aliases, versions } = this.state;
    const { version: first, weights = {} } = aliases.live;
    return [first, ...Object.keys(weights)].map((one) => versions.find(({ version }) => version === one)!.code).join(' and ');
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
    for (const { code, version } of state.versions) this.write(`version-${version}`, code);
    this.write('lambda.json', JSON.stringify({ next: state.versions.length + 1, ...state }));
    const { version: first, weights = {} } = state.aliases.live;
    this.write('live', [first, ...Object.keys(weights)].map((one) => `version-${one}`).join('+'));
  }
}
