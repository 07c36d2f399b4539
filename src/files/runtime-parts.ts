/** The parts of the bundled runtime that only some deliveries need. The bundler writes it. */
export type RuntimeParts = Readonly<Record<string, RuntimePart>>;

/** By the kind of a target's driver, or by an option of the delivery. */
interface RuntimePart {
  /** What the rest of the runtime calls it by. Undefined where the part is left out. */
  readonly names: readonly string[];
  /** The files that only such parts need. Parts may share them. */
  readonly files: readonly string[];
}

const REGISTRY = '// src/runtime/targets/driver-registry.ts\n';

/**
 * Leaves out what only other parts than those of `used` need: a repository commits what it uses. The rest finds their names undefined. esbuild writes
 * each file as a part of its own, under a line with its path.
 */
export function withParts(bundle: string, parts: RuntimeParts, used: ReadonlySet<string>): string {
  const all = Object.entries(parts);
  const others = all.filter(([name]) => !used.has(name));
  if (others.length === 0) return bundle;
  const needed = new Set(all.filter(([name]) => used.has(name)).flatMap(([, { files }]) => files));
  const leftOut = new Set(others.flatMap(([, { files }]) => files).filter((file) => !needed.has(file)));
  const files = bundle.split(/^(?=\/\/ (?:src|node_modules)\/)/m).filter((file) => !leftOut.has(file.slice('// '.length, file.indexOf('\n'))));
  const declared = others.flatMap(([, { names }]) => names);
  const note = `// no delivery of this repository has these targets and options: ${others.map(([name]) => name).join(', ')}\nvar ${declared.join(', ')};\n\n`;
  return files.map((file) => (file.startsWith(REGISTRY) ? `${note}${file}` : file)).join('');
}
