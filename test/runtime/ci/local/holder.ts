import { fileLedger } from '../../../../src/runtime/ci/open-ledger';

/* A process of its own that works on an environment until it is killed: `holder.js <path> <environment>`. */
const [, , path, environment] = process.argv;
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };

void fileLedger({ path, clock }).hold!(environment).then(() => process.stdout.write('ready\n'));
process.stdin.resume();
