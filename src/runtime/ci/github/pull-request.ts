import { GithubApi, GithubError, GithubRequest } from './api';
import { isNumber, isObject, isText } from '../../json-value';
import { CommentOrigin, CommentSubject, isNewer, originOf } from '../../pull-requests/comment-text';
import { CiPullRequest } from '../ci-runtime';

/** Only comments of this user count: anyone can write a comment with any text. */
const BOT = 'github-actions[bot]';

type Api = Pick<GithubApi, 'once' | 'pagesOnce' | 'patiently' | 'request'>;

const PERMISSION = 'pull-requests: write';

interface Text extends CommentOrigin {
  readonly body: string;
}

interface Comment extends Text {
  readonly id: number;
}

/** The pull request that started this run; undefined in any other run. */
export function githubPullRequest(env: NodeJS.ProcessEnv): { readonly number: number; readonly base: string } | undefined {
  const [, number] = /^refs\/pull\/(\d+)\/merge$/.exec(env.GITHUB_REF ?? '') ?? [];
  return number === undefined || !env.GITHUB_BASE_REF ? undefined : { number: Number(number), base: env.GITHUB_BASE_REF };
}

/** Writes the one comment of the delivery. */
export function pullRequestComments(
  api: Api, pullRequest: { readonly number: number }, project: string | undefined, about: CommentSubject = 'plan',
): CiPullRequest['comment'] {
  return (body, origin) => new CommentWriter(api, pullRequest.number, { project, about }, body, origin).write();
}

class CommentWriter {
  constructor(
    private readonly api: Api, private readonly number: number,
    private readonly ours: { readonly project: string | undefined; readonly about: CommentSubject },
    private readonly body: string, private readonly origin: CommentOrigin,
  ) {}

  /**
   * Two runs may write at the same time. Each of them keeps the first comment with the text of the newer run, and deletes the others, so it
   * does not matter which one is the last.
   */
  public async write(): Promise<'written' | 'older'> {
    let comments = await this.api.patiently(() => this.find());
    if (comments.length === 0) {
      await this.api.patiently((failed) => this.create(failed !== undefined));
      comments = await this.api.patiently(() => this.find());
    }
    const wanted = comments.reduce<Text>((one, other) => (isNewer(other, one) ? other : one), { ...this.origin, body: this.body });
    const [first, ...others] = comments;
    if (first && !isSame(first, wanted)) await this.update(first, wanted.body);
    for (const other of others) await this.api.patiently(() => this.remove(other));
    return isSame(wanted, this.origin) ? 'written' : 'older';
  }

  /** The first one comes first. */
  private async find(): Promise<Comment[]> {
    const comments = await this.api.pagesOnce({
      ...this.request('list the comments', 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: this.number }),
      isExpected: (data): data is unknown[] => Array.isArray(data),
    });
    return comments.flatMap((comment) => this.read(comment)).sort((a, b) => a.id - b.id);
  }

  private read(comment: unknown): Comment[] {
    if (!isObject(comment) || !isNumber(comment.id) || !isObject(comment.user) || comment.user.login !== BOT || !isText(comment.body)) return [];
    const origin = originOf(comment.body, this.ours.project, this.ours.about);
    return origin === undefined ? [] : [{ id: comment.id, body: comment.body, ...origin }];
  }

  /** @param isAgain whether an earlier request may have created it, and only its response was lost */
  private async create(isAgain: boolean): Promise<void> {
    if (isAgain && (await this.find()).length > 0) return;
    await this.api.once({
      ...this.request('comment', 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: this.number, body: this.body }),
      isExpected: isObject,
    });
  }

  private async update({ id }: Comment, body: string): Promise<void> {
    try {
      await this.api.request({
        ...this.request('update the comment', 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: id, body }),
        isExpected: isObject,
      });
    } catch (error) {
      // a person has deleted it meanwhile
      if (!isGone(error)) throw error;
      await this.api.patiently((failed) => this.create(failed !== undefined));
    }
  }

  private async remove({ id }: Comment): Promise<void> {
    try {
      await this.api.once({
        ...this.request('delete a second comment', 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: id }),
        isExpected: isNothing,
      });
    } catch (error) {
      // another run was faster
      if (!isGone(error)) throw error;
    }
  }

  private request(what: string, route: string, parameters: Record<string, unknown>): Omit<GithubRequest<unknown>, 'isExpected'> {
    return { what: `${what} on pull request ${this.number}`, route, parameters, permission: PERMISSION };
  }
}

function isSame(one: CommentOrigin, other: CommentOrigin): boolean {
  return one.runId === other.runId && one.attempt === other.attempt;
}

function isGone(error: unknown): boolean {
  return error instanceof GithubError && error.status === 404;
}

/** A deletion has an empty response. */
function isNothing(data: unknown): data is undefined | '' {
  return data === undefined || data === '';
}
