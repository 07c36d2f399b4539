import { allPass, passes } from '../../../../src/ci/github/invariants/ref-filters';

/** The examples of GitHub's cheat sheet among them. */
test.each<[string, string[], boolean]>([
  ['main', ['main'], true],
  ['main', [], false],
  ['feature/a', ['feature/*'], true],
  ['feature/a/b', ['feature/*'], false],
  ['feature/a/b', ['feature/**'], true],
  ['feature/a', ['*'], false],
  ['feature/a', ['**'], true],
  ['v2.0', ['v2*'], true],
  ['v1.10.1', ['v[12].[0-9]+.[0-9]+'], true],
  ['v3.10.1', ['v[12].[0-9]+.[0-9]+'], false],
  ['my-feature', ['*feature'], true],
  ['jsx', ['*.jsx?'], false],
  ['page.js', ['*.jsx?'], true],
  ['a.b', ['a.b'], true],
  ['axb', ['a.b'], false],
  ['release+1', ['release\\+1'], true],
  ['main', ['**', '!main'], false],
  ['main', ['!main', 'main'], true],
  ['main', ['main', '!renovate/**'], true],
  ['main', ['['], false],
])('%s passes %j: %s', (name, filters, expected) => {
  expect(passes(name, filters)).toBe(expected);
});

test.each<[string, string[], string[], boolean]>([
  ['v*', ['v*'], [], true],
  ['v*', ['**'], [], true],
  ['v*', ['*'], [], false],
  ['v*', ['v1.*', 'v2.*'], [], false],
  ['v*', ['v*', '!v1.*'], [], false],
  ['v*', ['v*', '!v0.*'], ['!v0.*'], true],
  ['v*', ['!v1.*', 'v*'], [], true],
  ['v*', ['v*', '!web-*'], [], true],
  ['v*', ['v*', '!*-beta'], [], false],
  ['v1', ['v*'], [], true],
])('all of %s pass %j, but for %j: %s', (pattern, filters, excepted, expected) => {
  expect(allPass(pattern, filters, excepted)).toBe(expected);
});
