import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const MODULES = join(__dirname, '..', '..', 'node_modules');

/**
 * Loads a module that plain Node or jest refuses (ES modules, a JSON import without its attribute): it is bundled once a version.
 *
 * @param packageName whose version the bundle depends on
 * @param entry source of an ES module that exports what is needed
 * @param remembers functions of the bundle whose results are kept: by name, the object that a call's result depends on alone, as an expression of its parameters
 */
export function loadBundled<T>(packageName: string, entry: string, remembers: Readonly<Record<string, string>> = {}): T {
  const { version } = JSON.parse(readFileSync(join(MODULES, packageName, 'package.json'), 'utf8')) as { version: string };
  const key = createHash('sha256').update(entry).update(JSON.stringify(remembers)).update(MODULES).digest('hex').slice(0, 8);
  const folder = join(tmpdir(), `projen-delivery-test-${process.getuid?.() ?? 0}`);
  const bundle = join(folder, `${packageName.replace(/\W+/g, '-')}-${version}-${key}.cjs`);
  if (!existsSync(bundle)) write(bundle, entry, remembers);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a file that was just made
  return require(bundle) as T;
}

/** Under another name first: test files run at the same time. */
function write(bundle: string, entry: string, remembers: Readonly<Record<string, string>>): void {
  mkdirSync(dirname(bundle), { recursive: true, mode: 0o700 });
  const unfinished = `${bundle}.${process.pid}`;
  const { outputFiles: [{ text }] } = buildSync({
    stdin: { contents: entry, resolveDir: __dirname }, bundle: true, platform: 'node', format: 'cjs', write: false, logLevel: 'error',
  });
  writeFileSync(unfinished, Object.entries(remembers).reduce((all, [name, of]) => remembering(all, name, of), text));
  renameSync(unfinished, bundle);
}

function remembering(text: string, name: string, of: string): string {
  const declarations = [...text.matchAll(new RegExp(`^function ${name}(\\(.*\\)) \\{$`, 'gm'))];
  if (declarations.length !== 1) throw new Error(`the bundle declares ${declarations.length} functions ${name}`);
  const [[declaration, parameters]] = declarations;
  return text.replace(declaration, () => [
    `function ${name}${parameters} {`,
    `  const of = ${of}, known = ${name}.known ??= new WeakMap();`,
    `  if (!known.has(of)) known.set(of, ${name}Anew${parameters});`,
    '  return known.get(of);',
    '}',
    `function ${name}Anew${parameters} {`,
  ].join('\n'));
}
