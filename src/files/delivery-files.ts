import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Project } from 'projen';
import { GeneratedFile } from './generated-file';
import { Manifest, RUNTIME_FILE, WRITER } from '../contract/manifest';
import { invalid } from '../validation/validation-error';

/** `.projen/delivery.json`, or the file of a subproject in the same folder: the manifest, with projen's marker. */
export class ManifestFile extends GeneratedFile {
  /** @param root the root project, also for the delivery of a subproject */
  constructor(root: Project, path: string, private readonly manifest: () => Manifest) {
    super(root, path);
  }

  protected bytes(): Buffer {
    const { marker } = this;
    return Buffer.from(`${JSON.stringify({ ...this.manifest(), ...(marker ? { '//': marker } : {}) }, undefined, 2)}\n`);
  }
}

/**
 * Marks a project whose synthesis becomes a snapshot in a test (projen's `Testing.synth`). The runtime is not written there: it is large,
 * changes with every version, and nothing runs it. The manifest has its digest.
 */
const SNAPSHOT = Symbol.for('synthed');

/** `.projen/delivery.cjs`: the bundled runtime that the jobs run, with projen's marker at the top. */
export class RuntimeFile extends GeneratedFile {
  /** Returns the file that all deliveries of the repository share. */
  public static at(root: Project): RuntimeFile {
    const found = root.tryFindFile(RUNTIME_FILE);
    return found instanceof RuntimeFile ? found : new RuntimeFile(root);
  }

  /** The path of the bundle in this package. */
  private readonly bundle: string;

  private constructor(root: Project) {
    super(root, RUNTIME_FILE);
    this.bundle = join(__dirname, '../../assets', basename(RUNTIME_FILE));
    if (!existsSync(this.bundle)) {
      invalid('projen-delivery', `its own file ${this.bundle} is missing`, 'Install the package again (in its repository: npx projen bundle)');
    }
  }

  /** The digest of the file as it is written. */
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

/** By file and marker. A process reads and hashes the bundle only once. */
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

/** An ejected file is no longer generated, so its messages must not name projen as its writer. */
function ejected(text: string): Buffer {
  return Buffer.from(text.replace(WRITER, 'this file is your own'));
}

let version: string | undefined;

/** The version of this package. */
export function packageVersion(): string {
  return (version ??= (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }).version);
}
