import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { githubPullRequests } from '../../../../src/runtime/ci/github/pull-requests';
import { SYSTEM_CLOCK } from '../../../../src/runtime/clock';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';

let github: GithubStandIn;

beforeAll(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
});

afterEach(() => expect(github.violations).toEqual([]));

afterAll(() => github.stop());

function pullRequests() {
  return githubPullRequests(new GithubApi({ url: github.url, token: github.token({ issues: 'read', contents: 'read' }), repository: 'acme/shop', clock: SYSTEM_CLOCK, patienceMs: 0 }), undefined);
}

it('one response that finds no pull request does not count if its head commit is there: nothing is removed because of it', async () => {
  const { number } = github.addIssue({ title: 'one', creator: 'octocat', isPullRequest: true });
  github.addRef(`refs/pull/${number}/head`, 'a'.repeat(40));
  expect(await pullRequests().find(number)).toEqual({ isOpen: true, labels: [] });
  github.fail({ method: 'GET', path: /\/issues\/\d+$/, misbehaviour: { kind: 'status', status: 404 } });
  await expect(pullRequests().find(number)).rejects.toThrow(`GitHub did not read pull request ${number}: it found no issue, but the head commit`);
  expect(await pullRequests().find(99)).toBeUndefined();
});
