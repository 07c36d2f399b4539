// Preloaded into the runtime's own process (NODE_OPTIONS=--require): counts the points at which it may die, and ends it at one of them.
'use strict';
require('../../code-cache.cjs');
const { createHash } = require('node:crypto');
const { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } = require('node:fs');
const { dirname, join } = require('node:path');

const RUNTIME = /[\\/]\.projen[\\/]delivery\.cjs$/;
if (process.env.CRASH_PLAN && RUNTIME.test(process.argv[1] ?? '')) install(JSON.parse(readFileSync(process.env.CRASH_PLAN, 'utf8')));

function install(plan) {
  const { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt, GITHUB_JOB: job } = process.env;
  // without what differs from world to world, or says nothing
  const argv = process.argv.slice(2).filter((one) => !/^--reason=|=$/.test(one)).map((one) => one.replace(/[0-9a-f]{40}/, '<sha>'));
  const where = `${run}.${attempt} ${job}: ${argv.join(' ')}`;
  const ends = plan.ends.filter((end) => end.where === where);
  const gate = join(plan.machine, 'gate');
  const counts = new Map();

  function point(name) {
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    appendFileSync(plan.log, `${JSON.stringify({ where, name, nth, left: plan.comparesLeft ? left() : undefined })}\n`);
    for (const end of ends.filter((one) => one.nth === nth)) {
      // the command that is about to start is to stop half way
      if (end.gate && end.name.replace('during', 'before') === name) renameSync(end.gate, gate);
      if (end.name !== name) continue;
      if (end.gate) rmSync(gate);
      meet(end);
    }
  }

  /** Blocks the whole process until it ends, or until it may continue. */
  function meet({ how, go }) {
    if (how.startsWith('SIG')) {
      process.kill(process.pid, how);
      return;
    }
    writeSync(1, `\n[crash point] ${how}\n`);
    while (!existsSync(go)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }

  watchCommands(point);
  watchWeb(point, process.env.GITHUB_API_URL);
  if (plan.ledger) watchFile(point, plan.ledger, rejecter(plan));
}

/** Distinguishes what is in the files of the job; a laptop has none. To read them all at each point takes a tenth of a process's CPU time. */
function left() {
  const { GITHUB_OUTPUT: output, HOME: home } = process.env;
  if (!output) return undefined;
  const files = [dirname(output), home].flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const hash = createHash('sha256');
  for (const file of files) if (file.isFile()) hash.update(`${file.name}\0`).update(readFileSync(join(file.path, file.name)));
  return hash.digest('hex').slice(0, 16);
}

/** The user's commands and git: before they start, at their first line, and when they have ended. And what guards them. */
function watchCommands(point) {
  const processes = require('node:child_process');
  const { spawn } = processes;
  processes.spawn = (file, args, options) => {
    if (args.includes('guard')) return guarding(spawn(file, args, options), point);
    const line = [file, ...args].at(-1);
    // a call of an engine is called by its operation
    const npm = args[0] === 'dist-tag' ? `dist-tag ${args[1]}` : args[0];
    // access reviews change nothing
    const kubectl = args.includes('--dry-run=server') ? 'dry-run' : args[0] === 'create' && args[2]?.endsWith('access.json') ? 'access' : args[0];
    const ssh = /^sh -s -- ([a-z]+)/.exec(line)?.[1] ?? (line.startsWith('cat > ') ? 'upload' : 'exit');
    const engine = { aws: `aws ${args[1] ?? args[0]}`, git: `git ${args.includes('--dry-run') ? 'dry-run' : args[0]}`, kubectl: `kubectl ${kubectl}`, npm: `npm ${npm}`, ssh: `ssh ${ssh}` }[file];
    const name = `command ${engine ?? /^: ([\w-]+)/.exec(line)?.[1] ?? file}`;
    point(`before ${name}`);
    const child = spawn(file, args, options);
    child.stdout?.once('data', () => point(`during ${name}`));
    child.prependOnceListener('exit', () => point(`after ${name}`));
    return child;
  };
  for (const name of ['execFileSync', 'spawnSync']) {
    const original = processes[name];
    processes[name] = (file, args, options) => {
      point(`before ${file} ${args[0]}`);
      try {
        return original(file, args, options);
      } finally {
        point(`after ${file} ${args[0]}`);
      }
    };
  }
}

/** The guard of all commands: before and after it hears that one has begun. */
function guarding(guard, point) {
  const { stdin } = guard;
  const { write } = stdin;
  stdin.write = (line, ...rest) => {
    if (!line.startsWith('begin')) return write.call(stdin, line, ...rest);
    point('before the guard');
    const written = write.call(stdin, line, ...rest);
    point('after the guard began');
    return written;
  };
  return guard;
}

/** Requests to other servers: before they are sent, and after the response. */
function watchWeb(point, url) {
  for (const scheme of ['node:http', 'node:https']) {
    const web = require(scheme);
    const { request } = web;
    web.request = (options, ...rest) => {
      const asked = request(options, ...rest);
      const { end } = asked;
      let name;
      asked.end = (body, ...more) => {
        name = nameOf(options, body, url);
        point(`before ${name}`);
        return end.call(asked, body, ...more);
      };
      let isOver = false;
      const over = () => {
        if (isOver) return;
        isOver = true;
        point(`after ${name}`);
      };
      asked.prependOnceListener('response', (response) => {
        response.once('end', over);
      });
      asked.prependOnceListener('error', over);
      return asked;
    };
  }
}

/** Only a probe is a GET of what is not GitHub. */
function nameOf({ href, method = 'GET', path }, body, url) {
  if (method === 'GET' && !(url && href.startsWith(url))) return `probe ${path}`;
  const where = href.replace(url, '').replace(/^\/repos\/[^/]+\/[^/]+/, '').replace(/\?.*$/, '').replace(/\d{3,}|\/\d+/g, (digits) => (digits.startsWith('/') ? '/#' : '#'));
  const what = typeof body === 'string' ? ` ${wordsOf(JSON.parse(body))}` : '';
  return `${method} ${where}${what}`;
}

/** The state a status names, or the kind of a record. */
function wordsOf({ description = '', payload }) {
  const state = /^[A-Za-z]+(?:, abandoned)?(?=:|$| |, irreversible)/.exec(description)?.[0] ?? description;
  return payload?.record?.kind ?? state;
}

/** Fails the writes to the ledger's files from one on, as the file system would: for once, while the disk is full, or as long as it is read-only. */
function rejecter({ ledger, log, rejection }) {
  const errors = { once: 'EIO', full: 'ENOSPC', readOnly: 'EROFS' };
  let writes = 0;
  return (name) => {
    writes += 1;
    appendFileSync(`${log}.writes`, `${name}\n`);
    const isOver = rejection === undefined || writes < rejection.from || (rejection.how === 'once' && writes > rejection.from);
    // room is made when the file is given up that took it in advance
    if (isOver || (rejection.how === 'full' && writes > rejection.from && !existsSync(`${ledger}.reserve`))) return;
    const code = errors[rejection.how];
    appendFileSync(`${log}.rejections`, `${name}\n`);
    throw Object.assign(new Error(`${code}: rejected, ${name}`), { code, syscall: name });
  };
}

/** The ledger of a laptop, and what is written beside it: the lock, and what is not the ledger yet. */
function watchFile(point, ledger, reject) {
  const files = require('node:fs');
  for (const [name, original] of Object.entries({ writeFileSync: files.writeFileSync, renameSync: files.renameSync, unlinkSync: files.unlinkSync })) {
    files[name] = (...args) => {
      const path = args.slice(0, 2).find((one) => typeof one === 'string' && one.startsWith(ledger));
      // a file that was opened before is the ledger's, too
      if (path === undefined && typeof args[0] !== 'number') return original(...args);
      const what = `${name} ${path === undefined ? '' : path.slice(ledger.length).replace(/\d+/g, '#')}`;
      point(`before ${what}`);
      if (name !== 'unlinkSync') reject(name);
      const result = original(...args);
      point(`after ${what}`);
      return result;
    };
  }
}
