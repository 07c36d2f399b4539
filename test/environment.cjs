// The environment of all suites: that of Node.js, without a cost of jest-circus. It keeps the test that runs in an AsyncLocalStorage, for tests at the same
// time and for what is retried, and from then on Node.js follows each promise. The models make promises by the million. Here one test runs after the other.
'use strict';
const hooks = require('node:async_hooks');
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

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    hooks.AsyncLocalStorage = OneAfterTheOther;
  }

  /** @param event `setup`: jest-circus has its own; what is tested gets the real one */
  handleTestEvent({ name }) {
    if (name === 'setup') hooks.AsyncLocalStorage = AsyncLocalStorage;
  }
};
