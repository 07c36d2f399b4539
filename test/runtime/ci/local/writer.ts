import { fileLedger } from '../../../../src/runtime/ci/open-ledger';
import { write } from '../../ledger/records';

/*
 * A process of its own that writes to a ledger file: `writer.js <path> <name> <records>`.
 * It says that it is ready, and begins at its first input.
 */
const [, , path, name, count] = process.argv;
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
const ledger = fileLedger({ path, clock, patienceMs: 60_000 });

async function main(): Promise<void> {
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let number = 1; number <= Number(count); number++) await write(ledger, { environment: 'staging', by: name, run: { id: number, attempt: 1 } }, 'deploying', 'verifying');
  process.stdin.destroy();
}

void main();
