import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { courseOf } from '../../../../src/runtime/monitoring/watch/alert-life';
import type { EnvironmentAlerts } from '../../../../src/runtime/monitoring/watch/environment-alerts';
import type { EnvironmentWatch } from '../../../../src/runtime/monitoring/watch/environment-watch';

/** The watch's own code, or a broken copy of it. */
export interface WatchCode {
  readonly environmentAlerts: typeof EnvironmentAlerts;
  readonly environmentWatch: typeof EnvironmentWatch;
  readonly courseOf: typeof courseOf;
}

/** A fault that is planted into a copy of the code, to show that a rule sees it. */
export interface Mutation {
  readonly name: string;
  /** In `src/runtime/monitoring/watch`. */
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const FOLDER = resolve(__dirname, '../../../../src/runtime/monitoring/watch');

const ENTRY = [
  "export { EnvironmentAlerts as environmentAlerts } from './environment-alerts';",
  "export { EnvironmentWatch as environmentWatch } from './environment-watch';",
  "export { courseOf } from './alert-life';",
].join('\n');

/** Bundles the code, and loads it. Throws when a mutation no longer fits. */
export async function loadWatchCode(mutation?: Mutation): Promise<WatchCode> {
  const result = await build({
    stdin: { contents: ENTRY, resolveDir: FOLDER, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
    plugins: mutation && [{
      name: 'mutation',
      setup: ({ onLoad }) => onLoad({ filter: new RegExp(`watch/${mutation.file}$`) }, ({ path }) => ({ contents: mutated(path, mutation), loader: 'ts' })),
    }],
  });
  const loaded: { exports: Record<string, unknown> } = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, no-new-func -- our own bundle, made a moment ago
  new Function('module', 'exports', 'require', result.outputFiles[0].text)(loaded, loaded.exports, require);
  return loaded.exports as unknown as WatchCode;
}

function mutated(path: string, { name, find, replace }: Mutation): string {
  const text = readFileSync(join(path), 'utf8');
  if (text.split(find).length !== 2) throw new Error(`mutation "${name}": ${path} does not hold this text exactly once: ${find}`);
  return text.replace(find, () => replace);
}
