/** The synthesized monitor.yml with a status page, executed as in shop.ci.ts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { shortenTimes } from './short-times';
import { readData, StatusData } from '../../src/runtime/status-page/status-data';
import { GithubActions, RunRecord, shortened, Workflow } from '../../tools/github-actions-emulator';
import { GitServer } from '../../tools/github-api-stand-in/git-server';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let git: GitServer;
let actions: GithubActions;
let release: ShopRelease;
let monitor: Workflow;

afterEach(async () => {
  await shop.stop();
  const left = actions.cleanUp();
  await api.stop();
  await git.stop();
  rmSync(root, { recursive: true, force: true });
  expect(api.violations).toEqual([]);
  expect(left).toEqual([]);
});

async function prepare(kind: 'branch' | 'artifact'): Promise<void> {
  root = mkdtempSync(join(tmpdir(), 'delivery-page-'));
  process.env.STATUS_PAGE = kind;
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'status-page.projenrc.ts') });
  delete process.env.STATUS_PAGE;
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  git = await GitServer.start((token) => api.permissionsOf(token)?.contents);
  actions = new GithubActions({ root, repository: shop.repository, api, serverUrl: git.url, times: shortened(0.2) });
  const read = (name: string) => actions.addWorkflow(`${name}.yml`, parse(readFileSync(join(shop.repository, `.github/workflows/${name}.yml`), 'utf8')) as Workflow);
  monitor = read('monitor');
  await shop.start('staging');
  release = await shop.commitRelease('good');
  expect((await actions.execute(read('deploy'), { name: 'push', ref: 'refs/heads/main', sha: release.sha })).conclusion).toBe('success');
}

async function watch(): Promise<RunRecord> {
  return actions.execute(monitor, { name: 'schedule', ref: 'refs/heads/main', sha: await shop.git('rev-parse', 'main') });
}

const marksOf = (data: string) => (readData(data) as StatusData).environments.staging.overall.runs.map(({ mark }) => mark);

test('on a branch: each run of the watch replaces its one commit, also one that finds the service down', async () => {
  await prepare('branch');
  expect((await watch()).conclusion).toBe('success');
  expect(git.filesOf('delivery-status')!['badge-staging.svg']).toContain(`staging: ${release.version} healthy`);
  await shop.stop();
  const down = await watch();
  expect(down).toMatchObject({ conclusion: 'failure', jobs: { watch: { outputs: { verdict: 'firing' } } } });
  const files = git.filesOf('delivery-status')!;
  expect(marksOf(files['data.json'])).toEqual(['healthy', 'bad']);
  expect(files['index.html']).toMatch(/firing: \S+\/health on staging/);
  expect(git.historyOf('delivery-status')).toHaveLength(1);
});

test('as an artifact: each run\'s page is made of the one before', async () => {
  await prepare('artifact');
  const [first, second] = [await watch(), await watch()];
  expect([first.conclusion, second.conclusion]).toEqual(['success', 'success']);
  const third = await watch();
  const [kept] = actions.artifacts.of(third.runId);
  expect(kept.name).toBe('delivery-status');
  expect(marksOf(readFileSync(join(kept.folder, 'data.json'), 'utf8'))).toEqual(['healthy', 'healthy', 'healthy']);
});
