import { identifies, Release } from '../../src/runtime/release';

const sha = '3f2a91c'.padEnd(40, '0');
const release = (version: string): Release => ({ version, sha });

describe('what a service says of itself names a release', () => {
  test.each([
    ['v1.2.3', '1.2.3'], ['1.2.3', 'v1.2.3'], ['1.2.3', ' 1.2.3\n'], ['v1.2.3', sha], ['v1.2.3', '3F2A91C'],
    // tags of Lerna and changesets: the service knows its version, perhaps not the package
    ['pkg@1.2.3', '1.2.3'], ['pkg@1.2.3', 'v1.2.3'], ['@scope/pkg@1.2.3', '1.2.3'], ['@scope/pkg@1.2.3', '@scope/pkg@1.2.3'], ['@scope/pkg@v2', '2'],
  ])('%s: %j', (version, shown) => expect(identifies(shown, release(version))).toBe(true));

  test.each([
    ['v1.2.3', '1.2.4'], ['v1.2.3', 'vv1.2.3'], ['v1.2.3', '3f2a91'], ['v1.2.3', ''], ['release', 'elease'],
    ['pkg@1.2.3', 'pkg'], ['pkg@1.2.3', ''], ['@scope/pkg@1.2.3', '@scope/pkg'], ['me@home', 'home'],
  ])('but not %s: %j', (version, shown) => expect(identifies(shown, release(version))).toBe(false));
});
