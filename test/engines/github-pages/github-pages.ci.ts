/** The driver against git's own server over HTTP, and the stand-in for GitHub's API. Each command is a process of the bundled runtime. */
import { PagesWorld } from './pages-world';

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

it('publishes a release, and the next one: one commit on the branch, each file byte for byte, and a reference for each release', async () => {
  const shop = await world();
  const before = shop.site.git.head('gh-pages');
  expect(await shop.ship('v1')).toMatchObject({ code: 0 });
  expect(shop.site.files).toEqual({
    '.nojekyll': '', 'index.html': 'v1\n', '_assets/app.js': 'shared', 'pages/v1.html': 'v1', 'delivery-release.json': `{"sha":"${shop.world.git('rev-parse', 'v1')}"}\n`,
  });
  await shop.stands('v1');
  shop.build('v2', 'good', { '.gitattributes': '* text eol=crlf\n', '.gitignore': '*\n', 'lines.txt': 'a\nb\r\n' });
  expect(await shop.deploy('v2')).toMatchObject({ code: 0 });
  expect(shop.site.files).toMatchObject({ 'index.html': 'v2\n', 'lines.txt': 'a\nb\r\n', '.gitignore': '*\n' });
  expect(shop.site.files).not.toHaveProperty(['pages/v1.html']);
  expect(shop.site.git.historyOf('gh-pages')).toHaveLength(1);
  expect(shop.site.kept.map((ref) => ref.replace(/[0-9a-f]{16,}/g, '#')).sort()).toEqual(['refs/delivery/pages/#-#', 'refs/delivery/pages/#-#', 'refs/delivery/pages/adopted-#']);
  expect(shop.site.kept).toContain(`refs/delivery/pages/adopted-${before}`);
  await shop.stands('v2');
});

it('goes back to the files of Stable when a release is bad, and by hand', async () => {
  const shop = await world();
  await shop.ship('v1');
  expect(await shop.ship('v2', 'bad')).toMatchObject({ code: 1, outputs: { state: 'rolledBack' } });
  await shop.stands('v1');
  expect(shop.site.files).toHaveProperty(['pages/v1.html']);
  await shop.ship('v3');
  // the job that goes back has no files
  shop.write({});
  expect(await shop.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).toMatchObject({ code: 0 });
  await shop.stands('v1');
  expect(await shop.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).toMatchObject({ code: 0 });
  await shop.stands('v1');
});

it('keeps each release before users get it with blue/green', async () => {
  const shop = await world({}, 'blueGreen');
  await shop.ship('v1');
  const { output } = await shop.ship('v2');
  expect(output).not.toContain('error');
  await shop.stands('v2');
});

it('keeps the custom domain of the settings, and the one that a release brings', async () => {
  const shop = await world();
  shop.site.api.pages.settings!.domain = 'docs.example.com';
  await shop.ship('v1');
  expect(shop.site.files).toMatchObject({ CNAME: 'docs.example.com\n' });
  shop.site.api.pages.settings!.domain = 'www.example.com';
  shop.build('v2', 'bad', { CNAME: 'new.example.com' });
  let brought: string | undefined;
  const { pages: site } = shop.site.api;
  site.onBuild = () => { brought ??= shop.site.files!.CNAME; };
  await shop.deploy('v2');
  expect(brought).toBe('new.example.com');
  expect(shop.site.files).toMatchObject({ 'CNAME': 'www.example.com\n', 'index.html': 'v1\n' });
});

it('restores what someone else put there, once it is recorded', async () => {
  const shop = await world();
  const by = shop.site.git.head('gh-pages')!;
  shop.build('v1');
  shop.site.api.pages.pushed();
  shop.site.serve();
  shop.forgetIdentity();
  const adopted = await shop.deliver('adopt', 'production', '--release', 'v1', '--reason', 'it was there');
  expect(adopted).toMatchObject({ code: 0 });
  expect(await shop.ship('v2', 'bad')).toMatchObject({ code: 1, outputs: { state: 'rolledBack' } });
  expect(shop.site.files).toMatchObject({ 'index.html': 'soon' });
  expect(shop.site.kept).toContain(`refs/delivery/pages/adopted-${by}`);
  expect((await shop.status()).changedByHand).toBeUndefined();
});

it('reports what someone else pushed, and the next release replaces it', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.site.git.addFiles('gh-pages', { 'index.html': 'by hand' });
  expect((await shop.status()).changedByHand).toMatch(/commit [0-9a-f]{7} of gh-pages/);
  expect(await shop.ship('v2')).toMatchObject({ code: 0 });
  await shop.stands('v2');
});

it('deletes old releases, but never the live one, Stable, or what it does not know', async () => {
  const shop = await world({ keep: 2 });
  await shop.ship('v1');
  shop.site.git.copy('gh-pages', 'refs/delivery/pages/mine');
  for (const version of ['v2', 'v3']) expect(await shop.ship(version)).toMatchObject({ code: 0 });
  const names = shop.site.kept.filter((ref) => !ref.endsWith('mine'));
  expect(names.map((ref) => ['v2', 'v3'].find((version) => ref.includes(shop.world.git('rev-parse', version)))).sort()).toEqual(['v2', 'v3']);
  expect(shop.site.kept).toContain('refs/delivery/pages/mine');
});

it('shows in the plan which files change', async () => {
  const shop = await world();
  await shop.ship('v1');
  shop.build('v2');
  const { summary } = await shop.deliver('plan', 'production');
  for (const line of ['| removed | file | pages/v1.html |', '| changed | file | index.html |', '| added | file | pages/v2.html |']) expect(summary).toContain(line);
  expect(summary).not.toContain('app.js');
});
