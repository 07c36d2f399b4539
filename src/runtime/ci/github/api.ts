import type { OctokitResponse } from '@octokit/types';
import { octokitFetch } from './octokit-fetch';
import { formatDuration } from '../../../contract/duration-text';
import { Clock } from '../../clock';
import { EventLogError } from '../../event-log/event-log';
import { isRejectedByProxy } from '../../http/proxy';
import { isObject, isText } from '../../json-value';
import { maskedLine, masker } from '../../reporting/masking';

export interface GithubApiOptions {
  /** @default 'https://api.github.com' */
  readonly url?: string;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly clock: Clock;
  /** How long one request may take, in milliseconds. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** How long a request is retried, including waits, in milliseconds. @default 90000 */
  readonly patienceMs?: number;
  /** The fix for a rejected request. @default - the fix in a job */
  readonly remedy?: Remedy;
  /** The fix if GitHub does not respond. @default - run the job again */
  readonly retryAdvice?: string;
}

/** One sentence, or none; `permission` as in a job's `permissions`: `deployments: write`. */
export type Remedy = (status: number, permission: string, repository: string) => string;

/** A request that failed. Its message contains the fix, and no secrets. */
export class GithubError extends EventLogError {
  /** The HTTP status; undefined without a response. */
  public readonly status?: number;
  /** Whether the same request may succeed later. */
  public readonly transient: boolean;
  /** How long to wait according to GitHub, in milliseconds. */
  public readonly waitMs?: number;

  constructor(message: string, detail: { readonly status?: number; readonly transient: boolean; readonly waitMs?: number }) {
    super(message);
    this.status = detail.status;
    this.transient = detail.transient;
    this.waitMs = detail.waitMs;
  }

  /** Whether GitHub may have executed the request: its response was lost or invalid. */
  public get mayBeDone(): boolean {
    return this.transient && (this.status === undefined || this.status === 200 || this.status >= 500);
  }
}

/** A request, for messages and for octokit. */
export interface GithubRequest<T> {
  /** As in `GitHub did not <what>`. */
  readonly what: string;
  /** `GET /repos/{owner}/{repo}/...`; owner and repo are filled in. */
  readonly route: string;
  readonly parameters?: Record<string, unknown>;
  /** What the token needs, for the fix: `deployments: write`. */
  readonly permission: string;
  /** Checks the response: it may be a proxy's error page. */
  readonly isExpected: (data: unknown) => data is T;
  /** How long it is retried, in milliseconds. @default that of the API */
  readonly patienceMs?: number;
  /** Whether it is about what this process created: GitHub may show that late, so its 404 is transient. @default false */
  readonly showsLate?: boolean;
}

export interface GithubResponse<T> {
  readonly data: T;
  readonly hasNextPage: boolean;
}

/** Each wait is twice as long as the one before, up to the last. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 16_000;
/** GitHub's documented wait after a secondary rate limit without a time. */
const SECONDARY_LIMIT_WAIT_MS = 60_000;
const MESSAGE_LIMIT = 200;

/**
 * GitHub's REST API. Retries a request after a reset, a timeout, a server error or a rate limit, but not after other errors.
 *
 * Built on GitHub's `@octokit/request`. The plugins of `@octokit/core` would replace some 40 lines here with 91 KB, and were tried:
 * plugin-retry repeats a POST whose response was lost, which creates a second record; plugin-throttling waits by this machine's clock
 * (0 s instead of 4 s if that is an hour ahead), uses timers that ignore `Clock`, and takes 4 s for five writes.
 */
export class GithubApi {
  public readonly repository: string;
  private readonly url: string;
  private readonly requestTimeoutMs: number;
  private readonly patienceMs: number;

  constructor(private readonly options: GithubApiOptions) {
    this.repository = options.repository;
    this.url = options.url ?? 'https://api.github.com';
    this.requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.patienceMs = options.patienceMs ?? 90_000;
  }

  /** Whether the connection is encrypted, as all connections to github.com are. */
  public get isEncrypted(): boolean {
    return this.url.startsWith('https:');
  }

  /** Sends a request, with retries. Rejects with `GithubError`. */
  public request<T>(request: GithubRequest<T>): Promise<GithubResponse<T>> {
    return this.patiently(() => this.once(request), request.patienceMs);
  }

