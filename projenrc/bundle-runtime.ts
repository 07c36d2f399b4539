/** Bundles the runtime to `assets/delivery.cjs`, and notes in `assets/delivery-drivers.json` which parts of it only some targets need. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, Metafile } from 'esbuild';
import { withoutComments } from './strip-comments';
import { RuntimeDrivers } from '../src/files/runtime-drivers';

const ROOT = resolve(__dirname, '..');
const ENTRY = 'src/runtime/main.ts';
const REGISTRY = 'src/runtime/targets/driver-registry.ts';
const DRIVER = /^src\/runtime\/targets\/[\w-]+\/([\w-]+)-driver\.ts$/;

/** The files that `from` needs, itself among them. Nothing behind `barred` counts. */
function reached(inputs: Metafile['inputs'], from: string, barred: (path: string) => boolean = () => false): Set<string> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path) || barred(path)) return;
    found.add(path);
    for (const { external, path: next } of inputs[path]?.imports ?? []) if (!external) visit(next);
  };
  visit(from);
  return found;
}

/** `lambda` is in `lambda-driver.ts`, and its class is `LambdaDriver`. */
export function driversOf({ inputs }: Metafile, text: string): RuntimeDrivers {
  const drivers = inputs[REGISTRY]!.imports.map(({ path }) => path).filter((path) => DRIVER.test(path)).sort();
  const core = reached(inputs, ENTRY, (path) => drivers.includes(path));
  return Object.fromEntries(drivers.map((driver) => {
    const kind = DRIVER.exec(driver)![1]!.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const className = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Driver`;
    if (!text.includes(`\nvar ${className} = class`)) throw new Error(`${driver}: the bundle has no class ${className}`);
    return [kind, { className, files: [...reached(inputs, driver)].filter((path) => !core.has(path)).sort() }];
  }));
}

/** The runtime is one readable file without dependencies: what a job runs, and what the package ships. Notices of what is bundled are at its end. */
export async function bundled(): Promise<{ readonly text: string; readonly metafile: Metafile }> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const { metafile, outputFiles: [bundle] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile: 'assets/delivery.cjs',
    write: false,
    metafile: true,
    bundle: true,
    charset: 'utf8',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'eof',
    logLevel: 'warning',
    define: { RUNTIME_VERSION: JSON.stringify(version) },
  });
  return { text: bundle!.text, metafile };
}

async function main(): Promise<void> {
  const { metafile, text: whole } = await bundled();
  const text = withoutComments(whole);
  mkdirSync(join(ROOT, 'assets'), { recursive: true });
  writeFileSync(join(ROOT, 'assets/delivery.cjs'), text);
  writeFileSync(join(ROOT, 'assets/delivery-drivers.json'), `${JSON.stringify(driversOf(metafile, text), undefined, 2)}\n`);
}

if (require.main === module) void main();
