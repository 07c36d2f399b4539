/** The one comment on a pull request: against the stand-in with every fault of the API, and in every order that two runs can take. */
import { GithubApi, GithubError, GithubRequest } from '../../../../src/runtime/ci/github/api';
import { githubPullRequest, pullRequestComments } from '../../../../src/runtime/ci/github/pull-request';
import { commentBody, CommentOrigin } from '../../../../src/runtime/pull-requests/comment-text';
import { GithubStandIn, StoredComment } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';

const BOT = 'github-actions[bot]';
const run = (runId: number, attempt = 1): CommentOrigin => ({ runId, attempt });
const body = (origin: CommentOrigin) => commentBody(`plan of ${origin.runId}.${origin.attempt}`, origin, undefined);
const ours = (comments: readonly StoredComment[]) => comments.filter(({ creator }) => creator === BOT).map((one) => one.body);

describe('the pull request of a run', () => {
  it('is in its ref', () => expect(githubPullRequest({ GITHUB_REF: 'refs/pull/17/merge', GITHUB_BASE_REF: 'main' })).toEqual({ number: 17, base: 'main' }));
  it.each([{ GITHUB_REF: 'refs/heads/refs/pull/17/merge', GITHUB_BASE_REF: 'main' }, { GITHUB_REF: 'refs/pull/17/head', GITHUB_BASE_REF: 'main' }, { GITHUB_REF: 'refs/pull/17/merge' }, {}])(
    'is none: %j', (env) => expect(githubPullRequest(env)).toBeUndefined());
});

