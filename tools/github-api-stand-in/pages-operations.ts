import { user } from './rendering';
import { ok, Operations, RejectedRequest } from './response';

/** What a person set for the site. */
export interface PagesSettings {
  branch: string;
  path: '/' | '/docs';
  type: 'legacy' | 'workflow';
  domain: string | null;
}

export interface PagesBuild {
  readonly commit: string;
  /** ISO 8601. */
  readonly madeAt: string;
  status: 'queued' | 'building' | 'built' | 'errored';
  error: string | null;
}

export interface PagesOptions {
  readonly apiUrl: () => string;
  /** `owner/name`. */
  readonly repository: () => string;
  /** ISO 8601. */
  readonly timestamp: () => string;
}

const BOT = 'github-actions[bot]';

/** The web site of the repository: a push to its branch begins a build, and what was built is served. */
export class Pages {
  /** Undefined: the repository has no site. */
  public settings: PagesSettings | undefined;
  /** Oldest first. */
  public readonly builds: PagesBuild[] = [];
  /** Whether a push of a workflow's token begins a build. @default true */
  public buildsPushes = true;
  /** A build has ended. */
  public onBuild?: () => void;
  /** The commit that the branch leads to. */
  public head?: () => string | undefined;
  /** What a build ends with. @default - it is built at once */
  public outcome?: (commit: string) => Pick<PagesBuild, 'status' | 'error'>;

  constructor(private readonly options: PagesOptions) {}

  /** The commit of the newest build that went well: what users get. */
  public get served(): string | undefined {
    return [...this.builds].reverse().find(({ status }) => status === 'built')?.commit;
  }

  /** The branch was pushed to. */
  public pushed(): void {
    if (this.buildsPushes) this.build();
  }

  public operations(): Operations {
    return {
      'repos/get-pages': () => {
        const { settings } = this;
        if (!settings) throw new RejectedRequest(404, 'Not Found');
        const { branch, domain, path, type } = settings;
        return ok({
          url: this.url, status: 'built', cname: domain, custom_404: false, html_url: 'https://acme.github.io/shop/', build_type: type, source: { branch, path }, public: true, https_enforced: true,
        });
      },
      'repos/get-latest-pages-build': () => {
        const build = this.builds.at(-1);
        if (!build) throw new RejectedRequest(404, 'Not Found');
        return ok({
          url: `${this.url}/builds/${this.builds.length}`,
          status: build.status,
          error: { message: build.error },
          pusher: user(this.options.apiUrl(), BOT),
          commit: build.commit,
          duration: 1_000,
          created_at: build.madeAt,
          updated_at: this.options.timestamp(),
        });
      },
      'repos/request-pages-build': () => {
        this.build();
        return { status: 201, body: { url: `${this.url}/builds/latest`, status: 'queued' } };
      },
    };
  }

  private build(): void {
    const commit = this.head?.();
    if (!this.settings || commit === undefined) return;
    this.builds.push({ commit, madeAt: this.options.timestamp(), ...this.outcome?.(commit) ?? { status: 'built', error: null } });
    this.onBuild?.();
  }

  private get url(): string {
    return `${this.options.apiUrl()}/repos/${this.options.repository()}/pages`;
  }
}
