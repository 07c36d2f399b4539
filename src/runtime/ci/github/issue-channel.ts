import { createHash } from 'node:crypto';
import type { GithubApi, GithubRequest } from './api';
import { isNumber, isObject, isText } from '../../json-value';
import { fitting, fittingAddress, safeLines, iconOf, ChannelLimits } from '../../notifications/channels/fitting';
import { PostTimeouts } from '../../notifications/channels/posting';
import { Channel, Notification, incidentOf } from '../../notifications/notification';
import { escapeMarkdown, inCode, link } from '../../reporting/markdown';
import { safeLine } from '../../reporting/untrusted-text';

export interface GithubIssueOptions {
  readonly name: string;
  /** In addition to `delivery-alert`, which identifies the issue. */
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly api: Pick<GithubApi, 'once' | 'pages' | 'pagesOnce' | 'patiently'>;
}

/** Only issues of this user count: anyone can open an issue with any label and text. */
const BOT = 'github-actions[bot]';
const LABEL = 'delivery-alert';
const LABEL_COLOUR = 'cf222e';

/**
 * The API rejects a title over 256 and a body or comment over 65,536 characters. Escaping turns one character into up to 18, so title, text and
 * facts are limited to far less before.
 *
 * @see https://github.com/orgs/community/discussions/27190
 */
const LIMIT = { title: 200, text: 2500, url: 2048, fact: 100 } as const satisfies ChannelLimits;

const PERMISSION = 'issues: write';

interface Issue {
  readonly number: number;
  readonly body: string;
}

/**
 * Opens an issue for an incident, comments on it and closes it. The notification's key identifies the issue; its id prevents duplicates.
 */
export function githubIssue(options: GithubIssueOptions, patience: PostTimeouts): Channel {
  return { name: options.name, send: (notification) => new IssueNotifier(options, patience, notification).send() };
}

class IssueNotifier {
  private readonly keyMark: string;
  private readonly idMark: string;

  constructor(private readonly options: GithubIssueOptions, private readonly patience: PostTimeouts, private readonly notification: Notification) {
    this.keyMark = mark('key', notification.key);
    this.idMark = mark('notification', notification.id);
  }

  public async send(): Promise<void> {
    const isClosed = incidentOf(this.notification) === 'closed';
    const open = await this.retrying(() => this.find());
    const [first] = open;
    if (first) await this.retrying(() => this.comment(first));
    else if (!isClosed) await this.retrying((before) => this.open(before !== undefined));
    if (isClosed) for (const issue of open) await this.retrying(() => this.close(issue));
  }

  /** Lowest number first: two may have been opened at the same time. */
  private async find(): Promise<Issue[]> {
    const issues = await this.options.api.pagesOnce({
      ...this.request('list the issues about deployments', 'GET /repos/{owner}/{repo}/issues', { state: 'open', labels: LABEL }),
      isExpected: (data): data is unknown[] => Array.isArray(data),
    });
    const ours = issues.filter(isBots).map(readIssue).filter((issue) => issue !== undefined);
    return ours.filter(({ body }) => body.includes(this.keyMark)).sort((a, b) => a.number - b.number);
  }

  /** @param isAgain whether an earlier request may have opened it, and only its response was lost */
  private async open(isAgain: boolean): Promise<void> {
    if (isAgain && (await this.find()).length > 0) return;
    const { assignees } = this.options;
    const labels = [...new Set([LABEL, ...this.options.labels])];
    for (const label of labels) await this.makeLabel(label);
    await this.options.api.once({
      ...this.request('open an issue', 'POST /repos/{owner}/{repo}/issues', {
        title: `${iconOf(this.notification.event)} ${safeLine(this.notification.title, LIMIT.title)}`,
        body: this.body([this.keyMark, this.idMark]),
        labels,
        ...(assignees.length > 0 && { assignees: [...assignees] }),
      }),
      isExpected: isObject,
    });
  }

  private async comment({ number, body }: Issue): Promise<void> {
    if (body.includes(this.idMark) || (await this.isNotified(number))) return;
    await this.options.api.once({
      ...this.request(`comment on issue ${number}`, 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: number, body: this.body([this.idMark]) }),
      isExpected: isObject,
    });
  }

  private async isNotified(number: number): Promise<boolean> {
    const comments = await this.options.api.pagesOnce({
      ...this.request(`list the comments on issue ${number}`, 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: number }),
      isExpected: (data): data is unknown[] => Array.isArray(data),
    });
    return comments.some((comment) => isBots(comment) && bodyOf(comment).includes(this.idMark));
  }

  private async close({ number }: Issue): Promise<void> {
    await this.options.api.once({
      ...this.request(`close issue ${number}`, 'PATCH /repos/{owner}/{repo}/issues/{issue_number}', { issue_number: number, state: 'closed', state_reason: this.notification.event === 'unwatched' ? 'not_planned' : 'completed' }),
      isExpected: isObject,
    });
  }

  /** GitHub silently drops a label that does not exist, and the issue would not be found again. */
  private async makeLabel(name: string): Promise<void> {
    try {
      await this.options.api.once({
        ...this.request(`make the label ${name}`, 'POST /repos/{owner}/{repo}/labels', { name, ...(name === LABEL && { color: LABEL_COLOUR, description: 'A deployment that needs a person' }) }),
        isExpected: isObject,
      });
    } catch (error) {
      if ((error as { readonly status?: number }).status !== 422) throw error;
    }
  }

  private body(keys: readonly string[]): string {
    const { check, environment, release, runUrl, text, url } = this.notification;
    const facts = [
      link(safeLine(environment, LIMIT.fact), fittingAddress(url, LIMIT.url) ?? ''),
      ...(check === undefined ? [] : [escapeMarkdown(check, LIMIT.fact)]),
      ...(release === undefined ? [] : [`${inCode(release.version, LIMIT.fact)} at ${inCode(release.sha.slice(0, 7))}`]),
      ...(runUrl === undefined ? [] : [link('run', fittingAddress(runUrl, LIMIT.url) ?? '')]),
    ];
    return [
      `**${escapeMarkdown(this.notification.title, LIMIT.title)}**`,
      ...fitting(safeLines(text), LIMIT.text).split('\n').filter((line) => line !== '').map((line) => escapeMarkdown(line, 1000)),
      facts.join(' · '),
      keys.join('\n'),
    ].join('\n\n');
  }

  private request(what: string, route: string, parameters: Record<string, unknown>): Omit<GithubRequest<unknown>, 'isExpected'> {
    return { what, route, parameters, permission: PERMISSION, patienceMs: this.leftMs };
  }

  private retrying<T>(attempt: (before?: unknown) => Promise<T>): Promise<T> {
    return this.options.api.patiently(attempt, this.leftMs);
  }

  private get leftMs(): number {
    return Math.max(1, this.patience.giveUpAt - this.patience.clock.now());
  }
}

/** An invisible mark. It is a hash, so no other text can contain it. */
function mark(of: 'key' | 'notification', text: string): string {
  return `<!-- projen-delivery ${of} ${createHash('sha256').update(text).digest('hex').slice(0, 32)} -->`;
}

function isBots(item: unknown): boolean {
  return isObject(item) && isObject(item.user) && item.user.login === BOT;
}

function bodyOf(item: unknown): string {
  return isObject(item) && isText(item.body) ? item.body : '';
}

/** Undefined for a pull request, which GitHub lists as an issue too. */
function readIssue(item: unknown): Issue | undefined {
  if (!isObject(item) || !isNumber(item.number) || item.pull_request !== undefined) return undefined;
  return { number: item.number, body: bodyOf(item) };
}
