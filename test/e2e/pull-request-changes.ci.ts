/** plan.yml with the changes of the engine, executed: the package that a pull request would release, compared with the one that users have. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Target } from '../../src';
import { GithubActions, pullRequestEvent, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn, StoredIssue } from '../../tools/github-api-stand-in/stand-in';
import { NpmStandIn, writeTarball } from '../../tools/npm-stand-in/stand-in';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const REPOSITORY = 'acme/shop';

let root: string;
let repository: string;
let api: GithubStandIn;
let npm: NpmStandIn;
let actions: GithubActions;
let plan: Workflow;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-changes-'));
  repository = join(root, 'repository');
  api = await GithubStandIn.start({ repository: REPOSITORY });
  npm = new NpmStandIn(join(root, 'registry'));
  await npm.listen();
  const { NPM_TOKEN, ...extraEnv } = npm.env;
  actions = new GithubActions({ root, repository, api, secrets: { NPM_TOKEN: NPM_TOKEN! }, extraEnv });
  const project = plainProject({}, repository);
  deliver(project, {
    target: Target.npm({ packageName: '@acme/shop', directory: 'packed' }), pullRequests: { plan: true, changes: true }, environments: [environment('npm')],
  });
  synthesize(project);
  git('init', '--quiet', '--initial-branch=main');
  pack('1.0.0', {});
  commit('chore: the delivery');
  plan = actions.addWorkflow('plan.yml', parse(readFileSync(join(repository, '.github/workflows/plan.yml'), 'utf8')) as Workflow);
});

afterEach(() => expect(api.violations).toEqual([]));

afterAll(async () => {
  actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

it('a pull request of a branch: the comment says what users of the package would get', async () => {
  const { issue, run } = await open('bigger', () => pack('1.1.0', { note: 'x'.repeat(2_000) }));
  expect(run.conclusion).toBe('success');
  const [comment, ...others] = issue.comments;
  expect(others).toEqual([]);
  const text = shown(comment.body);
  expect(text).toContain('### Changes of the engines');
  expect(text).toMatch(/changed.*package.*@acme\/shop@1\.1\.0.*1 file of \d+ B in 0\.9\.0 -> 1 file of 2\.1 kB/);
  expect(text).toMatch(/changed.*file.*package\.json/);
  expect(npm.changes).toEqual([]);
});

it('the job that reads the registry runs nothing of the pull request', async () => {
  const { run } = await open('forged', () => {
    rmSync(join(repository, '.projen/delivery.cjs'));
    writeRuntime('console.log(\'forged runtime in \' + process.argv[2]);');
  });
  expect(run.jobs.plan_merge.log).toContain('forged runtime in plan-merge');
  expect(run.jobs.changes_npm.log).not.toContain('forged runtime');
  expect(run.jobs.changes_npm.log).toContain('changes of the engine: ');
});

it.each<[string, () => void, string]>([
  ['a registry that does not respond', () => npm.fails({ on: 'dist-tag-ls', nth: 1, times: 99, how: 'unavailable' }), 'Changes of the engine: unknown'],
  ['a build that fails', () => rmSync(join(repository, 'packed'), { recursive: true }), 'the job that reads them did not run'],
])('%s: the plan says so, with all the rest', async (branch, break_, expected) => {
  const { issue, run } = await open(branch.replaceAll(' ', '-'), break_);
  npm.fails();
  expect(shown(issue.comments[0].body)).toContain(expected);
  expect(shown(issue.comments[0].body)).toContain('Merging into main deploys to npm');
  expect(run.jobs.comment.result).toBe('success');
});

it('a pull request of a fork: no job builds, and none reads', async () => {
  const { issue, run } = await open('fork', () => pack('6.6.6', {}), 'mallory/shop');
  expect([run.jobs.build.result, run.jobs.changes_npm.result, run.jobs.plan_merge.result]).toEqual(['skipped', 'skipped', 'success']);
  expect(shown(run.jobs.plan_merge.summary)).toContain('as for a pull request of a fork');
  expect(issue.comments).toEqual([]);
});

async function open(branch: string, change: () => void, of = REPOSITORY): Promise<{ readonly issue: StoredIssue; readonly run: RunRecord }> {
  const issue = api.addIssue({ title: branch, creator: 'octocat', isPullRequest: true });
  git('checkout', '--quiet', '-b', branch, 'main');
  change();
  commit('feat: a change');
  const sha = git('commit-tree', `${branch}^{tree}`, '-p', 'main', '-p', branch, '-m', 'merge');
  git('update-ref', `refs/pull/${issue.number}/merge`, sha);
  git('checkout', '--quiet', '--force', 'main');
  const run = await actions.execute(plan, pullRequestEvent({ number: issue.number, action: 'opened', head: branch, sha, repository: REPOSITORY, of }));
  return { issue, run };
}

function pack(version: string, manifest: Record<string, unknown>): void {
  writeTarball(join(repository, 'packed/shop.tgz'), { name: '@acme/shop', version, release: `v${version}`, ...manifest });
}

function writeRuntime(text: string): void {
  execFileSync('tee', [join(repository, '.projen/delivery.cjs')], { input: text, stdio: ['pipe', 'ignore', 'inherit'] });
}

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com', ...args], { cwd: repository, encoding: 'utf8' }).trim();
}

function commit(message: string): void {
  git('add', '--all', '--force', '.');
  git('commit', '--quiet', '--allow-empty', '-m', message);
}

/** As GitHub shows it: entities resolved. */
function shown(markdown: string): string {
  return markdown.replace(/<\/?span>|\u200b|&#8203;/g, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
