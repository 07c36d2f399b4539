import { execFileSync } from 'node:child_process';
import { lockPrefix } from '../../../../../src/runtime/ci/github/locks/lock-refs';

const ODD = [
  'production', 'eu/production', 'eu.west', '.hidden', 'a..b', 'release.lock', 'with space', 'tilde~caret^colon:', 'star*[?]', 'back\\slash', 'at@{brace',
  'Ünïcode 🚀', '-dash', '_under', 'per%cent', '"quoted"; $(id)', 'new\nline', `long ${'ß'.repeat(250)}`,
];

describe("The name of an environment's lock", () => {
  it.each(ODD)('is one that git takes for %j', (environment) => {
    const name = `${lockPrefix(environment)}12`;
    expect(() => execFileSync('git', ['check-ref-format', name])).not.toThrow();
    expect(name).toMatch(/^refs\/delivery\/locks\/[a-z0-9_-]{1,138}\/lock-12$/);
  });

  it('can be read', () => {
    expect(lockPrefix('production')).toBe('refs/delivery/locks/production/lock-');
    expect(lockPrefix('eu/prod 1')).toBe('refs/delivery/locks/eu_2fprod_201/lock-');
  });

  it('is a different one for each environment, and no beginning of the name of another', () => {
    const names = [...ODD, 'prod', 'eu', 'eu_2fproduction', `long ${'ß'.repeat(251)}`].map(lockPrefix);
    for (const name of names) expect(names.filter((other) => other.startsWith(name))).toEqual([name]);
  });

  it('is the same however the name is capitalized: to GitHub that is one environment', () => {
    expect(lockPrefix('Production')).toBe(lockPrefix('production'));
  });
});
