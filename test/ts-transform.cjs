// jest's transformer of TypeScript: esbuild, which takes a twentieth of the time of the compiler of TypeScript. Each file is compiled by itself
// (isolatedModules), so that what is made of it depends on nothing but what is named here, and each call of jest finds what another one compiled.
// `npx projen typecheck`, a step of `npm test`, checks the types.
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const ROOT = join(__dirname, '..');
/** What decides how a file is compiled; the second extends the first. */
const CONFIGURATION = ['tsconfig.json', 'test/tsconfig.json'].map((file) => join(ROOT, file));

const texts = [...CONFIGURATION, require.resolve('esbuild/package.json'), __filename].map((file) => readFileSync(file, 'utf8'));
const compiler = createHash('sha256').update([process.version, ...texts].join('\0')).digest('hex');

exports.getCacheKey = (text, path, { instrument }) => createHash('sha256').update([compiler, instrument, path, text].join('\0')).digest('hex');

/**
 * To look up a global takes a quarter of a microsecond in the context that jest makes for each suite, and outside of it nothing: suites that calculate
 * took most of their time for that. Those that no test replaces are looked up once for each file.
 */
const banner = 'const { Array, JSON, Map, Math, Number, Object, Promise, Set, String } = globalThis;';

const FORM = { loader: 'ts', format: 'cjs', target: 'node20', sourcemap: 'inline' };

let tsconfigRaw;
exports.process = (text, path) => {
  // here, as a worker that finds all files in the cache needs neither
  const { transformSync } = require('esbuild');
  tsconfigRaw ??= { compilerOptions: Object.assign({}, ...CONFIGURATION.map((file) => withoutComment(readFileSync(file, 'utf8')).compilerOptions)) };
  const { code } = transformSync(text, { ...FORM, banner, sourcefile: path, tsconfigRaw });
  return { code };
};

/** projen writes a line above the braces. */
const withoutComment = (json) => JSON.parse(json.replace(/^\/\/.*$/mu, ''));
