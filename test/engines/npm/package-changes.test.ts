import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageChanges } from '../../../src/engines/npm/runtime/package-changes';
import { tarballIn } from '../../../src/engines/npm/runtime/package-tarball';
import { temporaryFolder } from '../../test-project';

const file = (path: string, size: number) => ({ path, size });
const shop = (version: string, ...files: ReturnType<typeof file>[]) => ({ name: '@acme/shop', version, files });

it('the first version: its files and its size, and no list of them', () => {
  const [{ kind, properties, what }, ...rest] = packageChanges(shop('1.0.0', file('package.json', 300), file('lib/index.js', 1_200)), undefined);
  expect([kind, what, properties, rest]).toEqual(['added', '@acme/shop@1.0.0', ['2 files of 1.5 kB'], []]);
});

it('a later version: the package first, then what is removed, added and of another size', () => {
  const before = shop('1.0.0', file('package.json', 300), file('lib/old.js', 10), file('lib/index.js', 1_000));
  const after = shop('1.1.0', file('package.json', 300), file('lib/index.js', 2_500_000), file('lib/new.js', 20));
  expect(packageChanges(after, before).map(({ kind, properties, type, what }) => [kind, type, what, ...properties])).toEqual([
    ['changed', 'package', '@acme/shop@1.1.0', '3 files of 1.3 kB in 1.0.0 -> 3 files of 2.5 MB'],
    ['removed', 'file', 'lib/old.js', '10 B'],
    ['added', 'file', 'lib/new.js', '20 B'],
    ['changed', 'file', 'lib/index.js', '1.0 kB -> 2.5 MB'],
  ]);
});

it('reads the files of what npm packs, with long paths and paths in other scripts', async () => {
  const folder = temporaryFolder();
  const long = `lib/${'a-long-name-of-a-folder/'.repeat(12)}index.js`;
  const files: Record<string, string> = { 'lib/index.js': 'exports.shop = 1;\n', [long]: 'exports.deep = 1;\n', 'lib/Grüße.txt': 'x' };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const manifest = JSON.stringify({ name: 'shop', version: '1.0.0', files: ['lib'] });
  writeFileSync(join(folder, 'package.json'), manifest);
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], { cwd: folder, env: { ...process.env, npm_config_cache: join(folder, 'cache') } });
  const found = (await tarballIn(folder, 'dist', 'shop'))!;
  const sizes = Object.fromEntries(found.files.map(({ path, size }) => [path.normalize('NFC'), size]));
  const expected = Object.entries({ ...files, 'package.json': manifest }).map(([path, text]) => [path, Buffer.byteLength(text)]);
  expect(sizes).toEqual(Object.fromEntries(expected));
});
