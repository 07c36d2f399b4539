import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './free-ports';

const run = promisify(execFile);
const RANGE = { from: 15_000, below: 30_000 };

test('ports are given out once on a machine, also to another process, before anyone listens on them', async () => {
  const ours = await Promise.all(Array.from({ length: 300 }, () => freePorts()));
  const theirs = await inAnotherProcess(300);

  const ports = [...ours, ...theirs].flatMap(({ port, candidatePort }) => [port, candidatePort]);
  expect(ports).toHaveLength(1_200);
  expect(new Set(ports).size).toBe(1_200);
  expect(ports.filter((port) => port < RANGE.from || port >= RANGE.below)).toEqual([]);
});

async function inAnotherProcess(count: number): Promise<Array<{ port: number; candidatePort: number }>> {
  const script = `const { freePorts } = require(${JSON.stringify(join(__dirname, 'free-ports'))});
    Promise.all(Array.from({ length: ${count} }, () => freePorts())).then((given) => console.log(JSON.stringify(given)));`;
  const { stdout } = await run(process.execPath, ['--require', './tools/typescript.cjs', '-e', script], { maxBuffer: 1e7, cwd: join(__dirname, '..') });
  return JSON.parse(stdout) as Array<{ port: number; candidatePort: number }>;
}
