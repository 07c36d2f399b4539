import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Project } from 'projen';
import { GeneratedFile } from './generated-file';
import { RUNTIME_FILE, WRITER } from '../contract/manifest';
import { invalid } from '../validation/validation-error';

/**
 * On a project whose synthesis becomes a snapshot in a test (projen's `Testing.synth`). The folder is deleted right afterwards, so nothing
 * runs the file there, and a snapshot of 300 KB would change with every version of ours. The manifest has the file's digest.
 */
const SNAPSHOT = Symbol.for('synthed');

/** `.projen/delivery.cjs`, what the jobs run: the bundled half, with projen's marker on top. */
export class RuntimeFile extends GeneratedFile {
  /** One for all deliveries of the repository, whichever comes first. */
  public static at(root: Project): RuntimeFile {
    const found = root.tryFindFile(RUNTIME_FILE);
    return found instanceof RuntimeFile ? found : new RuntimeFile(root);
  }

  /** As the package ships it. */
  private readonly bundle: string;

  private constructor(root: Project) {
    super(root, RUNTIME_FILE);
    this.bundle = join(__dirname, '../../assets', basename(RUNTIME_FILE));
    if (!existsSync(this.bundle)) {
      invalid('projen-delivery', `its own file ${this.bundle} is missing`, 'Install the package again (in its repository: npx projen bundle)');
    }
  }

  /** Of the file as it is written. */
  public get sha256(): string {
    return marked(this.bundle, this.marker).sha256;
  }

  public synthesize(): void {
    if (!(SNAPSHOT in this.project)) super.synthesize();
  }

  protected bytes(): Buffer {
    return marked(this.bundle, this.marker).bytes;
  }
}

interface MarkedBundle {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** By file and marker. The package does not change while a process uses it: its largest file is read and hashed once, not once a synthesis. */
const bundles = new Map<string, MarkedBundle>();

function marked(bundle: string, marker: string | undefined): MarkedBundle {
  const key = `${bundle}\n${marker ?? ''}`;
  const known = bundles.get(key);
  if (known) return known;
  const bytes = marker ? Buffer.concat([Buffer.from(`// ${marker}\n`), readFileSync(bundle)]) : ejected(readFileSync(bundle, 'utf8'));
  const made = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  bundles.set(key, made);
  return made;
}

/** Without a marker nobody writes the file again: its messages no longer name projen as the tool to run. */
function ejected(text: string): Buffer {
  return Buffer.from(text.replace(WRITER, 'this file is your own'));
}

let version: string | undefined;

/** The version of this package. */
export function packageVersion(): string {
  return (version ??= (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }).version);
}
