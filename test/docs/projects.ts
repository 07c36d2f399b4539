/**
 * Synthesizes the examples of docs/projects.md, each in a folder of its own below the first argument, and prints their headings and folders as
 * JSON. A process of its own, outside of jest: there a project without `outdir` may take, and delete, the working directory.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

export interface Example {
  readonly heading: string;
  readonly folder: string;
}

export const DOCUMENT = join(__dirname, '../../docs/projects.md');

/** The document's TypeScript. What makes no delivery itself gets the lines that are the same for every project. */
function examples(): { heading: string; code: string }[] {
  const blocks: { heading: string; code: string }[] = [];
  let heading = '';
  for (const [, title, code] of readFileSync(DOCUMENT, 'utf8').matchAll(/^## (.*)$|^```ts\n([\s\S]*?)^```$/gm)) {
    if (title === undefined) blocks.push({ heading, code });
    else heading = title;
  }
  const [common, ...rest] = blocks;
  return rest.map(({ heading: where, code }) => ({ heading: where, code: code.includes('new Delivery(') ? code : code + common.code }));
}

function synthesize(code: string, folder: string): void {
  const { code: javascript } = transformSync(code, { loader: 'ts', format: 'cjs' });
  mkdirSync(folder);
  process.chdir(folder);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- what the example imports
  const load = (name: string): unknown => require(name === 'projen-delivery' ? '../../src' : name);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the document's own code is what is tried
  new Function('require', 'module', javascript)(load, {});
}

if (require.main === module) {
  const made = examples().map(({ heading, code }, i): Example => {
    const folder = join(process.argv[2], String(i));
    synthesize(code, folder);
    return { heading, folder };
  });
  process.stdout.write(`\n${JSON.stringify(made)}\n`);
}