describe('with a fault of the API', () => {
  let clock: InstantClock;
  let github: GithubStandIn;

  beforeEach(async () => {
    clock = new InstantClock();
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
    github.addIssue({ isPullRequest: true, creator: 'octocat' });
  });
  afterEach(async () => {
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  const comment = (origin: CommentOrigin) => {
    const api = new GithubApi({ url: github.url, repository: 'acme/shop', token: github.token({ 'pull-requests': 'write' }), clock, requestTimeoutMs: 200 });
    return pullRequestComments(api, { number: 1 }, undefined)(body(origin), origin);
  };
  const before: Record<string, readonly CommentOrigin[]> = { 'no comment': [], 'a comment': [run(1)], 'two comments': [run(2), run(1)] };
  const faults = (['GET', 'POST', 'PATCH', 'DELETE'] as const).flatMap((method) => [
    { method, misbehaviour: { kind: 'status', status: 502 } }, { method, misbehaviour: { kind: 'reset' } }, { method, misbehaviour: { kind: 'dropReply' } },
    { method, misbehaviour: { kind: 'garbage' } }, { method, misbehaviour: { kind: 'halfReply' } },
  ] as const);

  const cases = Object.entries(before).flatMap(([what, origins]) => (
    faults.map((fault) => [what, fault.method, fault.misbehaviour.kind, origins, fault] as const)
  ));
  it.each(cases)(
    '%s before, %s %s: one comment, with the new plan', async (_, __, ___, origins, fault) => {
      for (const origin of origins) github.addComment(1, body(origin), BOT);
      github.fail(fault);
      expect(await comment(run(3))).toBe('written');
      expect(ours(github.issues[0].comments)).toEqual([body(run(3))]);
      const created = github.requests.filter(({ method, misbehaviour }) => method === 'POST' && [undefined, 'dropReply', 'halfReply'].includes(misbehaviour));
      expect(created.length).toBe(origins.length === 0 ? 1 : 0);
    });

  it('without the permission: an error that names it', async () => {
    const api = new GithubApi({ url: github.url, repository: 'acme/shop', token: github.token({ 'pull-requests': 'read' }), clock });
    await expect(pullRequestComments(api, { number: 1 }, undefined)(body(run(1)), run(1))).rejects.toThrow('The job needs `permissions: pull-requests: write`');
  });

  it('a newer run has commented already: it stays, and a second comment goes', async () => {
    for (const origin of [run(3), run(4, 2)]) github.addComment(1, body(origin), BOT);
    expect(await comment(run(4, 1))).toBe('older');
    expect(ours(github.issues[0].comments)).toEqual([body(run(4, 2))]);
  });

  it('a comment of another user or of another project is never touched', async () => {
    github.addComment(1, body(run(9)), 'mallory');
    github.addComment(1, commentBody('api', run(9), 'api'), BOT);
    await comment(run(3));
    expect(github.issues[0].comments.map((one) => one.body)).toEqual([body(run(9)), commentBody('api', run(9), 'api'), body(run(3))]);
  });
});

describe('two runs without a common queue, in every order of their requests', () => {
  const schedules = 10;
  /** Which of the two is next, as the bits of a number; who is done lets the other one go on. */
  async function play(bits: number, existing: readonly CommentOrigin[]): Promise<readonly string[]> {
    const comments = existing.map((origin, i) => ({ id: i + 1, body: body(origin) }));
    let lastId = comments.length;
    const gates: ((() => void) | undefined)[] = [undefined, undefined];
    const done = [false, false];
    const turn = (who: number) => new Promise<void>((resolve) => { gates[who] = resolve; });
    const apiOf = (who: number) => {
      const request = async <T>({ route, parameters = {} }: GithubRequest<T>): Promise<unknown> => {
        await turn(who);
        const at = comments.findIndex(({ id }) => id === parameters.comment_id);
        if (route.startsWith('GET')) return comments.map((one) => ({ ...one, user: { login: BOT } }));
        if (route.startsWith('POST')) return comments.push({ id: ++lastId, body: String(parameters.body) });
        if (at < 0) throw new GithubError('gone', { status: 404, transient: false });
        if (route.startsWith('PATCH')) return comments.splice(at, 1, { ...comments[at], body: String(parameters.body) });
        return comments.splice(at, 1);
      };
      const respond = async (one: GithubRequest<unknown>) => ({ data: await request(one), hasNextPage: false });
      const patiently = (attempt: () => Promise<unknown>) => attempt();
      return { once: respond, request: respond, pagesOnce: request, patiently } as unknown as GithubApi;
    };
    const write = async (who: number) => {
      await pullRequestComments(apiOf(who), { number: 1 }, undefined)(body(run(who + 10)), run(who + 10));
      done[who] = true;
    };
    const both = [write(0), write(1)];
    for (let step = 0; !done.every(Boolean); step++) {
      // all that can go on without another request does
      await new Promise((resolve) => setImmediate(resolve));
      const wanted = Math.floor(bits / 2 ** (step % schedules)) % 2;
      const who = gates[wanted] ? wanted : 1 - wanted;
      const open = gates[who];
      gates[who] = undefined;
      open?.();
    }
    await Promise.all(both);
    const left = comments.map((one) => one.body);
    // the next run
    const next = pullRequestComments(apiOf(0), { number: 1 }, undefined)(body(run(99)), run(99));
    let isOver = false;
    void next.finally(() => { isOver = true; });
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      gates[0]?.();
    }
    expect(comments.map((one) => one.body)).toEqual([body(run(99))]);
    return left;
  }

  it.each([['no comment', []], ['a comment', [run(1)]], ['two comments', [run(1), run(2)]]])('%s before: one comment afterwards, of one of them', async (what, existing) => {
    const ends = new Set<string>();
    for (let bits = 0; bits < 2 ** schedules; bits++) for (const left of [await play(bits, existing)]) ends.add(JSON.stringify(left));
    for (const end of ends) expect([[body(run(10))], [body(run(11))]]).toContainEqual(JSON.parse(end));
    // from no comment on, the newer one wins in every order
    if (what === 'no comment') expect([...ends]).toEqual([JSON.stringify([body(run(11))])]);
  });
});
