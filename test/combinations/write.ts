/**
 * Writes the random combinations that are synthesized into a folder, one project each, for the auditors (`.ci/security`).
 *
 * Usage: write.ts <folder>
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeCombination } from './combination';
import { COUNT } from './count';

const [folder] = process.argv.slice(2);
for (let seed = 1; seed <= COUNT; seed++) {
  const outdir = join(folder, `combination-${String(seed).padStart(3, '0')}`);
  const { error } = makeCombination(seed, outdir);
  // what is refused leaves half of its files
  if (error) rmSync(outdir, { recursive: true });
}
