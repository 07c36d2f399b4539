/** The driver where GitHub, the network or someone else gets in its way, and where its process is killed. */
import { PagesWorld } from './pages-world';
import { PagesSettings } from '../../../tools/github-api-stand-in/pages-operations';
import { Permissions } from '../../../tools/github-api-stand-in/stand-in';

jest.setTimeout(300_000);

let pages: PagesWorld | undefined;
afterEach(async () => {
  await pages?.destroy();
  pages = undefined;
});

async function world(...given: Parameters<typeof PagesWorld.create>): Promise<PagesWorld> {
  pages = await PagesWorld.create(...given);
  return pages;
}

/** What is wrong, and how it is put right again. */
type Spoil = (shop: PagesWorld) => () => void;

const settings = (changes: Partial<PagesSettings> | undefined): Spoil => ({ site: { api: { pages: site } } }) => {
  const before = site.settings!;
  site.settings = changes && { ...before, ...changes };
  return () => { site.settings = before; };
};
const permissions = (changed: Permissions): Spoil => ({ site }) => {
  const before = site.permissions;
  site.permissions = changed;
  return () => { site.permissions = before; };
};
const files = (written: Record<string, string>): Spoil => (shop) => {
  shop.write(written);
  return () => shop.write({ 'index.html': 'v2' });
};

it('refuses what cannot work before anything is changed', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.build('v2');
  const { git } = shop.site;
  const goneStable: Spoil = ({ site }) => {
    const refs = git.refs('refs/delivery/pages/');
    for (const ref of site.kept) git.deleteRef(ref);
    return () => { for (const [ref, commit] of Object.entries(refs)) git.setRef(ref, commit); };
  };
  const cases: readonly [Spoil, RegExp][] = [
    [settings(undefined), /GitHub Pages is not enabled for the repository\. Set "Deploy from a branch", gh-pages and \/ \(root\) at http/],
    [settings({ type: 'workflow' }), /published by a workflow.*Set "Deploy from a branch"/],
    [settings({ branch: 'main' }), /branch: GitHub Pages serves the branch main, not gh-pages\. Set "Deploy from a branch", gh-pages and \/ \(root\) at \S+\. Nothing was changed/],
    [settings({ path: '/docs' }), /GitHub Pages serves the folder \/docs of the branch/],
    [permissions({ contents: 'read', pages: 'write' }), /the job's token may not do it.*contents: write and pages: write/],
    [permissions({ contents: 'write' }), /HTTP 403.*contents: write and pages: write/],
    [goneStable, /no reference below refs\/delivery\/pages\/ with the site of v1 .*could not be rolled back/],
    [files({ 'index.html': 'v2', 'delivery-release.json': '{}' }), /machine\/site holds delivery-release\.json, which the target writes/],
    [files({ 'index.html': 'v2', 'sub/.git/config': '' }), /holds sub\/\.git\/config, which is a part of a git repository/],
    [files({}), /Target\.githubPages directory: machine\/site/],
  ];
  const { pushes } = git;
  for (const [spoil, message] of cases) {
    const putRight = spoil(shop);
    const { code, output } = await shop.deploy('v2');
    expect(output).toMatch(message);
    expect(output).toContain('Nothing was changed');
    expect(code).not.toBe(0);
    putRight();
  }
  expect(git.pushes).toBe(pushes);
  await shop.stands('v1');
});

it('repeats a push after a response that is lost, a server error, and too many requests', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.site.git.faults.push({ isResponseLost: true }, { isResponseLost: true });
  expect(await shop.ship('v2')).toMatchObject({ code: 0 });
  shop.site.git.faults.push({ status: 503 }, { status: 429 });
  expect(await shop.ship('v3')).toMatchObject({ code: 0 });
  for (const path of [/\/pages$/, /\/pages\/builds\/latest$/]) shop.site.api.fail({ path, method: 'GET', misbehaviour: { kind: 'status', status: 502 } });
  expect(await shop.ship('v4')).toMatchObject({ code: 0 });
  await shop.stands('v4');
});

