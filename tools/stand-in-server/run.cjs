// Makes one call of a stand-in's executable in a process of its own: where no server runs. See README.md.
'use strict';
const { Call } = require('./call.cjs');

const [, , program, ...args] = process.argv;
const streams = { out: process.stdout, error: process.stderr };
const call = new Call({ caller: process.ppid, cwd: process.cwd(), env: process.env, write: (stream, text) => streams[stream].write(text) });

void call.run(program, args).then((code) => {
  // until it is killed
  if (code === undefined) setInterval(() => undefined, 1_000_000);
  process.exitCode = code;
});
