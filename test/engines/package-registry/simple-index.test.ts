/** What an index of Python's packages says, in JSON and HTML, and which version a file is of. */
import { compareVersions, isPrerelease, normalized } from '../../../src/engines/package-registry/runtime/pep440';
import { installedOther, latestOf, publicationStep } from '../../../src/engines/package-registry/runtime/publication-steps';
import { versionOfFile, versionsIn } from '../../../src/engines/package-registry/runtime/simple-index';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

describe('versions', () => {
  it.each([
    ['v1.2.3', '1.2.3'], ['1.2.3-beta.0', '1.2.3b0'], ['1.2.3-alpha.12', '1.2.3a12'], ['1.2.3-rc.1', '1.2.3rc1'], ['1.2.3-pre.1', '1.2.3rc1'], ['1.2.3.post1', '1.2.3.post1'],
    ['1.2.3-1', '1.2.3.post1'], ['1.2.3.dev4', '1.2.3.dev4'], ['2!1.0', '2!1.0'], ['1.0.0', '1.0.0'], ['3f2a91c', undefined], ['1.2.3+local', undefined], ['latest', undefined],
  ])('%s is %s', (given, expected) => expect(normalized(given)).toBe(expected));

  it('are ordered as pip orders them', () => {
    const ordered = ['1.0.dev1', '1.0a1.dev2', '1.0a1', '1.0a2', '1.0b1', '1.0rc1', '1.0', '1.0.post1.dev1', '1.0.post1', '1.0.1', '1.9', '1.10', '2.0.dev3', '2.0', '1!0.1'];
    expect([...ordered].sort((one, other) => compareVersions(one, other))).toEqual(ordered);
    expect(ordered.every((one, i) => ordered.slice(i + 1).every((other) => compareVersions(one, other) < 0))).toBe(true);
    expect([compareVersions('1.2', '1.2.0'), compareVersions('v1.2.0-beta.1', '1.2b1')]).toEqual([0, 0]);
    expect(ordered.filter(isPrerelease)).toEqual(['1.0.dev1', '1.0a1.dev2', '1.0a1', '1.0a2', '1.0b1', '1.0rc1', '1.0.post1.dev1', '2.0.dev3']);
  });
});

it.each([
  ['acme_shop-1.2.3-py3-none-any.whl', '1.2.3'], ['Acme.Shop-1.2.3-1-cp312-cp312-manylinux_2_17_x86_64.whl', '1.2.3'], ['acme-shop-1.2.3.tar.gz', '1.2.3'], ['acme_shop-1.2.3b0.zip', '1.2.3b0'],
  ['acme_shop_tools-1.2.3-py3-none-any.whl', undefined], ['acme-shop-tools-1.2.3.tar.gz', undefined], ['acme_shop-1.2.3-py3-none-any.whl.metadata', undefined], ['README.md', undefined],
])('the file %s is of the version %s', (file, version) => expect(versionOfFile('acme-shop', file)).toBe(version));

