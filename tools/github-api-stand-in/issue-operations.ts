import { Listing } from './listing';
import { user } from './rendering';
import { ApiResponse, Call, ok, Operations, problem, RejectedRequest, ValidationFailed } from './response';

export interface StoredComment {
  readonly id: number;
  body: string;
  readonly creator: string;
  readonly createdAt: string;
}

export interface StoredIssue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  labels: readonly string[];
  readonly assignees: readonly string[];
  readonly creator: string;
  readonly createdAt: string;
  readonly comments: StoredComment[];
  readonly isPullRequest: boolean;
  state: 'open' | 'closed';
  stateReason: string | null;
}

/** @default title and body are empty, and github-actions[bot] made it */
export type NewIssue = Partial<Pick<StoredIssue, 'title' | 'body' | 'labels' | 'assignees' | 'creator' | 'isPullRequest'>>;

export interface IssueOperationsOptions {
  readonly listing: Listing;
  readonly timestamp: () => string;
  readonly apiUrl: () => string;
  /** `owner/name`. */
  readonly repository: string;
}

const BOT = 'github-actions[bot]';
const BODY_LIMIT = 65_536;
const TITLE_LIMIT = 256;

/** Issues, their comments, and labels. */
export class IssueOperations {
  public readonly issues: StoredIssue[] = [];
  public readonly labels = new Set<string>();
  private lastId = 900_000_000;

  constructor(private readonly options: IssueOperationsOptions) {}

  public operations(): Operations {
    return {
      'issues/list-for-repo': (call) => this.list(call),
      'issues/create': (call) => this.create(call),
      'issues/get': (call) => ok(this.rendered(this.issue(call))),
      'issues/update': (call) => this.update(call),
      'issues/list-comments': (call) => this.listComments(call),
      'issues/create-comment': (call) => this.comment(call),
      'issues/update-comment': (call) => this.updateComment(call),
      'issues/delete-comment': (call) => this.deleteComment(call),
      'issues/create-label': (call) => this.createLabel(call),
    };
  }

  /** Whether a request is about a pull request: then a token with `pull-requests` may do what one with `issues` may. */
  public isAboutPullRequest({ comment_id: comment, issue_number: number }: Record<string, string>): boolean {
    const isMeant = (one: StoredIssue) => (
      number === undefined ? one.comments.some(({ id }) => id === Number(comment)) : one.number === Number(number)
    );
    const issue = this.issues.find(isMeant);
    // of a comment that is gone GitHub says so
    return issue?.isPullRequest ?? comment !== undefined;
  }

  /** A comment that others wrote. */
  public addComment(number: number, body: string, creator: string): StoredComment {
    const comment: StoredComment = { id: ++this.lastId, body, creator, createdAt: this.options.timestamp() };
    this.issues.find((issue) => issue.number === number)!.comments.push(comment);
    return comment;
  }

  public add({ title = '', body = '', labels = [], assignees = [], creator = BOT, isPullRequest = false }: NewIssue): StoredIssue {
    if (body.length > BODY_LIMIT) throw new ValidationFailed('Issue', 'body', `body is too long (maximum is ${BODY_LIMIT} characters)`);
    if (title.length > TITLE_LIMIT) throw new ValidationFailed('Issue', 'title', `title is too long (maximum is ${TITLE_LIMIT} characters)`);
    const issue: StoredIssue = {
      id: ++this.lastId, number: this.issues.length + 1, title, body, labels, assignees, creator, isPullRequest, createdAt: this.options.timestamp(), comments: [], state: 'open', stateReason: null,
    };
    this.issues.push(issue);
    return issue;
  }

  /** Pull requests are issues, too. */
  private list({ request }: Call): ApiResponse {
    const { listing } = this.options;
    const { labels, state = 'open' } = request.query;
    const wanted = labels === undefined ? [] : labels.split(',');
    const matching = this.issues.filter((issue) => listing.isSeen(issue)
      && (state === 'all' || issue.state === state)
      && wanted.every((label) => issue.labels.includes(label)));
    return listing.page(request, listing.inOrder(matching), (issue) => this.rendered(issue));
  }

  private create({ request, caller }: Call): ApiResponse {
    const { title, body, labels, assignees } = request.body as { title: string; body?: string; labels?: string[]; assignees?: string[] };
    // without the right to push, labels that are not there yet are dropped without a word
    const known = (labels ?? []).filter((label) => this.labels.has(label));
    const issue = this.add({ title, body, labels: known, assignees, creator: caller.login });
    this.options.listing.hide(issue);
    return { status: 201, body: this.rendered(issue) };
  }

