/** Counts the files, the lines and the import cycles of src: `npx ts-node -T --project test/tsconfig.json bench/structure.ts`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const SRC = resolve(__dirname, '../src');
const IMPORT = /^(?:import|export)\b[^'";]*from '(\.[^']*)'/gm;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => join(SRC, path));
const importsOf = new Map(files.map((file) => [file, [...textOf(file).matchAll(IMPORT)].map(([, path]) => `${resolve(file, '..', path)}.ts`)]));
const lengths = files.map((file) => textOf(file).split('\n').length - 1);

if (require.main === module) {
  const inCycles = cycles();
  console.log(`files in src: ${files.length} (${lengths.filter((length) => length < 30).length} of fewer than 30 lines, ${lengths.filter((length) => length > 350).length} of more than 350)`);
  console.log(`lines in src: ${lengths.reduce((sum, length) => sum + length, 0)}`);
  console.log(`import cycles: ${inCycles.length}`);
  for (const cycle of inCycles) console.log(`  ${cycle.join(', ')}`);
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}

/** The groups of files that import each other, type imports included (Tarjan). */
export function cycles(): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string) => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of importsOf.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) found.push(group.map((one) => relative(SRC, one)));
  };
  files.forEach((file) => index.has(file) || visit(file));
  return found;
}
