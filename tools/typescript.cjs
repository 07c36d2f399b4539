// Preloaded (--require) where a script of the tests is run outside of jest: TypeScript without a check of the types, as `ts-node --transpile-only`.
// What it is compiled to is kept, so that the next process needs no compiler: to start it takes longer than most of these scripts.
'use strict';
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');

const ROOT = join(__dirname, '..');
const FOLDER = join(ROOT, 'node_modules/.cache/typescript');
/** What decides how a file is compiled; the second extends the first. */
const CONFIGURATION = ['tsconfig.json', 'test/tsconfig.json'].map((file) => join(ROOT, file));
/** projen writes a line above the braces. */
const withoutComment = (json) => JSON.parse(json.replace(/^\/\/.*$/mu, ''));
const compilerOptions = Object.assign({}, ...CONFIGURATION.map((file) => withoutComment(readFileSync(file, 'utf8')).compilerOptions));
const compiler = [require.resolve('esbuild/package.json'), ...CONFIGURATION, __filename].map((file) => readFileSync(file, 'utf8'));

/** As test/ts-transform.cjs. */
const FORM = { loader: 'ts', format: 'cjs', target: 'node20', sourcemap: 'inline' };

process.setSourceMapsEnabled(true);
Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const kept = join(FOLDER, createHash('sha256').update([...compiler, file, source].join('\0')).digest('hex'));
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { code } = require('esbuild').transformSync(source, { ...FORM, sourcefile: file, tsconfigRaw: { compilerOptions } });
  mkdirSync(FOLDER, { recursive: true });
  // at once: others may read it meanwhile
  writeFileSync(`${kept}.${process.pid}`, code);
  renameSync(`${kept}.${process.pid}`, kept);
  return code;
}