it.each<[string, (shop: PagesWorld) => void, number, string, RegExp, string]>([
  ['a conflict', ({ site: { git } }) => git.faults.push({}, { before: () => git.addFiles('gh-pages', { 'index.html': 'by hand' }) }), 3, 'halted',
    /someone else moved gh-pages from [0-9a-f]{7} to [0-9a-f]{7} meanwhile; it serves .* which is left alone/, 'by hand'],
  ['a rule that comes in between', ({ site: { git } }) => git.faults.push({}, { before: () => git.reject(['error: GH006: Protected branch update failed for refs/heads/gh-pages.']) }), 1, 'rolledBack',
    /a branch protection rule forbids it/, 'v1'],
  ['no space on the server', ({ site: { git } }) => git.faults.push({}, { before: () => git.reject(['fatal: write error: No space left on device']) }), 1, 'rolledBack', /No space left on device/, 'v1'],
  ['GitHub is not reached', ({ site: { git } }) => git.faults.push({}, ...Array.from({ length: 99 }, () => ({ status: 503 }))), 3, 'halted', /could not be written.*503|time limit/, 'v1'],
  ['a token that is not valid any more', ({ site: { git } }) => git.faults.push({}, ...Array.from({ length: 99 }, () => ({ status: 401 }))), 3, 'halted', /the job's token is not accepted/, 'v1'],
])('is not the release\'s fault: %s', async (_, spoil, code, state, cause, users) => {
  const shop = await world();
  await shop.ship('v1');
  shop.limitCommands(20_000);
  spoil(shop);
  expect((await shop.ship('v2')).code).toBe(code);
  shop.site.git.faults.length = 0;
  shop.site.git.reject(undefined);
  expect(await shop.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
});

it('a rule that forbids the push fails the release, and says which; users keep Stable', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.build('v2');
  shop.site.git.reject(['error: GH006: Protected branch update failed for refs/heads/gh-pages.', 'error: Cannot force-push to this branch']);
  const { code, output } = await shop.deploy('v2');
  expect(output).toMatch(/a branch protection rule forbids it \(Cannot force-push to this branch\).*allow force pushes/);
  expect(code).not.toBe(0);
  expect(shop.site.served).toBe('v1');
});

it('requests a build where a push begins none', async () => {
  const shop = await world();
  shop.site.api.pages.buildsPushes = false;
  shop.site.api.pages.onBuild = () => shop.site.serve();
  expect(await shop.ship('v1')).toMatchObject({ code: 0 });
  expect(shop.site.api.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/pages/builds'))).toHaveLength(1);
  await shop.stands('v1');
});

it('goes back where GitHub does not build the release', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.build('v2');
  const { pages: site } = shop.site.api;
  site.outcome = (commit) => (shop.site.git.text(commit, 'index.html') === 'v2\n' ? { status: 'errored', error: 'Page build failed.' } : { status: 'built', error: null });
  const { code, output } = await shop.deploy('v2');
  expect(output).toContain('GitHub Pages did not build the site: Page build failed.');
  expect(code).toBe(1);
  await shop.stands('v1');
  expect(shop.site.files).toMatchObject({ 'index.html': 'v1\n' });
});

it('is killed while git has its push, and after git took it: the next job recovers, and the next release is published', async () => {
  const shop = await world();
  await shop.ship('v1');
  let stop: (() => void) | undefined;
  const kill = () => stop!();
  // of each release, the second push moves the branch
  for (const [version, fault] of [['v2', { before: kill, isLost: true }], ['v3', { after: kill, isResponseLost: true }]] as const) {
    shop.build(version);
    shop.site.git.faults.push({}, fault);
    expect((await shop.deploy(version, (_, end) => { stop = () => end('SIGKILL'); })).code).not.toBe(0);
    await shop.recover();
    await shop.stands('v1');
  }
  expect(await shop.ship('v4')).toMatchObject({ code: 0 });
  await shop.stands('v4');
});
