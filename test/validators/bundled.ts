import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const MODULES = join(__dirname, '..', '..', 'node_modules');

/**
 * Loads a module that plain Node or jest refuses (ES modules, a JSON import without its attribute): it is bundled once a version.
 *
 * @param packageName whose version the bundle depends on
 * @param entry source of an ES module that exports what is needed
 */
export function loadBundled<T>(packageName: string, entry: string): T {
  const { version } = JSON.parse(readFileSync(join(MODULES, packageName, 'package.json'), 'utf8')) as { version: string };
  const key = createHash('sha256').update(entry).update(MODULES).digest('hex').slice(0, 8);
  const folder = join(tmpdir(), `projen-delivery-test-${process.getuid?.() ?? 0}`);
  const bundle = join(folder, `${packageName.replace(/\W+/g, '-')}-${version}-${key}.cjs`);
  if (!existsSync(bundle)) write(bundle, entry);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a file that was just made
  return require(bundle) as T;
}

/** Under another name first: test files run at the same time. */
function write(bundle: string, entry: string): void {
  mkdirSync(dirname(bundle), { recursive: true, mode: 0o700 });
  const unfinished = `${bundle}.${process.pid}`;
  buildSync({
    stdin: { contents: entry, resolveDir: __dirname }, bundle: true, platform: 'node', format: 'cjs', outfile: unfinished, logLevel: 'error',
  });
  renameSync(unfinished, bundle);
}
