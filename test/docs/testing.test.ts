/** What docs/testing.md shows is what the examples run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const blocks = (language: string) => [...read('docs/testing.md').matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code!);

test('the test in Python is the one that .ci/python-consumer runs', () => {
  expect(blocks('python')).toEqual([read('examples/consumers/python/test_delivery.py')]);
});

test('the tests in TypeScript are those of examples/shop', () => {
  const shop = read('examples/shop/test/delivery.test.ts');
  const names = (code: string) => [...code.matchAll(/^test(?:\.each\([^)]*\))?\('([^']*)'/gm)].map(([, name]) => name);
  expect(blocks('typescript').flatMap(names)).toEqual(names(shop));
});