  /** All pages of a list. `isEnough` ends it earlier. Rejects with `GithubError`. */
  public pages<T>(request: GithubRequest<T[]>, isEnough: (pages: readonly T[][]) => boolean = () => false): Promise<T[]> {
    return this.readPages((page) => this.request(page), request, isEnough);
  }

  /** As `pages`, without retries: for use within `patiently`. */
  public pagesOnce<T>(request: GithubRequest<T[]>, isEnough: (pages: readonly T[][]) => boolean = () => false): Promise<T[]> {
    return this.readPages((page) => this.once(page), request, isEnough);
  }

  /** Repeats `attempt` while it fails with a transient `GithubError` and there is time. Each attempt gets the error of the one before. */
  public async patiently<T>(attempt: (before?: GithubError) => Promise<T>, patienceMs = this.patienceMs): Promise<T> {
    const { clock } = this.options;
    const giveUpAt = clock.now() + patienceMs;
    let before: GithubError | undefined;
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(before);
      } catch (error) {
        if (!(error instanceof GithubError) || !error.transient) throw error;
        before = error;
      }
      const waitMs = Math.max(before.waitMs ?? 0, Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LAST_WAIT_MS));
      if (clock.now() + waitMs > giveUpAt) throw exhausted(before, tries, this.options.retryAdvice ?? RETRY_IN_JOB);
      await clock.sleep(waitMs);
    }
  }

  /** Sends a request once. Rejects with `GithubError`. */
  public async once<T>(request: GithubRequest<T>): Promise<GithubResponse<T>> {
    const response = await this.send(request);
    if (!request.isExpected(response.data)) throw new GithubError(`GitHub did not ${request.what}: its response has an unexpected format.`, { status: 200, transient: true });
    return { data: response.data, hasNextPage: /;\s*rel="next"/.test(response.headers.link ?? '') };
  }

  /** The target of a redirect, which is not followed, because the token is for GitHub only. Rejects with `GithubError`. */
  public location(request: Omit<GithubRequest<unknown>, 'isExpected'>): Promise<URL> {
    return this.patiently(async () => {
      const { headers: { location }, status } = await this.send(request, 'manual');
      const to = location !== undefined && URL.canParse(location, this.url) ? new URL(location, this.url) : undefined;
      if (to === undefined) throw new GithubError(`GitHub did not ${request.what}: it responded with HTTP ${status} without an address.`, { status: 200, transient: true });
      return to;
    }, request.patienceMs);
  }

  private async send(
    request: Omit<GithubRequest<unknown>, 'isExpected'>, redirect: 'follow' | 'manual' = 'follow',
  ): Promise<OctokitResponse<unknown>> {
    const { route, parameters, patienceMs } = request;
    const [owner, repo] = this.repository.split('/');
    const timeoutMs = Math.min(this.requestTimeoutMs, patienceMs ?? Infinity);
    const signal = AbortSignal.timeout(timeoutMs);
    let isRejected = false;
    const fetch: typeof octokitFetch = (...args) => octokitFetch(...args).catch((error: unknown) => {
      // octokit keeps only the message of an error
      isRejected = isRejectedByProxy(error);
      throw error;
    });
    try {
      return await loadRequest()(route, {
        owner,
        repo,
        ...parameters,
        baseUrl: this.url,
        headers: {
          'authorization': `Bearer ${this.options.token}`,
          'accept': 'application/vnd.github+json',
          'user-agent': 'projen-delivery',
          'x-github-api-version': '2022-11-28',
        },
        request: { signal, redirect, log: SILENT, fetch },
      });
    } catch (error) {
      throw this.explain(request, error, { isRejected, timedOutAfterMs: signal.aborted ? timeoutMs : undefined });
    }
  }

  private async readPages<T>(
    send: (request: GithubRequest<T[]>) => Promise<GithubResponse<T[]>>,
    request: GithubRequest<T[]>,
    isEnough: (pages: readonly T[][]) => boolean,
  ): Promise<T[]> {
    const pages: T[][] = [];
    for (let page = 1; ; page++) {
      const { data, hasNextPage } = await send({ ...request, parameters: { ...request.parameters, per_page: 100, page } });
      pages.push(data);
      if (!hasNextPage || data.length === 0 || isEnough(pages)) return pages.flat();
    }
  }

  private explain({ permission, showsLate, what }: Omit<GithubRequest<unknown>, 'isExpected'>, error: unknown, { isRejected, timedOutAfterMs }: NoResponse): GithubError {
    const response = responseOf(error);
    if (!response) {
      const reason = timedOutAfterMs ? `no response within ${formatDuration(timedOutAfterMs)}` : this.presentable((error as Error).message);
      return new GithubError(`GitHub (${this.url}) did not ${what}: ${reason}.`, { transient: !isRejected });
    }
    const { status } = response;
    const said = isObject(response.data) && isText(response.data.message) ? `: ${this.presentable(response.data.message)}` : '';
    const failure = `GitHub did not ${what} (HTTP ${status}${said}).`;
    const waitMs = this.requestedWaitMs(response, said);
    if (status >= 500 || status === 429 || (status === 403 && waitMs !== undefined)) {
      const until = waitMs === undefined ? '' : ` It requests a wait until ${new Date(this.options.clock.now() + waitMs).toISOString()}.`;
      return new GithubError(`${failure}${until}`, { status, transient: true, waitMs });
    }
    if (status === 404 && showsLate) return new GithubError(`${failure} It was created a moment ago, so GitHub shows it late.`, { status, transient: true });
    const remedy = this.options.remedy ?? remedyInJob;
    return new GithubError(`${failure} ${remedy(status, permission, this.repository)}`.trim(), { status, transient: false });
  }

  /** Undefined if GitHub names no time: then it is not a rate limit. */
  private requestedWaitMs({ status, headers }: Rejection, said: string): number | undefined {
    const retryAfter = Number(headers['retry-after'] ?? NaN);
    if (Number.isFinite(retryAfter)) return retryAfter * 1000;
    if (status !== 403 && status !== 429) return undefined;
    const reset = Number(headers['x-ratelimit-reset'] ?? NaN);
    // by GitHub's clock, because the runner's may differ; one second more, because both headers are in whole seconds
    const now = Date.parse(String(headers.date)) || this.options.clock.now();
    if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset)) return Math.max(reset * 1000 + 1000 - now, 0);
    return status === 429 || /secondary rate limit|abuse/i.test(said) ? SECONDARY_LIMIT_WAIT_MS : undefined;
  }

  private presentable(text: string): string {
    return maskedLine(text, masker([this.options.token]), MESSAGE_LIMIT);
  }
}

