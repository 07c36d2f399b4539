import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GithubPagesDriverManifest } from '../../../src/engines/github-pages/manifest';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { GithubStandIn, Permissions } from '../../../tools/github-api-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const DIRECTORY = 'machine/site';
const BRANCH = 'gh-pages';

/** What serves the site: the branch of the repository, as it was built last. */
class PagesStandIn {
  /** Of the job's token. */
  public permissions: Permissions = { contents: 'write', pages: 'write' };

  constructor(public readonly git: GitServer, public readonly api: GithubStandIn, private readonly machine: string) {
    api.pages.settings = { branch: BRANCH, path: '/', type: 'legacy', domain: null };
    api.pages.head = () => git.head(BRANCH);
    let before = git.head(BRANCH);
    git.onPush = () => {
      const now = git.head(BRANCH);
      if (now !== before) api.pages.pushed();
      before = now;
      this.serve();
    };
  }

  /** The process environment of a job. */
  public get env(): Record<string, string> {
    return { GITHUB_API_URL: this.api.url, GITHUB_SERVER_URL: this.git.url, GITHUB_TOKEN: this.api.token(this.permissions), GITHUB_REPOSITORY: 'acme/shop' };
  }

  public get files(): Record<string, string> | undefined {
    return this.git.filesOf(BRANCH);
  }

  /** What users get of the page. */
  public get served(): string | undefined {
    const { served } = this.api.pages;
    return served === undefined ? undefined : this.git.text(served, 'index.html')?.trim();
  }

  /** The names of the releases that the repository keeps. */
  public get kept(): string[] {
    return Object.keys(this.git.refs('refs/delivery/pages/'));
  }

  public serve(): void {
    const { served } = this;
    if (served === undefined) return;
    writeFileSync(join(this.machine, 'only'), served);
    writeFileSync(join(this.machine, 'live'), 'only');
  }
}

/** A repository whose target is its site, with git's own server and the stand-in for GitHub's API. */
export class PagesWorld extends DriverWorld<PagesStandIn> {
  public static async create(settings: Partial<GithubPagesDriverManifest> = {}, strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<PagesWorld> {
    const driver: GithubPagesDriverManifest = { kind: 'githubPages', directory: DIRECTORY, branch: BRANCH, keep: 10, releaseFile: 'delivery-release.json', ...settings };
    const world = await World.create(strategy, slotsTarget(driver, strategy));
    const api = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 100_000 });
    const git = await GitServer.start((token) => api.permissionsOf(token)?.contents);
    // the branch is there before the site is set up
    git.addFiles(BRANCH, { 'index.html': 'soon' });
    return new PagesWorld(world, new PagesStandIn(git, api, join(world.root, 'machine')));
  }

  private release = '';
  private lastRun = 0;

  public get site(): PagesStandIn {
    return this.aws;
  }

  /** Releases a new commit, and builds its site. */
  public build(version: string, behaviour: Behaviour = 'good', files: Readonly<Record<string, string>> = {}): void {
    this.release = version;
    this.world.release(version, behaviour);
    this.write({ 'index.html': `${version}\n`, '_assets/app.js': 'shared', [`pages/${version}.html`]: version, ...files });
  }

  public write(files: Readonly<Record<string, string>>): void {
    const folder = join(this.world.root, DIRECTORY);
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }

  /** As a step of a job. */
  public deliver(...args: string[]): Promise<Ended> {
    return this.step(this.world.newRun(), args);
  }

  /** The job that deploys, and the one that confirms the release from a fresh runner. Returns the end of the job that failed, or of the last one. */
  public async deploy(version: string, onLine?: OnLine): Promise<Ended> {
    this.release = version;
    const id = this.lastRun = this.world.newRun();
    const deployed = await this.step(id, ['deploy', 'production'], onLine);
    return deployed.code === 0 ? this.step(id, ['monitor', 'production']) : deployed;
  }

  /** The job of the same run that recovers a deployment that is still open. */
  public recover(): Promise<Ended> {
    return this.step(this.lastRun, ['rollback', 'production', '--recover']);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  public async destroy(): Promise<void> {
    const { api, git } = this.site;
    await Promise.all([this.world.destroy(), api.stop(), git.stop()]);
    expect(api.violations).toEqual([]);
  }

  private step(id: number, args: string[], onLine?: OnLine): Promise<Ended> {
    return this.world.step({ id, tag: this.release, env: this.site.env, onLine }, ...args);
  }
}
