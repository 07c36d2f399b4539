// Preloaded into the runtime's process (--require): what V8 made of the bundle is kept, so that the next process does not compile it again. It
// saves a quarter of the CPU time of a short command. Nothing else of the process differs.
'use strict';
const { isAscii } = require('node:buffer');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const RUNTIME = /[\\/]\.projen[\\/]delivery\.cjs$/;
const FOLDER = join(__dirname, '../node_modules/.cache/runtime-code');
/** Of bundles before. */
const KEPT_MS = 24 * 3_600_000;

const { '.js': load } = Module._extensions;
if (RUNTIME.test(process.argv[1] ?? '')) {
  Module._extensions['.js'] = (module, filename) => {
    if (!RUNTIME.test(filename)) return load(module, filename);
    compiled(readFileSync(filename), filename).call(module.exports, module.exports, Module.createRequire(filename), module, filename, dirname(filename));
  };
}

/** The function around the module, as Node.js makes it. */
function compiled(bytes, filename) {
  const cache = join(FOLDER, `${process.version}-${createHash('sha256').update(bytes).digest('hex')}`);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const script = new Script(Module.wrap(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')), { filename, cachedData });
  // at the end, so that the functions that were called are in it
  if (!cachedData || script.cachedDataRejected) process.once('exit', () => keep(cache, script.createCachedData()));
  return script.runInThisContext();
}

/** At once: others may read it meanwhile. A process that cannot write it ends as it would without. */
function keep(cache, data) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${cache}.${process.pid}`, data);
    renameSync(`${cache}.${process.pid}`, cache);
    for (const file of readdirSync(FOLDER).map((name) => join(FOLDER, name))) if (Date.now() - statSync(file).mtimeMs > KEPT_MS) unlinkSync(file);
  } catch {
    // the next process compiles again
  }
}