describe('a page of an index', () => {
  const json = (files: unknown) => JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'shop', files });
  const expected = [
    { version: '1.0.0', files: [{ name: 'shop-1.0.0.tar.gz', sha256: HASH, withdrawn: 'broken' }] },
    { version: '1.1.0', files: [{ name: 'shop-1.1.0.tar.gz', sha256: OTHER }, { name: 'shop-1.1.0-py3-none-any.whl', sha256: HASH }] },
  ];

  it('in JSON', () => {
    expect(versionsIn('shop', json([
      { filename: 'shop-1.0.0.tar.gz', hashes: { sha256: HASH }, yanked: 'broken' },
      { filename: 'shop-1.1.0.tar.gz', hashes: { sha256: OTHER.toUpperCase() }, yanked: false },
      { filename: 'shop-1.1.0-py3-none-any.whl', hashes: { sha256: HASH } },
      { filename: 'other-1.0.0.tar.gz', hashes: {} }, 'nonsense', null,
    ]), 'application/vnd.pypi.simple.v1+json')).toEqual(expected);
  });

  it('in HTML', () => {
    expect(versionsIn('shop', `<a href="../f/shop-1.0.0.tar.gz#sha256=${HASH}" data-yanked="broken">shop-1.0.0.tar.gz</a>
      <A data-requires-python="&gt;=3.9" href='/f/shop-1.1.0.tar.gz#sha256=${OTHER}'>shop-1.1.0.tar.gz</A><a href="/f/shop-1.1.0-py3-none-any.whl#sha256=${HASH}">shop-1.1.0-py3-none-any.whl</a>`, 'text/html'))
      .toEqual(expected);
  });

  it('that is neither, or that names no hash', () => {
    expect(versionsIn('shop', 'hello', 'text/plain')).toBeUndefined();
    expect(versionsIn('shop', '{"files": "none"}', 'application/json')).toBeUndefined();
    expect(versionsIn('shop', json([{ filename: 'shop-1.0.0.tar.gz', hashes: { md5: 'x' }, yanked: true }]), 'application/json')).toEqual([{ version: '1.0.0', files: [{ name: 'shop-1.0.0.tar.gz', withdrawn: '' }] }]);
  });
});

describe('the next step', () => {
  const published = (...files: { name: string; sha256?: string; withdrawn?: string }[]) => ({ version: '1.0.0', files });
  const step = (there: ReturnType<typeof published> | undefined, built?: { name: string; sha256: string }[]) => publicationStep({ spec: 'shop 1.0.0', published: there, built }).step;
  const [wheel, source] = [{ name: 'shop.whl', sha256: HASH }, { name: 'shop.tar.gz', sha256: OTHER }];

  it.each([
    ['waits for a version', undefined, undefined, 'wait'],
    ['is done without files to compare', published(wheel), undefined, 'done'],
    ['is done with the files that were built, and others', published(wheel, source), [wheel], 'done'],
    ['waits for the second file', published(wheel), [wheel, source], 'wait'],
    ['fails with another hash', published({ ...wheel, sha256: OTHER }), [wheel], 'fail'],
    ['fails without a hash', published({ name: wheel.name }), [wheel], 'fail'],
    ['fails if all is withdrawn', published({ ...wheel, withdrawn: '' }), undefined, 'fail'],
    ['is done if one file is not withdrawn', published({ ...wheel, withdrawn: '' }, source), undefined, 'done'],
  ] as const)('%s', (_, there, built, expected) => expect(step(there, built && [...built])).toBe(expected));

  it('an installation must be of a file that the index names', () => {
    expect(installedOther('shop 1.0.0', { sha256: OTHER }, published(wheel))).toContain('bbbbbbbbbbbb...');
    expect([installedOther('shop 1.0.0', { sha256: HASH }, published(wheel)), installedOther('shop 1.0.0', {}, published(wheel))]).toEqual([undefined, undefined]);
  });

  it('an installation whose file has a name must be that file', () => {
    expect(installedOther('shop 1.0.0', { name: wheel.name, sha256: HASH }, published(wheel, source))).toBeUndefined();
    expect(installedOther('shop 1.0.0', { name: wheel.name, sha256: OTHER }, published(wheel, source))).toContain('bbbbbbbbbbbb...');
  });
});

it('the latest version is the highest that was not withdrawn; a prerelease only where they are what is released', () => {
  const registry = { compare: compareVersions, isPrerelease };
  const versions = ['1.9.0', '1.10.0', '2.0.0b1', '1.11.0'].map((version) => ({ version, files: [{ name: version, ...(version === '1.11.0' && { withdrawn: 'broken' }) }] }));
  expect(latestOf(versions, registry, false)?.version).toBe('1.10.0');
  expect(latestOf(versions, registry, true)?.version).toBe('2.0.0b1');
  expect(latestOf(versions.slice(2), registry, false)?.version).toBe('2.0.0b1');
  expect(latestOf([], registry, false)).toBeUndefined();
});
