import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StandInServer } from '../stand-in-server/stand-in-server';

/** What goes wrong with an operation: `applied...` means that it takes effect all the same; with `other` someone else makes a change first. */
export type FaultKind =
  | 'throttled' | 'unavailable' | 'unreachable' | 'full' | 'denied' | 'expired' | 'signedOut' | 'busy' | 'hangs' | 'appliedHangs' | 'appliedUnavailable' | 'other'
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

/** Where the executables of a stand-in are, and the variable that names the folder for them. */
interface Executables {
  readonly folder: string;
  readonly variable: string;
}

/** One for all stand-ins of a process, and of a file of tests. */
let server: StandInServer | undefined;

/** A folder that executables serve: the `aws` beside this file, or others. */
export class CliStandIn<OneFault = Fault> {
  /** The process environment that makes the CLI this stand-in. */
  public readonly env: Readonly<Record<string, string>>;

  constructor(protected readonly folder: string, executables: Executables = { folder: __dirname, variable: 'AWS_STAND_IN' }) {
    server = (server ?? new StandInServer()).ensure();
    this.env = { ...server.env, [executables.variable]: folder, PATH: `${executables.folder}${delimiter}${process.env.PATH}` };
    mkdirSync(folder, { recursive: true });
  }

  /** From now on; operations that were called before do not count. */
  public fails(...faults: readonly OneFault[]): void {
    rmSync(join(this.folder, 'calls'), { force: true });
    this.write('faults.json', JSON.stringify(faults));
  }

  /** The operations that were called, oldest first. */
  public get calls(): string[] {
    const file = join(this.folder, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** At once: an executable may read it meanwhile. */
  protected write(name: string, text: string): void {
    writeFileSync(join(this.folder, `${name}.new`), text);
    renameSync(join(this.folder, `${name}.new`), join(this.folder, name));
  }

  protected forget(): void {
    for (const name of ['calls', 'faults.json']) rmSync(join(this.folder, name), { force: true });
  }
}
