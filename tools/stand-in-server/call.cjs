// A call of a stand-in's executable: who makes it, from where, and where its output goes. In the server there is no process of its own to say so. See README.md.
'use strict';
const { AsyncLocalStorage } = require('node:async_hooks');
const { resolve } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const current = new AsyncLocalStorage();

/** Ends the call from anywhere in it. */
class Exit extends Error {
  constructor(code) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

class Call {
  #caller;
  #cwd;
  #hangs = false;
  #over;
  #write;

  /** @param given `caller`: the process that called the executable; `over`: aborts when the executable's process is gone; `write`: takes `out` or `error`, and a text */
  constructor({ caller, cwd, env, over, write }) {
    this.env = env;
    this.#caller = caller;
    this.#cwd = cwd;
    this.#over = over;
    this.#write = write;
  }

  /** A path as the caller means it. */
  path(path) {
    return resolve(this.#cwd, path);
  }

  print(text) {
    this.#write('out', text);
  }

  printError(text) {
    this.#write('error', text);
  }

  exit(code) {
    throw new Exit(code);
  }

  /** What follows is the last that the call does: it does not end until its process is killed. */
  hang() {
    this.#hangs = true;
  }

  /** Kills the process that called, as when memory runs out. */
  killCaller() {
    process.kill(this.#caller, 'SIGKILL');
  }

  /** Nothing follows if the executable's process is gone by then. */
  pause(ms) {
    return sleep(ms, undefined, { signal: this.#over });
  }

  /** Makes the call. Returns its exit code; undefined if it hangs, or if no one is there any more. */
  async run(program, args) {
    try {
      await current.run(this, () => require(`${this.path(program)}.cjs`)(args));
      return this.#hangs ? undefined : 0;
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (this.#over?.aborted) return undefined;
      this.printError(`${error.stack}\n`);
      return 1;
    }
  }
}

/** The call that is served. */
const call = () => current.getStore();

module.exports = { Call, call };
