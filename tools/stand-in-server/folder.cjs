// The folder of a stand-in, as the calls of its executables read and write it. See README.md.
'use strict';
const { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { call } = require('./call.cjs');

/** @param variable names the folder in the process environment of a call */
function folderOf(variable) {
  const file = (name) => join(call().env[variable], name);
  const read = (name, otherwise) => (existsSync(file(name)) ? JSON.parse(readFileSync(file(name), 'utf8')) : otherwise);

  /** At once, so that a process that is killed leaves the old state or the new one. */
  function write(name, text) {
    writeFileSync(file(`${name}.${process.pid}`), text);
    renameSync(file(`${name}.${process.pid}`), file(name));
  }

  /** Counts the call of an operation, and returns what goes wrong with it. */
  function faultOf(operation) {
    appendFileSync(file('calls'), `${operation}\n`);
    const nth = readFileSync(file('calls'), 'utf8').split('\n').filter((line) => line === operation).length;
    return read('faults.json', []).find((one) => one.on === operation && nth >= one.nth && nth < one.nth + (one.times ?? 1))?.how;
  }

  return { faultOf, file, read, write };
}

module.exports = { folderOf };