  private update(call: Call): ApiResponse {
    const issue = this.issue(call);
    const { state, state_reason: reason } = call.request.body as { state?: StoredIssue['state']; state_reason?: string };
    if (state) Object.assign(issue, { state, stateReason: reason ?? null });
    return ok(this.rendered(issue));
  }

  private listComments(call: Call): ApiResponse {
    const issue = this.issue(call);
    const { listing } = this.options;
    return listing.page(call.request, issue.comments.filter((comment) => listing.isSeen(comment)), (comment) => this.renderedComment(issue, comment));
  }

  private comment(call: Call): ApiResponse {
    const issue = this.issue(call);
    const { body } = call.request.body as { body: string };
    if (body.length > BODY_LIMIT) throw new ValidationFailed('IssueComment', 'body', 'body is too long');
    const comment: StoredComment = { id: ++this.lastId, body, creator: call.caller.login, createdAt: this.options.timestamp() };
    issue.comments.push(comment);
    this.options.listing.hide(comment);
    return { status: 201, body: this.renderedComment(issue, comment) };
  }

  private updateComment(call: Call): ApiResponse {
    const [issue, comment] = this.commentOf(call);
    const { body } = call.request.body as { body: string };
    if (body.length > BODY_LIMIT) throw new ValidationFailed('IssueComment', 'body', 'body is too long');
    comment.body = body;
    return ok(this.renderedComment(issue, comment));
  }

  private deleteComment(call: Call): ApiResponse {
    const [{ comments }, comment] = this.commentOf(call);
    comments.splice(comments.indexOf(comment), 1);
    return { status: 204 };
  }

  private commentOf({ parameters }: Call): [StoredIssue, StoredComment] {
    for (const issue of this.issues) {
      const comment = issue.comments.find(({ id }) => id === Number(parameters.comment_id));
      if (comment) return [issue, comment];
    }
    throw new RejectedRequest(404, 'Not Found');
  }

  private createLabel({ request }: Call): ApiResponse {
    const { name, color, description } = request.body as { name: string; color?: string; description?: string };
    if (this.labels.has(name)) return { ...problem(422, 'Validation Failed'), body: { message: 'Validation Failed', documentation_url: 'https://docs.github.com/rest', errors: [{ resource: 'Label', code: 'already_exists', field: 'name' }] } };
    this.labels.add(name);
    return { status: 201, body: { id: ++this.lastId, node_id: 'LA_1', url: `${this.repositoryUrl}/labels/${name}`, name, color: color ?? 'ededed', default: false, description: description ?? null } };
  }

  private issue({ parameters }: Call): StoredIssue {
    const issue = this.issues.find(({ number }) => number === Number(parameters.issue_number));
    if (!issue) throw new RejectedRequest(404, 'Not Found');
    return issue;
  }

  private rendered(issue: StoredIssue): Record<string, unknown> {
    const url = `${this.repositoryUrl}/issues/${issue.number}`;
    return {
      url,
      repository_url: this.repositoryUrl,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: `https://github.com/${this.options.repository}/issues/${issue.number}`,
      id: issue.id,
      node_id: `I_${issue.id}`,
      number: issue.number,
      title: issue.title,
      user: user(this.options.apiUrl(), issue.creator),
      labels: issue.labels.map((name, i) => ({ id: i + 1, node_id: `LA_${i}`, url: `${this.repositoryUrl}/labels/${name}`, name, color: 'ededed', default: false, description: null })),
      state: issue.state,
      state_reason: issue.stateReason,
      locked: false,
      assignee: null,
      assignees: issue.assignees.map((login) => user(this.options.apiUrl(), login)),
      milestone: null,
      comments: issue.comments.length,
      created_at: issue.createdAt,
      updated_at: issue.createdAt,
      closed_at: issue.state === 'closed' ? issue.createdAt : null,
      author_association: 'NONE',
      body: issue.body,
      ...(issue.isPullRequest && { pull_request: { url, html_url: url, diff_url: url, patch_url: url } }),
    };
  }

  private renderedComment(issue: StoredIssue, { id, body, creator, createdAt }: StoredComment): Record<string, unknown> {
    return {
      id,
      node_id: `IC_${id}`,
      url: `${this.repositoryUrl}/issues/comments/${id}`,
      html_url: `https://github.com/${this.options.repository}/issues/${issue.number}#issuecomment-${id}`,
      issue_url: `${this.repositoryUrl}/issues/${issue.number}`,
      body,
      user: user(this.options.apiUrl(), creator),
      created_at: createdAt,
      updated_at: createdAt,
      author_association: 'NONE',
    };
  }

  private get repositoryUrl(): string {
    return `${this.options.apiUrl()}/repos/${this.options.repository}`;
  }
}
