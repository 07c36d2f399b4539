// Makes the calls of the stand-ins' executables for the process that started it, and ends with it. See README.md.
'use strict';
const { mkdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { Call } = require('./call.cjs');

const [, , folder, idleMs] = process.argv;
let open = 0;
let idle;

const server = createServer((socket) => {
  open += 1;
  clearTimeout(idle);
  const over = new AbortController();
  let request = Buffer.alloc(0);
  const receive = (chunk) => {
    request = Buffer.concat([request, chunk]);
    const call = callIn(request.toString());
    if (call === undefined) return;
    socket.off('data', receive).resume();
    // a caller that is gone calls nothing
    setImmediate(() => over.signal.aborted || void make(call, socket, over.signal));
  };
  socket.setNoDelay(true).on('data', receive);
  socket.on('end', () => over.abort());
  socket.on('error', () => undefined);
  socket.on('close', () => {
    over.abort();
    open -= 1;
    waitForCalls();
  });
});

/** The fields of a request, once it is complete: the program, its folder, its caller, its variables and its arguments, each after how many they are. */
function callIn(text) {
  const fields = text.split('\0');
  const [program, cwd, caller, variables] = fields;
  const first = 5 + Number(variables);
  const last = first + Number(fields[first - 1]);
  // what follows the last NUL is not complete
  if (!(fields.length > last)) return undefined;
  const env = Object.fromEntries(fields.slice(4, first - 1).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  return { args: fields.slice(first, last), caller: Number(caller), cwd, env, program };
}

async function make({ args, program, ...given }, socket, over) {
  const write = (stream, text) => socket.writable && socket.write(`${stream}${text}\0`);
  const code = await new Call({ ...given, over, write }).run(program, args);
  if (code !== undefined && socket.writable) socket.end(`exit${code}\0`);
}

function waitForCalls() {
  clearTimeout(idle);
  if (open === 0) idle = setTimeout(end, Number(idleMs));
}

function end() {
  rmSync(folder, { recursive: true, force: true });
  process.exit();
}

// the other end of the pipe is the process that started this one
process.stdin.on('end', end).on('error', end).resume();
server.listen(0, '127.0.0.1', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'port.new'), `${server.address().port}\n`);
  renameSync(join(folder, 'port.new'), join(folder, 'port'));
  waitForCalls();
});
