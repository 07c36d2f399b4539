import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** A fault that is planted into a copy of the runtime, to show that a rule sees it. */
export interface Mutation {
  readonly name: string;
  /** Relative to `src/runtime`. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface LoadOptions {
  /** The source of a module that exports what is needed; its imports are relative to `src/runtime`. */
  readonly entry: string;
  /** @default - the runtime as it is in the repository */
  readonly mutations?: readonly Mutation[];
  /** The source of files that the model has no use for, by their path relative to `src/runtime`. @default - none */
  readonly replaced?: Readonly<Record<string, string>>;
}

export const RUNTIME = resolve(__dirname, '../src/runtime');

/** Bundles code of the runtime, or a broken copy of it, and loads it: each call has its own state. Throws when a mutation no longer fits. */
export async function loadRuntime<T>({ entry, mutations = [], replaced = {} }: LoadOptions): Promise<T> {
  const unused = new Set(mutations);
  const sources = new Map(Object.entries(replaced).map(([file, source]) => [join(RUNTIME, file), source]));
  const result = await build({
    stdin: { contents: entry, resolveDir: RUNTIME, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    plugins: [{
      name: 'mutations',
      setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const planted = mutations.filter(({ file }) => join(RUNTIME, file) === path);
        for (const mutation of planted) unused.delete(mutation);
        return { contents: mutated(path, sources.get(path) ?? readFileSync(path, 'utf8'), planted), loader: 'ts' };
      }),
    }],
  });
  for (const { name, file } of unused) throw new Error(`mutation "${name}": ${file} is no part of what is loaded`);
  const loaded: { exports: Record<string, unknown> } = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, no-new-func -- our own bundle, made a moment ago
  new Function('module', 'exports', 'require', result.outputFiles[0].text)(loaded, loaded.exports, require);
  return loaded.exports as unknown as T;
}

function mutated(path: string, source: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((text, { name, find, replace }) => {
    if (text.split(find).length !== 2) throw new Error(`mutation "${name}": ${path} does not hold this text exactly once: ${find}`);
    return text.replace(find, () => replace);
  }, source);
}
