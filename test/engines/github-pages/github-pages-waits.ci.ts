/** The driver in time that passes by itself, against git's own server and the stand-in for GitHub's API: what it waits for, and what it refuses. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GithubPagesDriverManifest } from '../../../src/engines/github-pages/manifest';
import { GithubPagesDriver } from '../../../src/engines/github-pages/runtime/github-pages-driver';
import { TarMember } from '../../../src/runtime/artifacts/tar-members';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { githubPages } from '../../../src/runtime/ci/github/pages';
import { CiPages } from '../../../src/runtime/ci/pages';
import { Ref } from '../../../src/runtime/ci/trigger-match';
import { RuntimeContext } from '../../../src/runtime/context';
import { Release } from '../../../src/runtime/release';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../runtime/ledger/instant-clock';

jest.setTimeout(300_000);

const BRANCH = 'gh-pages';
const SETTINGS: GithubPagesDriverManifest = { kind: 'githubPages', directory: 'site', branch: BRANCH, keep: 10, releaseFile: 'delivery-release.json' };
const V1: Release = { version: 'v1', sha: '1'.repeat(40) };
const V2: Release = { version: 'v2', sha: '2'.repeat(40) };
const LIMIT_MS = 100_000;

/** A wait that should have ended long ago fails. */
class LimitedClock extends InstantClock {
  /** Time has passed. */
  public onPass?: () => void;

  public override async sleep(ms: number): Promise<void> {
    if (this.waits.length > 300) throw new Error('it waits without end');
    await super.sleep(ms);
    this.onPass?.();
  }
}

