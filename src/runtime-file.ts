import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from 'projen';
import { RUNTIME_FILE } from './manifest';
import { OwnFile } from './own-file';
import { refuse } from './refusal';

/** The bundled half, as the package ships it. */
const BUNDLE = join(__dirname, '..', 'assets', 'delivery.cjs');

/** `.projen/delivery.cjs`: what the jobs run, with projen's marker on top. */
export class RuntimeFile extends OwnFile {
  /** One for all deliveries of the repository, whichever comes first. */
  public static at(root: Project): RuntimeFile {
    const found = root.tryFindFile(RUNTIME_FILE);
    return found instanceof RuntimeFile ? found : new RuntimeFile(root);
  }

  private constructor(root: Project) {
    super(root, RUNTIME_FILE);
    if (!existsSync(BUNDLE)) refuse('projen-delivery', `its own file ${BUNDLE} is missing`, 'Install the package again (in its repository: npx projen bundle)');
  }

  /** Of the file as it is written. */
  public get sha256(): string {
    return marked(this.marker).sha256;
  }

  protected bytes(): Buffer {
    return marked(this.marker).bytes;
  }
}

interface MarkedBundle {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** By marker. The package does not change while a process uses it: its largest file is read and hashed once, not once a synthesis. */
const bundles = new Map<string | undefined, MarkedBundle>();

function marked(marker: string | undefined): MarkedBundle {
  const known = bundles.get(marker);
  if (known) return known;
  const bytes = Buffer.concat([Buffer.from(marker ? `// ${marker}\n` : ''), readFileSync(BUNDLE)]);
  const made = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  bundles.set(marker, made);
  return made;
}

let version: string | undefined;

/** The version of this package. */
export function packageVersion(): string {
  return (version ??= (JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }).version);
}
