/** What docs/languages.md shows is cut out of the consumers that CI compiles and runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const CONSUMERS: Record<string, string> = {
  python: 'examples/consumers/python/.projenrc.py',
  java: 'examples/consumers/java/src/test/java/projenrc.java',
  go: 'examples/consumers/go/main.go',
};

it.each(Object.entries(CONSUMERS))('%s', (language, consumer) => {
  const page = readFileSync(join(ROOT, 'docs/languages.md'), 'utf8');
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block);
  const source = readFileSync(join(ROOT, consumer), 'utf8');

  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(source).toContain(block);
});