/** Why there was no response. */
interface NoResponse {
  /** A proxy rejected the connection: a retry does not help. */
  readonly isRejected: boolean;
  readonly timedOutAfterMs?: number;
}

interface Rejection {
  readonly status: number;
  readonly headers: Record<string, string | number | undefined>;
  readonly data: unknown;
}

/** octokit gives an error without a response the status 500, so only the response counts. */
function responseOf(error: unknown): Rejection | undefined {
  return (error as { readonly response?: Rejection }).response;
}

function remedyInJob(status: number, permission: string, repository: string): string {
  switch (status) {
    case 401: return 'The token is not valid: pass `GITHUB_TOKEN: ${{ github.token }}` to this step.';
    case 403: return `The job needs \`permissions: ${permission}\`.`;
    case 404: return `Either it is gone, or this token cannot see it: check that ${repository} is the repository, and that the job has \`permissions: ${permission}\`.`;
    default: return '';
  }
}

const RETRY_IN_JOB = 'run the job again when GitHub responds (https://www.githubstatus.com)';

function exhausted(error: GithubError, attempts: number, advice: string): GithubError {
  const again = `Tried ${attempts} time${attempts === 1 ? '' : 's'}; ${advice}.`;
  return new GithubError(`${error.message} ${again}`, error);
}

/** Nothing from a server is written to the job's log. */
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Loaded with the first request, to keep the start-up of every command short. */
function loadRequest(): typeof import('@octokit/request').request {
  // eslint-disable-next-line @typescript-eslint/no-require-imports, import/no-extraneous-dependencies -- loaded when it is needed, and bundled
  return (require('@octokit/request') as typeof import('@octokit/request')).request;
}
