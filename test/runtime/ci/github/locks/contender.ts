import { appendFileSync } from 'node:fs';
import { GithubApi } from '../../../../../src/runtime/ci/github/api';
import { GitRefLock } from '../../../../../src/runtime/ci/github/locks/git-ref-lock';
import { thisProcess } from '../../../../../src/runtime/ci/github/locks/job-process';
import { runLiveness } from '../../../../../src/runtime/ci/github/run-liveness';

/*
 * A process of its own: `contender.js <url> <token> <run> <turns> <file>`. In each turn it takes the lock of production,
 * writes into the file when it has it, and again before it gives it back. With `forever` it keeps its first one.
 */
const [, , url, token, run, turns, file] = process.argv;
// it need not wait as long as a job would
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 20))) };
const api = new GithubApi({ url, token, repository: 'acme/shop', clock });
const warn = (text: string) => process.stderr.write(`${text}\n`);
const lock = new GitRefLock({ api, clock, isAlive: runLiveness({ api, clock, warn }), processId: `${run}.1.ab12`, process: thisProcess({}), blob: 'b'.repeat(40), warn });

async function main(): Promise<void> {
  if (turns === 'forever') {
    await lock.hold('production');
    process.stdout.write('ready\n');
    process.stdin.resume();
    return;
  }
  for (let turn = 0; turn < Number(turns); turn++) {
    const release = await lock.hold('production');
    appendFileSync(file, `${run} in\n`);
    appendFileSync(file, `${run} out\n`);
    await release();
  }
}

void main();
