// jest's transformer of TypeScript: ts-jest with a smaller cache key. ts-jest's own has all of jest's configuration in it, so that each call with
// another `--testMatch` compiles every file again. Each file is compiled by itself (isolatedModules), so that what is made of it depends on nothing
// but what is named here. `npx projen typecheck`, a step of `npm test`, checks the types.
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const ROOT = join(__dirname, '..');
/** What decides how a file is compiled; the second extends the first. */
const CONFIGURATION = ['tsconfig.json', 'test/tsconfig.json'];
const COMPILERS = ['typescript', 'ts-jest'];

exports.createTransformer = function createTransformer(options) {
  const texts = [...CONFIGURATION.map((file) => join(ROOT, file)), ...COMPILERS.map((name) => require.resolve(`${name}/package.json`)), __filename];
  const compiler = createHash('sha256').update([JSON.stringify(options), process.version, ...texts.map((file) => readFileSync(file, 'utf8'))].join('\0')).digest('hex');
  let tsJest;
  // the compiler takes half a second to load, and a worker that finds all files in the cache needs none
  const loaded = () => (tsJest ??= require('ts-jest').default.createTransformer(options));
  return {
    getCacheKey: (text, path, { instrument, supportsStaticESM }) => createHash('sha256').update([compiler, instrument, supportsStaticESM, path, text].join('\0')).digest('hex'),
    process: (...file) => loaded().process(...file),
  };
};
