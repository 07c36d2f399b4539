import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Programs that GitHub's images have and this machine may not, or that would ask the real GitHub. */
const IMAGE = join(__dirname, 'image');

/** The folders of one job's fresh runner. HOME and RUNNER_TEMP are its own. */
export class RunnerMachine {
  public readonly workspace: string;
  public readonly home: string;
  public readonly temp: string;
  public readonly toolCache: string;
  public readonly eventFile: string;
  private files = 0;

  constructor(public readonly folder: string) {
    this.workspace = join(folder, 'work');
    this.home = join(folder, 'home');
    this.temp = join(folder, 'temp');
    this.toolCache = join(folder, 'tools');
    this.eventFile = join(this.temp, '_github_workflow', 'event.json');
  }

  public prepare(event: unknown): void {
    for (const one of [this.workspace, this.home, this.toolCache, dirname(this.eventFile)]) mkdirSync(one, { recursive: true });
    writeFileSync(this.eventFile, JSON.stringify(event, undefined, 2));
  }

  /** A new file under RUNNER_TEMP. */
  public file(name: string, text = ''): string {
    const file = join(this.temp, `${++this.files}_${name}`);
    writeFileSync(file, text);
    return file;
  }

  /** What the machine's image sets. Nothing of the process that executes the executor leaks into a job but PATH. */
  public get env(): Record<string, string> {
    return {
      PATH: [IMAGE, dirname(process.execPath), process.env.PATH ?? ''].join(':'),
      HOME: this.home,
      USER: 'runner',
      LANG: 'C.UTF-8',
      CI: 'true',
    };
  }
}
