/** The parts of the bundled runtime that only some targets need, by the kind of the driver. The bundler writes it. */
export type RuntimeDrivers = Readonly<Record<string, RuntimeDriver>>;

interface RuntimeDriver {
  readonly className: string;
  /** The files that only drivers need. Drivers may share them. */
  readonly files: readonly string[];
}

const REGISTRY = '// src/runtime/targets/driver-registry.ts\n';

/**
 * Leaves out what only other drivers than those of `kinds` need: a repository commits what it uses. The registry finds their classes undefined. esbuild
 * writes each file as a part of its own, under a line with its path.
 */
export function withDrivers(bundle: string, drivers: RuntimeDrivers, kinds: ReadonlySet<string>): string {
  const all = Object.entries(drivers);
  const others = all.filter(([kind]) => !kinds.has(kind));
  if (others.length === 0) return bundle;
  const needed = new Set(all.filter(([kind]) => kinds.has(kind)).flatMap(([, { files }]) => files));
  const leftOut = new Set(others.flatMap(([, { files }]) => files).filter((file) => !needed.has(file)));
  const parts = bundle.split(/^(?=\/\/ (?:src|node_modules)\/)/m).filter((part) => !leftOut.has(part.slice('// '.length, part.indexOf('\n'))));
  const note = `// no environment of this repository has these targets: ${others.map(([kind]) => kind).join(', ')}\nvar ${others.map(([, { className }]) => className).join(', ')};\n\n`;
  return parts.map((part) => (part.startsWith(REGISTRY) ? `${note}${part}` : part)).join('');
}