class Shop {
  public static async create(): Promise<Shop> {
    const clock = new LimitedClock();
    const api = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 100_000, now: () => clock.now() });
    const git = await GitServer.start((token) => api.permissionsOf(token)?.contents);
    git.defaultBranch = 'main';
    git.addFiles('main', { 'README.md': 'a shop' });
    git.addFiles(BRANCH, { 'index.html': 'soon' });
    return new Shop(clock, api, git);
  }

  public readonly lines: string[] = [];
  /** When builds were requested, in milliseconds since the epoch. */
  public readonly requestedAt: number[] = [];
  public ref: Ref = { type: 'tag', name: 'v1' };
  /** In the artifact; undefined: the files of the folder are deployed. */
  public members?: TarMember[];
  public branch = BRANCH;
  private readonly folder = mkdtempSync(join(tmpdir(), 'delivery-pages-'));

  private constructor(public readonly clock: LimitedClock, public readonly api: GithubStandIn, public readonly git: GitServer) {
    api.pages.settings = { branch: BRANCH, path: '/', type: 'legacy', domain: null };
    api.pages.head = () => git.head(BRANCH);
    let before = git.head(BRANCH);
    git.onPush = () => {
      const now = git.head(BRANCH);
      if (now !== before) api.pages.pushed();
      before = now;
    };
    this.write('index.html', 'a page');
  }

  public write(path: string, text: string): string {
    const file = join(this.folder, 'site', path);
    mkdirSync(join(this.folder, 'site'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  public get driver(): GithubPagesDriver {
    return new GithubPagesDriver({
      clock: this.clock,
      ci: { pages: this.pages },
      environment: { name: 'production' },
      manifest: this.members ? { artifact: { paths: ['site'] } } : {},
      artifacts: { membersBelow: async () => this.members },
      directory: this.folder,
      run: { ref: this.ref },
      log: { line: (text: string) => void this.lines.push(text) },
      interrupted: new AbortController().signal,
    } as unknown as RuntimeContext, { ...SETTINGS, branch: this.branch });
  }

  public call(call: 'deploy' | 'rollback', release: Release, limitMs = LIMIT_MS): Promise<string> {
    return this.driver.call(call, { release, isRestore: call === 'rollback', giveUpAt: this.clock.now() + limitMs });
  }

  /** Fails with this, and makes no change. */
  public async refuses(message: RegExp, release: Release = V1): Promise<void> {
    await expect(this.driver.preflight({ kind: 'deploy', release })).rejects.toThrow(message);
  }

  public accepts(): Promise<void> {
    return this.driver.preflight({ kind: 'deploy', release: V1 });
  }

  public async destroy(): Promise<void> {
    await Promise.all([this.api.stop(), this.git.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
    expect(this.api.violations).toEqual([]);
  }

  private get pages(): CiPages {
    const { api: { url }, clock, git } = this;
    const token = this.api.token({ contents: 'write', pages: 'write' });
    const pages = githubPages({ api: new GithubApi({ url, token, repository: 'acme/shop', clock }), clock, env: process.env, repository: 'acme/shop', serverUrl: git.url, token });
    // git runs in the time of the machine, which may be busy: its own limit is the largest
    const late = () => clock.now() + 3_600_000;
    return {
      ...pages,
      requestBuild: () => {
        this.requestedAt.push(clock.now());
        return pages.requestBuild();
      },
      commits: (branch, _, patterns) => pages.commits(branch, late(), patterns),
      open: (branch, _, work) => pages.open(branch, late(), work),
      pathsIn: (branch, _, folder) => pages.pathsIn(branch, late(), folder),
    };
  }
}

let shop: Shop;
beforeEach(async () => {
  shop = await Shop.create();
});
afterEach(() => shop.destroy());

describe('a build', () => {
  it('that never ends is waited for until the time limit', async () => {
    const giveUpAt = shop.clock.now() + 30_000;
    shop.api.pages.outcome = () => ({ status: 'building', error: null });
    await expect(shop.call('deploy', V1, 30_000)).rejects.toMatchObject({ kind: 'overdue', message: expect.stringMatching(/^GitHub Pages has not built gh-pages from commit [0-9a-f]{7} within the command's time limit$/) });
    expect(shop.clock.now()).toBeLessThan(giveUpAt);
    expect(shop.clock.now()).toBeGreaterThan(giveUpAt - 10_000);
    expect(shop.requestedAt).toEqual([]);
  });

  it('that never appears is waited for until the time limit, and requested at most once a minute', async () => {
    const began = shop.clock.now();
    shop.api.pages.head = () => undefined;
    await expect(shop.call('deploy', V1)).rejects.toMatchObject({ kind: 'overdue', message: expect.stringContaining('GitHub Pages has not built') });
    expect(shop.clock.now()).toBeLessThan(began + LIMIT_MS);
    expect(shop.requestedAt).toHaveLength(2);
    const [first, second] = shop.requestedAt;
    expect(first! - began).toBeGreaterThanOrEqual(10_000);
    expect(second! - first!).toBeGreaterThanOrEqual(60_000);
  });

  it('that failed is requested once, and the requested one is awaited', async () => {
    const { pages } = shop.api;
    let requestedAt: number | undefined;
    pages.outcome = () => {
      // the requested build is shown only half a minute later
      pages.head = () => undefined;
      return { status: 'errored', error: 'Page build failed.' };
    };
    shop.clock.onPass = () => {
      requestedAt ??= shop.requestedAt[0];
      if (requestedAt === undefined || shop.clock.now() < requestedAt + 30_000 || pages.head?.() !== undefined) return;
      pages.head = () => shop.git.head(BRANCH);
      pages.outcome = undefined;
      pages.pushed();
    };
    expect(await shop.call('deploy', V1)).toContain('gh-pages serves v1');
    expect(shop.requestedAt).toHaveLength(1);
  });

  it('that fails each time is requested three times, a minute apart', async () => {
    shop.api.pages.outcome = () => ({ status: 'errored', error: 'Page build failed.' });
    await expect(shop.call('deploy', V1, 900_000)).rejects.toMatchObject({ kind: 'rejected', message: 'GitHub Pages did not build the site: Page build failed.' });
    expect(shop.requestedAt).toHaveLength(3);
    const [first, second, third] = shop.requestedAt;
    expect(second! - first!).toBeGreaterThanOrEqual(60_000);
    expect(third! - second!).toBeGreaterThanOrEqual(60_000);
  });
});

it('a read that fails for some seconds is repeated, in a deployment and in a rollback', async () => {
  await shop.call('deploy', V1);
  shop.write('index.html', 'the next page');
  const { onPush } = shop.git;
  shop.git.onPush = () => {
    const before = shop.git.head(BRANCH);
    onPush!();
    if (shop.git.text(before!, 'index.html') !== 'the next page') return;
    shop.git.onPush = onPush;
    // git tries three times, and the API five times
    shop.git.readFaults.push(503, 503, 503, 503);
    shop.api.fail({ method: 'GET', path: /\/pages\/builds\/latest$/, times: 6, misbehaviour: { kind: 'status', status: 502 } });
  };
  expect(await shop.call('deploy', V2)).toContain('gh-pages serves v2');
  expect(shop.lines.filter((line) => line.endsWith('read the state again in 3 s')).length).toBeGreaterThanOrEqual(2);
  shop.lines.length = 0;
  shop.git.readFaults.push(502, 502, 502, 502);
  expect(await shop.call('rollback', V1)).toContain('gh-pages serves v1');
  expect(shop.lines.join('\n')).toMatch(/could not be read.*read the state again in 3 s/);
});

it('a read that fails for good ends with the time limit', async () => {
  await shop.call('deploy', V1);
  shop.git.readFaults.push(...Array.from({ length: 200 }, () => 503));
  const giveUpAt = shop.clock.now() + 30_000;
  await expect(shop.call('rollback', V1, 30_000)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(shop.clock.now()).toBeLessThan(giveUpAt);
});

it('a site that someone else made is restored as it was, and keeps the custom domain', async () => {
  const tree = [
    `100644 blob ${shop.git.store('soon')}\tindex.html`,
    `120000 blob ${shop.git.store('index.html')}\tlatest.html`,
    `160000 commit ${'5'.repeat(40)}\ttheme`,
    `100755 blob ${shop.git.store('#!/bin/sh')}\tzebra.sh`,
  ];
  shop.git.setTree(BRANCH, tree);
  const adopted: Release = { version: 'v0', sha: '0'.repeat(40), engineId: shop.git.head(BRANCH)! };
  await shop.call('deploy', V1);
  await shop.call('rollback', adopted);
  expect(shop.git.treeOf(BRANCH)).toEqual(tree);
  expect(shop.git.historyOf(BRANCH)).toHaveLength(1);
  await shop.call('deploy', V1);
  shop.api.pages.settings!.domain = 'docs.example.com';
  await shop.call('rollback', adopted);
  expect(shop.git.treeOf(BRANCH)).toEqual([`100644 blob ${shop.git.store('docs.example.com\n')}\tCNAME`, ...tree]);
});

describe('a branch of source code is refused before anything is changed:', () => {
  it('the one that the run was started for', async () => {
    await shop.accepts();
    shop.ref = { type: 'branch', name: BRANCH };
    await shop.refuses(/^production: Target\.githubPages branch: the run was started for gh-pages, and each release replaces all files of the branch\. Make a branch for the site alone.*Nothing was changed\.$/);
    shop.ref = { type: 'tag', name: BRANCH };
    await shop.accepts();
  });

  it('the default branch, and it is not suggested', async () => {
    shop.api.pages.settings!.branch = 'main';
    await shop.refuses(/serves the branch main, not gh-pages\. Set "Deploy from a branch", gh-pages and \/ \(root\) at \S+\. Nothing was changed\.$/);
    shop.branch = 'main';
    await shop.refuses(/branch: main is the default branch of the repository/);
  });

  it('one with the manifest of a delivery, but not a site that a delivery published', async () => {
    for (const manifest of ['.projen/delivery.json', '.projen/delivery-api.json']) {
      shop.git.addFiles(BRANCH, { 'index.html': 'soon', [manifest]: '{}' });
      await shop.refuses(new RegExp(`branch: gh-pages holds ${manifest.replace(/\./g, '\\.')}, so it is a branch of source code`));
    }
    expect(shop.git.pushes).toBe(0);
    shop.git.addFiles(BRANCH, { 'index.html': 'soon', '.projen/tasks.json': '{}' });
    await shop.accepts();
    await shop.call('deploy', V1);
    await shop.accepts();
  });
});

describe('what GitHub does not take is refused before anything is changed:', () => {
  it('a file over 100 MB, and a site over 1 GB', async () => {
    const video = shop.write('video.mp4', '');
    truncateSync(video, 100 * 1024 ** 2 + 1);
    await shop.refuses(/the site holds video\.mp4 with 101 MB, and GitHub takes files of at most 100 MB.*Nothing was changed\.$/);
    truncateSync(video, 100 * 1024 ** 2);
    await shop.accepts();
    for (let part = 1; part <= 10; part++) truncateSync(shop.write(`${part}.mp4`, ''), 100 * 1024 ** 2);
    await shop.refuses(/the site has 1101 MB, and a site of GitHub Pages has at most 1 GB/);
    expect(shop.git.pushes).toBe(0);
  });

  it('the same in an artifact', async () => {
    const release: Release = { ...V1, artifact: { digest: 'd'.repeat(64) } };
    const member = (name: string, megabytes: number): TarMember => ({ name, type: 'file', size: megabytes * 1024 ** 2 });
    shop.members = [member('index.html', 1), member('video.mp4', 101)];
    await shop.refuses(/the site holds video\.mp4 with 101 MB/, release);
    shop.members = Array.from({ length: 11 }, (_, i) => member(`${i}.mp4`, 100));
    await shop.refuses(/the site has 1100 MB/, release);
  });
});
