/** The response to a request. */
export interface ApiResponse<T = unknown> {
  readonly status: number;
  readonly data: T;
  readonly headers: Headers;
}

export interface GithubOptions {
  /** GITHUB_API_URL. */
  readonly url: string;
  /** GITHUB_TOKEN. */
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
}

const ATTEMPTS = 4;
const FIRST_POLL_MS = 500;
const LAST_POLL_MS = 5_000;
const PAGE = 100;

/** GitHub's REST API, as small as the measurements need it. */
export class Github {
  constructor(private readonly options: GithubOptions) {}

  /** One request below the repository; a status that is not `expected` is an error. Reads are repeated when GitHub fails. */
  public async request<T>(method: string, path: string, body: unknown, expected: readonly number[]): Promise<ApiResponse<T>> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.once<T>(method, path, body).catch((error: unknown) => error as Error);
      const isFault = response instanceof Error || response.status >= 500;
      if (isFault && method === 'GET' && attempt < ATTEMPTS) {
        await pause(1000 * attempt);
        continue;
      }
      if (response instanceof Error) throw new Error(`${method} ${path}: ${response.message}`);
      if (!expected.includes(response.status)) throw new Error(`${method} ${path}: HTTP ${response.status} ${JSON.stringify(response.data).slice(0, 200)}`);
      return response;
    }
  }

  public async get<T>(path: string): Promise<T> {
    return (await this.request<T>('GET', path, undefined, [200])).data;
  }

  public async post<T>(path: string, body: unknown, ...expected: number[]): Promise<ApiResponse<T>> {
    return this.request<T>('POST', path, body, expected.length > 0 ? expected : [201]);
  }

  /** What is gone already is fine. */
  public async delete(path: string): Promise<void> {
    await this.request('DELETE', path, undefined, [204, 404, 422]);
  }

  /** All pages of a list, in the order in which GitHub gives them. */
  public async list<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const items = await this.get<T[]>(`${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`);
      all.push(...items);
      if (items.length < PAGE) return all;
    }
  }

  /** Without following a redirect. */
  public async location(path: string): Promise<{ readonly status: number; readonly location: string | undefined }> {
    const response = await fetch(this.address(path), { headers: this.headers, redirect: 'manual' });
    return { status: response.status, location: response.headers.get('location') ?? undefined };
  }

  private async once<T>(method: string, path: string, body: unknown): Promise<ApiResponse<T>> {
    const response = await fetch(this.address(path), {
      method,
      headers: { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    return { status: response.status, data: (text === '' ? undefined : JSON.parse(text)) as T, headers: response.headers };
  }

  private address(path: string): string {
    return `${this.options.url}/repos/${this.options.repository}${path}`;
  }

  private get headers(): Record<string, string> {
    return {
      'authorization': `Bearer ${this.options.token}`,
      'accept': 'application/vnd.github+json',
      'user-agent': 'projen-delivery-conformance',
      'x-github-api-version': '2022-11-28',
    };
  }
}

/** Asks again, less and less often, until there is something; an error that names `what` after `ms`. */
export async function until<T>(what: string, ms: number, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpAt = Date.now() + ms;
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, LAST_POLL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${Math.round(ms / 1000)} s`);
    await pause(waitMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
