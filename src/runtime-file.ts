import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileBase, IResolver, Project } from 'projen';
import { RUNTIME_FILE } from './manifest';
import { refuse } from './refusal';

/** The bundled half, as the package ships it. */
const BUNDLE = join(__dirname, '..', 'assets', 'delivery.cjs');

/** `.projen/delivery.cjs`: what the jobs run, with projen's marker on top. */
export class RuntimeFile extends FileBase {
  constructor(project: Project) {
    super(project, RUNTIME_FILE, { committed: true });
    if (!existsSync(BUNDLE)) refuse('projen-delivery', `its own file ${BUNDLE} is missing`, 'Install the package again (in its repository: npx projen bundle)');
  }

  /** Of the file as it is written. */
  public get sha256(): string {
    return createHash('sha256').update(this.content()).digest('hex');
  }

  protected synthesizeContent(_resolver: IResolver): string {
    return this.content();
  }

  private content(): string {
    const bundle = readFileSync(BUNDLE, 'utf8');
    return this.marker ? `// ${this.marker}\n${bundle}` : bundle;
  }
}

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };
  return version;
}
