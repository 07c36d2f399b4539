// The environment of all suites: that of Node.js, without a cost of jest-circus. It keeps the test that runs in an AsyncLocalStorage, for tests at the same
// time and for what is retried, and from then on Node.js follows each promise. The models make promises by the million. Here one test runs after the other.
// Where `.ci/exhaustive` asks for it, it also notes the CPU time of each suite.
'use strict';
const hooks = require('node:async_hooks');
const { appendFileSync, readFileSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');

const { AsyncLocalStorage } = hooks;

/** What ran last is what runs now. */
class OneAfterTheOther {
  run(store, work) {
    this.store = store;
    return work();
  }

  getStore() {
    return this.store;
  }
}

/** CPU seconds of this process and of its children that have ended: fields 14 to 17 of proc(5), in hundredths of a second. */
function cpuSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** Since Node.js 22 it is a property that only a new definition changes. */
function define(value) {
  Object.defineProperty(hooks, 'AsyncLocalStorage', { value, writable: true, enumerable: true, configurable: true });
}

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.suite = context.testPath;
    this.report = process.env.SUITE_CPU_SECONDS;
    if (this.report) this.began = cpuSeconds();
  }

  async teardown() {
    await super.teardown();
    if (this.report) appendFileSync(this.report, `${this.suite}\t${cpuSeconds() - this.began}\n`);
  }

  async setup() {
    await super.setup();
    define(OneAfterTheOther);
  }

  /** @param event `setup`: jest-circus has its own; what is tested gets the real one */
  handleTestEvent({ name }) {
    if (name === 'setup') define(AsyncLocalStorage);
  }
};
