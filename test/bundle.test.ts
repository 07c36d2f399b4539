/** What every repository that uses the library commits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MONITORING_FILE, RUNTIME_FILE } from '../src/manifest';

describe.each([RUNTIME_FILE, MONITORING_FILE])('%s', (path) => {
  const text = readFileSync(join(__dirname, path.replace('.projen', '../assets')), 'utf8');

  it('is at most 256 KB', () => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
  });

  it('needs nothing but node', () => {
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.filter((name) => !/^node:|^(http|https|stream|net|tls|zlib|url|util|events|assert|buffer|crypto)$/.test(name))).toEqual([]);
  });
});
