import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCombination } from './combination';
const base = mkdtempSync(join(tmpdir(), 'combi-'));
const [from, to] = process.argv.slice(2).map(Number);
let refused = 0; let wrong = 0;
for (let seed = from; seed <= to; seed++) {
  const { notes, refusal, error } = makeCombination(seed, join(base, String(seed)));
  if (refusal && error && error.name === 'Refusal' && refusal.test(error.message)) { refused += 1; continue; }
  if (!refusal && !error) continue;
  wrong += 1;
  console.log(`\n#${seed}: expected ${String(refusal)}\n   got ${error ? `${error.name}: ${error.message}` : 'a synthesis'}\n   ${notes.join(', ')}`);
  if (error && error.name !== 'Refusal') console.log(error.stack!.split('\n').slice(0, 8).join('\n'));
}
console.log(`refused as expected ${refused}, wrong ${wrong}`);
rmSync(base, { recursive: true });
