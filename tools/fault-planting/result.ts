import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a fault was seen. `folder`, `related` and `all` are parts of `npm test`; `selected`: a suite or part that the changed file selects. */
export type Step = 'folder' | 'related' | 'all' | 'selected';

/** How far one fault came. */
export interface Result {
  readonly id: string;
  readonly commit: string;
  /** Absent as long as nothing has seen it. */
  readonly seen?: { readonly step: Step; readonly by: string; readonly test?: string };
  /** The steps that were run. A step that reached its limit of CPU time does not say that its suites see nothing. */
  readonly steps: readonly { readonly step: Step; readonly outcome: string; readonly cpuSeconds: number }[];
}

/** The results of one run: a file for each fault, so that a run that was interrupted continues. */
export class Results {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  public of(id: string): Result | undefined {
    const path = this.pathOf(id);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Result : undefined;
  }

  public write(result: Result): void {
    writeFileSync(this.pathOf(result.id), `${JSON.stringify(result, undefined, 2)}\n`);
  }

  /** Returns whether no other process works on the fault. */
  public claim(id: string): boolean {
    try {
      writeFileSync(join(this.folder, `${id}.claim`), String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      return false;
    }
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}
