import { isLowerVersion, isPrerelease } from '../../../src/runtime/deployment/version-order';

/** Each is lower than all that stand after it, in this order. */
const ORDERS = [
  // the order that semver.org gives as its example
  ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'],
  ['v1.9.1', 'v1.10.0-beta.0', 'v1.10.0', 'v2.0.0-beta.2', 'v2.0.0-beta.10', 'v2.0.0'],
  ['v1', 'v2', 'v10'],
  ['1.9', 'v1.10', '1.11'],
  ['2026.1.9', '2026.01.10', '2026.11.27'],
  ['v9007199254740992.0', 'v9007199254740993.0'],
  ['1.2.3a1', '1.2.3b1', '1.2.3rc2', '1.2.3rc10', '1.2.3'],
  ['@acme/api@1.2.3', '@acme/api@v1.3.0', '@acme/api@2.0.0'],
  ['api-v1.2.3-beta.1', 'api-v1.2.3', 'API-v1.3.0'],
  ['api/v1.2.3', 'api/v1.10.0'],
  ['log4j-2.9.0', 'log4j-2.17.1'],
  // the package was named in tags from some release on, or on one release branch only
  ['v1.2.3', 'api-v1.3.0', 'v2.0.0', 'api-v3.0.0'],
];

it.each(ORDERS.map((order) => [order.join(' < '), order] as const))('%s', (_, order) => {
  for (const [at, name] of order.entries()) {
    for (const [place, other] of order.entries()) expect([name, other, isLowerVersion(name, other)]).toEqual([name, other, at < place]);
  }
});

it.each([
  ['the same', 'v1.2.3', '1.2.3'],
  ['builds of one version', '1.2.3+7', '1.2.3+12'],
  ['short shas', '1234567', '3f2a91c'],
  ['a short sha beside a version', '0000001', 'v1.2.3'],
  ['a tag that moves along beside what it stands for', 'v2', 'v2.1.0'],
  ['the same, of a minor version', 'v2.1', 'v2.1.9'],
  ['dates without a dot', '20261127', '20261128'],
  ['a date with dashes', 'release-2026-11-26', 'release-2026-11-27'],
  ['names that are none', 'nightly', 'v1.2.3'],
  ['two packages', '@acme/api@1.0.0', '@acme/web@2.0.0'],
  ['two packages, as tag prefixes', 'api-v1.0.0', 'web-v2.0.0'],
])('%s cannot be compared: neither is lower', (_, name, other) => {
  expect([isLowerVersion(name, other), isLowerVersion(other, name)]).toEqual([false, false]);
});

it.each([['v1.2.3-beta.0', true], ['@acme/api@1.2.3-rc.1', true], ['1.2.3rc1', true], ['v1.2.3', false], ['v1.2.3+build-7', false], ['api-v1.2.3', false], ['3f2a91c', false], ['pre-release', false]])(
  '%s is a prerelease: %s', (name, expected) => expect(isPrerelease(name)).toBe(expected));

it('a moving tag of an earlier major version is lower all the same', () => {
  expect(isLowerVersion('v1', 'v2.0.0')).toBe(true);
});

it.each(['-', '@', '/', '_'])('a long name of %j is read to its end, and is no version', (separator) => {
  expect(isLowerVersion(`${`a${separator}`.repeat(63)}!`, 'v1.0.0')).toBe(false);
  expect(isLowerVersion(`v1.0.0-${'0-'.repeat(60)}!`, 'v1.0.0')).toBe(false);
});
