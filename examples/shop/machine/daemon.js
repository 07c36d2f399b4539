'use strict';

/** Processes that outlive the task that starts them. */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const POLL_MS = 20;
/** After SIGKILL. */
const KILL_MS = 5000;

/**
 * Starts `node <argv>` in a session of its own and returns when it has said that it is ready.
 * `record` (a file) then holds its pid; it is written before anything is waited for, so that the
 * next task finds the process even if this task is killed meanwhile.
 *
 * The environment is what is passed, and PATH: no secret of the task leaks into a process that lives for
 * weeks, and without RUNNER_TRACKING_ID a GitHub runner does not kill the daemon at the end of the job.
 */
async function start({ argv, cwd, env, log, record, details, timeoutMs }) {
  const output = fs.openSync(log, 'w');
  const child = spawn(process.execPath, argv, {
    cwd,
    detached: true,
    stdio: ['ignore', output, output, 'pipe'],
    env: { PATH: process.env.PATH, SHOP_READY_FD: '3', ...env },
  });
  fs.closeSync(output);
  writeAtomically(record, JSON.stringify({ ...details, pid: child.pid, script: argv[0] }, undefined, 2));
  try {
    await readiness(child, timeoutMs);
  } catch (error) {
    await stop(record, { drainMs: 0 });
    throw new Error(`${error.message}; its log ends:\n${tail(log)}`);
  }
  child.unref();
  return child.pid;
}

function readiness(child, timeoutMs) {
  return new Promise((resolve, reject) => {
    const pipe = child.stdio[3];
    const late = setTimeout(() => end(reject, new Error(`${child.spawnargs[1]} was not ready within ${timeoutMs} ms`)), timeoutMs);
    const end = (how, what) => {
      clearTimeout(late);
      child.removeAllListeners();
      pipe.removeAllListeners();
      pipe.on('error', () => undefined);
      pipe.destroy();
      how(what);
    };
    pipe.once('data', () => end(resolve));
    pipe.once('error', () => undefined);
    child.once('error', (error) => end(reject, error));
    child.once('exit', (code, signal) => end(reject, new Error(`${child.spawnargs[1]} ended before it was ready (${signal ?? `exit ${code}`})`)));
  });
}

/** What `record` says of a process that runs; undefined where none does. */
function running(record) {
  const known = read(record);
  return known && isAlive(known) ? known : undefined;
}

/**
 * Ends the process of `record`: SIGTERM, time to drain, SIGKILL. Nothing to do where none runs.
 * Throws if it outlives even that.
 */
async function stop(record, { drainMs }) {
  const known = running(record);
  if (!known) return false;
  // A little longer than the process gives itself.
  for (const [signal, limitMs] of [['SIGTERM', drainMs + 500], ['SIGKILL', KILL_MS]]) {
    send(known.pid, signal);
    for (const end = Date.now() + limitMs; Date.now() < end; await sleep(POLL_MS)) {
      if (!isAlive(known)) return true;
    }
  }
  throw new Error(`process ${known.pid} (${known.script}) does not end, not even by SIGKILL`);
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** A pid alone proves nothing, they are used again: the command must be ours. A zombie has none. */
function isAlive({ pid, script }) {
  if (fs.existsSync('/proc/self/cmdline')) {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(script);
    } catch {
      return false;
    }
  }
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(script);
}

function read(record) {
  try {
    return JSON.parse(fs.readFileSync(record, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeAtomically(file, text) {
  const temporary = `${file}.${process.pid}`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}

function tail(log) {
  return fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-10).map((line) => `  | ${line}`).join('\n');
}

module.exports = { read, running, start, stop, writeAtomically };
