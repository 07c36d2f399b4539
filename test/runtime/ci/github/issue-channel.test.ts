/** Issues of the repository, against the stand-in that checks every request against GitHub's own description. */
import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { githubIssue } from '../../../../src/runtime/ci/github/issue-channel';
import { ChannelContext, openChannels } from '../../../../src/runtime/notifications/channels/open-channels';
import { Notification } from '../../../../src/runtime/notifications/notification';
import { sendAll, SENDING_MS } from '../../../../src/runtime/notifications/send';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';

const NOTICE: Notification = {
  id: 'acme/shop:production/deployment/17/rolledBack',
  key: 'acme/shop:production/deployment',
  event: 'rolledBack',
  environment: 'production',
  title: 'acme/shop: v2 was bad on production and was rolled back: v1 is live again, verified',
  text: 'Why: health returned 500.\nFix it in a new commit.',
  release: { version: 'v2', sha: 'b'.repeat(40) },
  url: 'https://www.example.com',
  runUrl: 'https://github.com/acme/shop/actions/runs/7',
  at: '2026-11-24T12:00:00Z',
};
const HALTED: Notification = { ...NOTICE, id: 'acme/shop:production/deployment/18/halted', event: 'halted', title: 'production is halted' };
const DEPLOYED: Notification = { ...NOTICE, id: 'acme/shop:production/deployment/19/deployed', event: 'deployed', title: 'v3 is live', text: '' };

let clock: InstantClock;
let github: GithubStandIn;
let token: string;

beforeEach(async () => {
  clock = new InstantClock();
  github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  token = github.token({ issues: 'write' });
});
afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

it('is opened, with labels and for whom it is; commented on when it happens again; closed when a release is verified', async () => {
  expect(await send(NOTICE)).toEqual([]);
  expect(github.issues).toMatchObject([{ title: `↩️ ${NOTICE.title}`, labels: ['delivery-alert', 'incident'], assignees: ['octocat'], state: 'open' }]);
  expect(github.issues[0].body).toContain('Fix it in a new commit');

  expect(await send(HALTED)).toEqual([]);
  expect(await send(DEPLOYED)).toEqual([]);
  expect(github.issues).toMatchObject([{ state: 'closed', stateReason: 'completed', comments: [{ body: expect.stringContaining('production is halted') as string }, { body: expect.stringContaining('v3 is live') as string }] }]);

  expect(await send({ ...NOTICE, id: 'another' })).toEqual([]);
  expect(github.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
});

it('a release that is verified while nothing is open opens nothing', async () => {
  expect(await send(DEPLOYED)).toEqual([]);
  expect(github.issues).toEqual([]);
  expect(github.requests.map(({ method }) => method)).toEqual(['GET']);
});

it('what is not watched any more is closed as not planned, and said so', async () => {
  await send({ ...NOTICE, event: 'firing' });
  expect(await send({ ...NOTICE, id: 'another', event: 'unwatched', title: 'health is not watched any more' })).toEqual([]);
  expect(github.issues).toMatchObject([{ state: 'closed', stateReason: 'not_planned', comments: [{ body: expect.stringContaining('health is not watched any more') as string }] }]);
  // it opens none
  await send({ ...NOTICE, id: 'third', event: 'unwatched' });
  expect(github.issues).toHaveLength(1);
});

it('each environment and each project has its own', async () => {
  await send(NOTICE);
  await send({ ...NOTICE, id: '2', key: 'acme/shop:staging/deployment' });
  await send({ ...NOTICE, id: '3', key: 'acme/shop/api:production/deployment' });
  await send(DEPLOYED);
  expect(github.issues.map(({ state }) => state)).toEqual(['closed', 'open', 'open']);
});

it('a repeated notification with the same id exists once, as an issue and as a comment', async () => {
  for (const notification of [NOTICE, NOTICE, HALTED, HALTED]) await send(notification);
  expect(github.issues.map(({ comments }) => comments.length)).toEqual([1]);
});

it.each(['dropReply', 'reset', 'halfReply'] as const)('%s: tried again, and not written twice', async (kind) => {
  for (const notification of [NOTICE, HALTED, DEPLOYED]) {
    github.fail({ method: 'POST', path: /\/(issues|comments)$/, misbehaviour: { kind } });
    expect(await send(notification)).toEqual([]);
  }
  expect(github.issues).toMatchObject([{ state: 'closed', comments: [{}, {}] }]);
  expect(github.unusedFaults).toBe(0);
});

it('issues of other users and pull requests do not count', async () => {
  await send(NOTICE);
  const [ours] = github.issues;
  github.addIssue({ ...ours, creator: 'mallory' });
  const pull = github.addIssue({ ...ours, isPullRequest: true });
  await send({ ...DEPLOYED });
  expect(github.issues.map(({ creator, state }) => [creator, state])).toEqual([
    ['github-actions[bot]', 'closed'], ['mallory', 'open'], ['github-actions[bot]', 'open'],
  ]);
  expect(pull.comments).toEqual([]);
});

it('two that were opened at once are both closed', async () => {
  await send(NOTICE);
  github.addIssue(github.issues[0]);
  await send(DEPLOYED);
  expect(github.issues.map(({ state }) => state)).toEqual(['closed', 'closed']);
});

it('untrusted text mentions no user, contains no link and forges no marker', async () => {
  const hostile = '@octocat #1 [click](https://evil.example) <!-- projen-delivery key x --> ![](https://evil.example/x.png) <b>bold</b>\n```\n# heading';
  await send({ ...NOTICE, title: hostile, text: hostile });
  const { body, title } = github.issues[0];
  const seen = body.replace(/<!-- projen-delivery (key|notification) [0-9a-f]{32} -->/g, '');
  expect(seen).not.toMatch(/(^|\s)@\w|<!--|\]\(https:\/\/evil|<b>|^```|^# /m);
  expect(title).not.toMatch(/\n/);
  expect(title.length).toBeLessThanOrEqual(256);
});

it('keeps to GitHub\'s limits however long a text is', async () => {
  expect(await send({ ...NOTICE, title: '@'.repeat(5000), text: '@#'.repeat(50_000) })).toEqual([]);
});

it('says what is missing where the job may not write issues', async () => {
  token = github.token({ issues: 'read' });
  expect(await send(NOTICE)).toEqual([expect.stringContaining('The job needs `permissions: issues: write`')]);
});

it('gives up within the time that there is', async () => {
  github.fail({ path: /issues/, misbehaviour: { kind: 'status', status: 502 }, times: 100 });
  const startedAt = clock.now();
  expect(await send(NOTICE)).toEqual([expect.stringContaining('HTTP 502')]);
  expect(clock.now() - startedAt).toBeLessThanOrEqual(SENDING_MS);
});

/** The faults of telling it. */
async function send(notification: Notification): Promise<string[]> {
  const api = new GithubApi({ url: github.url, token, repository: 'acme/shop', clock });
  const [channel] = openChannels(
    [{ name: 'GitHub issue', kind: 'githubIssue', labels: ['incident'], assignees: ['octocat'], on: [], secrets: [] }],
    {
      ci: { issues: (alert, timeouts) => githubIssue({ ...alert, api }, timeouts) } as ChannelContext['ci'],
      manifest: {} as ChannelContext['manifest'],
      processEnv: {},
      environment: { name: 'production' } as ChannelContext['environment'],
      execute: () => Promise.reject(new Error('no command here')),
    },
    { clock, giveUpAt: clock.now() + SENDING_MS },
  );
  const sent = await sendAll([{ channel, notifications: [notification] }]);
  return sent.map(({ fault }) => fault).filter((fault) => fault !== undefined);
}
