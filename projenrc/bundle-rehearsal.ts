/** Bundles the program behind `delivery rehearse` to `assets/rehearsal`: the emulator and the stand-in for the API, with the files that they read. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, Plugin } from 'esbuild';
import { ENTRY } from '../tools/github-actions-emulator/expression';

const ROOT = resolve(__dirname, '..');
const OUT = join(ROOT, 'assets', 'rehearsal');
const API = join(ROOT, 'tools', 'github-api-stand-in');

/** The tests bundle GitHub's parser of expressions when they need it. Here it is part of the bundle. */
const expressions: Plugin = {
  name: 'expressions',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /validators\/bundled$/ }, () => ({ path: 'bundled', namespace: 'expressions' }));
    onResolve({ filter: /^expressions:entry$/ }, () => ({ path: 'entry', namespace: 'expressions' }));
    onLoad({ filter: /^bundled$/, namespace: 'expressions' }, () => ({
      contents: "import * as library from 'expressions:entry'; export const loadBundled = () => library;", resolveDir: ROOT,
    }));
    onLoad({ filter: /^entry$/, namespace: 'expressions' }, () => ({ contents: ENTRY, resolveDir: ROOT }));
  },
};

async function main(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['tools/rehearsal/main.ts'],
    outfile: join(OUT, 'main.cjs'),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [expressions],
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(join(OUT, 'main.cjs'), 0o755);
  // the emulator and the stand-in read them beside their own code
  for (const name of readdirSync(API).filter((one) => one.endsWith('.json'))) {
    writeFileSync(join(OUT, name), JSON.stringify(JSON.parse(readFileSync(join(API, name), 'utf8'))));
  }
  cpSync(join(ROOT, 'tools', 'github-actions-emulator', 'image'), join(OUT, 'image'), { recursive: true });
}

if (require.main === module) void main();
