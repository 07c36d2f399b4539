import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitServer } from './git-server';
import { GithubStandIn } from './stand-in';

const BRANCH = 'gh-pages';

/**
 * The site of a repository: git's own server, whose repository is a folder of the machine, and GitHub's API. What was built last is what the machine serves:
 * the text of `index.html` is the release.
 */
export class PagesStandIn {
  public readonly env = {};
  private api?: GithubStandIn;
  private git!: GitServer;
  /** Where the branch led to when it was seen last. */
  private before?: string;

  constructor(private readonly machine: string) {}

  /** Where git reaches the repository. */
  public get serverUrl(): string {
    return this.git.url;
  }

  public async listen(): Promise<void> {
    this.git = await GitServer.start((token) => this.api?.permissionsOf(token)?.contents, 'acme/shop', join(this.machine, 'git'));
    this.git.onPush = () => this.look();
    this.reset();
  }

  /** The branch is there before the first release. */
  public reset(): void {
    this.git.create();
    this.git.addFiles(BRANCH, { 'index.html': 'soon' });
  }

  /** A new API serves what the repository has now. */
  public attach(api: GithubStandIn): void {
    this.api = api;
    api.pages.settings = { branch: BRANCH, path: '/', type: 'legacy', domain: null };
    api.pages.head = () => this.git.head(BRANCH);
    this.before = this.git.head(BRANCH);
    if (this.git.text(this.before!, 'index.html') !== 'soon') api.pages.pushed();
  }

  public async stop(): Promise<void> {
    await this.git.stop();
  }

  private look(): void {
    const now = this.git.head(BRANCH);
    if (now === this.before) return;
    this.before = now;
    const { pages } = this.api!;
    pages.pushed();
    writeFileSync(join(this.machine, 'page'), this.git.text(pages.served!, 'index.html')!);
    writeFileSync(join(this.machine, 'live'), 'page\n');
  }
}
