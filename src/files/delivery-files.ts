import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Project } from 'projen';
import { GeneratedFile } from './generated-file';
import { RuntimeParts, withParts } from './runtime-parts';
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
    const manifest = { ...this.manifest(), ...(isSnapshot(this.project) && { runtime: undefined }), ...(marker && { '//': marker }) };
    return Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}

const SNAPSHOT = Symbol.for('synthed');

/**
 * Whether the synthesis becomes a snapshot in a test (projen's `Testing.synth`). What only differs from version to version is not written there:
 * the runtime, and its digest in the manifest.
 */
function isSnapshot(project: Project): boolean {
  return SNAPSHOT in project;
}

/**
 * `.projen/delivery.cjs`: the bundled runtime that the jobs run, with projen's marker at the top. It has the parts that the repository
 * uses.
 */
export class RuntimeFile extends GeneratedFile {
  /** Returns the file that all deliveries of the repository share. */
  public static at(root: Project): RuntimeFile {
    const found = root.tryFindFile(RUNTIME_FILE);
    return found instanceof RuntimeFile ? found : new RuntimeFile(root);
  }

  /** The parts that each delivery of the repository needs. They are known when all environments are. */
  private readonly needed: (() => readonly string[])[] = [];

  private constructor(root: Project) {
    super(root, RUNTIME_FILE);
    for (const path of [BUNDLE, PARTS]) {
      if (!existsSync(path)) invalid('projen-delivery', `its own file ${path} is missing`, 'Install the package again (in its repository: npx projen bundle)');
    }
  }

  /** @param parts returns the parts of the runtime that a delivery needs: the kinds of its drivers, and options */
  public need(parts: () => readonly string[]): void {
    this.needed.push(parts);
  }

  /** The digest of the file as it is written. */
  public get sha256(): string {
    return this.made.sha256;
  }

  public synthesize(): void {
    if (!isSnapshot(this.project)) super.synthesize();
  }

  protected bytes(): Buffer {
    return this.made.bytes;
  }

  private get made(): MadeRuntime {
    return runtimeOf(new Set(this.needed.flatMap((parts) => parts())), this.marker);
  }
}

/** In this package. */
const BUNDLE = join(__dirname, '../../assets', basename(RUNTIME_FILE));
const PARTS = join(__dirname, '../../assets/delivery-parts.json');

interface MadeRuntime {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** By parts and marker. A process makes and hashes each only once. */
const runtimes = new Map<string, MadeRuntime>();

function runtimeOf(used: ReadonlySet<string>, marker: string | undefined): MadeRuntime {
  const key = JSON.stringify([[...used].sort(), marker]);
  const known = runtimes.get(key);
  if (known) return known;
  const text = withParts(readFileSync(BUNDLE, 'utf8'), JSON.parse(readFileSync(PARTS, 'utf8')) as RuntimeParts, used);
  // an ejected file is no longer generated, so its messages must not name projen as its writer
  const bytes = Buffer.from(marker ? `// ${marker}\n${text}` : text.replace(WRITER, 'this file is your own'));
  const made = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  runtimes.set(key, made);
  return made;
}

let version: string | undefined;

/** The version of this package. */
export function packageVersion(): string {
  return (version ??= (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }).version);
}
