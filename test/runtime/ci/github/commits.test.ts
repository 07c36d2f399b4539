import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { commitOnGithub } from '../../../../src/runtime/ci/github/commits';
import { SYSTEM_CLOCK } from '../../../../src/runtime/clock';
import { isObject } from '../../../../src/runtime/json-value';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';

const [FIRST, SECOND] = ['a'.repeat(40), 'b'.repeat(40)];

/** A job has no history: GitHub says which commit a name means. */
describe('A release that is named in a job', () => {
  let github: GithubStandIn;
  let api: GithubApi;

  beforeEach(async () => {
    github = await GithubStandIn.start({ repository: 'acme/shop' });
    api = new GithubApi({ url: github.url, token: github.token({ contents: 'write' }), repository: 'acme/shop', clock: SYSTEM_CLOCK });
  });
  afterEach(async () => {
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  test.each([['v1.2.3', 'v1.2.3'], ['1.2.3', 'v1.2.3'], ['v1.2.3', '1.2.3'], ['@acme/shop@1.2.3', '@acme/shop@v1.2.3']])('%s is the commit of the tag %s', async (name, tag) => {
    github.addRef(tag, FIRST);
    expect(await commitOnGithub(api, name)).toEqual({ version: tag, sha: FIRST });
  });

  test('is the commit behind an annotated tag', async () => {
    const { data } = await api.request({
      what: 'tag',
      route: 'POST /repos/{owner}/{repo}/git/tags',
      permission: 'contents: write',
      isExpected: isObject,
      parameters: { tag: 'v1.2.3', message: 'a release', object: FIRST, type: 'commit' },
    });
    github.addRef('v1.2.3', String(data.sha));
    expect(await commitOnGithub(api, '1.2.3')).toEqual({ version: 'v1.2.3', sha: FIRST });
  });

  test('is none where no such tag exists', async () => {
    github.addRef('v1.2.30', FIRST);
    expect(await commitOnGithub(api, '1.2.3')).toBeUndefined();
    expect(await commitOnGithub(api, 'main')).toBeUndefined();
  });

  test('is rejected where both spellings are tags of different commits', async () => {
    github.addRef('v1.2.3', FIRST);
    github.addRef('1.2.3', SECOND);
    await expect(commitOnGithub(api, '1.2.3')).rejects.toThrow('1.2.3 (bbbbbbb) and v1.2.3 (aaaaaaa), which are different commits');
  });

  test('may be a full commit sha', async () => {
    github.setCommit(FIRST, '2026-01-01T00:00:00Z');
    expect(await commitOnGithub(api, FIRST)).toEqual({ version: FIRST.slice(0, 7), sha: FIRST });
    expect(await commitOnGithub(api, SECOND)).toBeUndefined();
  });
});
