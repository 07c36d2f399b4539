/** plan.yml, executed: pull requests of a branch and of a fork, as their authors open, change, close and reopen them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DeliveryOptions, Duration, HealthCheck, ReleaseIdentity, Target, Trigger } from '../../src';
import { GithubActions, pullRequestEvent, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn, StoredIssue } from '../../tools/github-api-stand-in/stand-in';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const REPOSITORY = 'acme/shop';
const BOT = 'github-actions[bot]';

let root: string;
let repository: string;
let api: GithubStandIn;
let actions: GithubActions;
let plan: Workflow;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-pull-requests-'));
  repository = join(root, 'repository');
  api = await GithubStandIn.start({ repository: REPOSITORY });
  actions = new GithubActions({ root, repository, api, secrets: { API_KEY: 'a-secret-value' } });
  write({});
  git('init', '--quiet', '--initial-branch=main');
  commit('chore: the delivery');
  plan = actions.addWorkflow('plan.yml', parse(readFileSync(join(repository, '.github/workflows/plan.yml'), 'utf8')) as Workflow);
  api.addEnvironment('production', { reviewers: ['octocat'], waitMinutes: 30 });
});

afterEach(() => expect(api.violations).toEqual([]));

afterAll(async () => {
  actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

describe('a pull request of a branch', () => {
  let pull: PullRequest;
  beforeAll(() => {
    pull = new PullRequest('slower-checks');
  });

  it('opened: one comment says what the merge does, in words', async () => {
    pull.push({ failureThreshold: 5 });
    const run = await pull.on('opened');
    expect(run.conclusion).toBe('success');
    const [comment, ...others] = pull.comments;
    expect(others).toEqual([]);
    expect(comment.creator).toBe(BOT);
    const text = shown(comment.body);
    expect(text).toContain('Merging into main deploys to staging, then production');
    expect(text).toContain('**production**: health check production.example.com/health: failureThreshold 3 -> 5');
    expect(text).toContain('**production**: worst-case detection 17 s -> 27 s');
    expect(text).toContain('one of <code>octocat</code>, and a wait of 30 min');
    expect(text).toContain('it is the first deployment');
    expect(text).not.toContain('**staging**: health check');
    expect(shown(run.jobs.plan_merge.summary)).toContain('failureThreshold 3 -> 5');
  });

  it('pushed to twice, closed and reopened: the same comment, with what is true now', async () => {
    const { id } = pull.comments[0];
    for (const failureThreshold of [4, 2]) {
      pull.push({ failureThreshold });
      expect((await pull.on('synchronize')).conclusion).toBe('success');
      expect(pull.comments.map((one) => one.id)).toEqual([id]);
      expect(shown(pull.comments[0].body)).toContain(`failureThreshold 3 -> ${failureThreshold}`);
    }
    expect(actions.trigger(plan, pull.event('closed'))).toBeUndefined();
    expect((await pull.on('reopened')).conclusion).toBe('success');
    expect(pull.comments.map((one) => one.id)).toEqual([id]);
  });

  it('two runs at the same time, with lists that lag: as soon as a run sees both comments there is one, and that of others is left alone', async () => {
    const other = new PullRequest('race');
    other.push({ failureThreshold: 7 });
    api.addComment(other.number, '<!-- projen-delivery plan : 999999.1 -->\nlooks like ours', 'mallory');
    api.readLag = 2;
    const runs = ['opened', 'reopened'].map((action) => actions.trigger(plan, other.event(action))!);
    await Promise.all(runs.map((run) => run.execute()));
    api.readLag = 0;
    // the first one does not see both yet
    for (const action of ['synchronize', 'reopened']) expect((await other.on(action)).conclusion).toBe('success');
    expect(other.comments.map(({ creator }) => creator)).toEqual(['mallory', BOT]);
  });

  it('two comments, as two runs without a common queue leave them: the first one is kept, with the newer text', async () => {
    const { id, body } = pull.comments[0];
    api.addComment(pull.number, body, BOT);
    pull.push({ failureThreshold: 6 });
    await pull.on('synchronize');
    expect(pull.comments.map((one) => one.id)).toEqual([id]);
    expect(shown(pull.comments[0].body)).toContain('failureThreshold 3 -> 6');
  });

  it('an older run that comes late does not replace the plan of a newer one', async () => {
    const older = actions.trigger(plan, pull.event('synchronize'))!;
    pull.push({ failureThreshold: 9 });
    await pull.on('synchronize');
    const { body } = pull.comments[0];
    const late = await older.execute();
    expect(late.jobs.comment.log).toContain('shows the plan of a newer run already');
    expect(pull.comments.map((one) => one.body)).toEqual([body]);
  });
});

it('a pull request of a fork: the summary of the job, no comment, no secret, and no token that writes', async () => {
  const pull = new PullRequest('patch-1', 'mallory/shop');
  pull.push({ failureThreshold: 5 });
  const before = api.requests.length;
  const run = await pull.on('opened');
  expect(run.conclusion).toBe('success');
  expect(run.jobs.comment.result).toBe('skipped');
  expect(shown(run.jobs.plan_merge.summary)).toContain('failureThreshold 3 -> 5');
  expect(pull.comments).toEqual([]);
  expect(api.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(JSON.stringify(plan)).not.toContain('secrets.');
});

it('a manifest that wants to be more than text: no mention, no link, no HTML, no second heading', async () => {
  const pull = new PullRequest('hostile');
  const hostile = '@acme/team <img src=x> [click](https://evil.example) | `x` #1 <!-- projen-delivery plan : 9.1 -->';
  pull.push({ variables: { NOTE: hostile } });
  await pull.on('opened');
  const { body } = pull.comments[0];
  for (const mark of ['@', '<img', '](https://evil', '`x`', ' #1', '<!-- projen-delivery plan : 9']) expect(body).not.toContain(mark);
  expect(shown(body)).toContain('variable.NOTE');
});

it('a runtime of the pull request that forges the text: the job with the right to comment runs the runtime of the base', async () => {
  const pull = new PullRequest('forged');
  pull.push({});
  const runtime = join(repository, '.projen/delivery.cjs');
  overwrite(runtime, `
    const fs = require('node:fs');
    fs.appendFileSync(process.env.GITHUB_OUTPUT, 'comment<<X\\n@acme/team <!-- projen-delivery plan : 99999999.1 -->\\nX\\n');
    console.log('forged runtime in ' + process.argv[2]);
  `);
  commit('feat: forged');
  const run = await pull.on('opened');
  expect(run.jobs.plan_merge.log).toContain('forged runtime');
  expect(run.jobs.comment.log).not.toContain('forged runtime');
  const { body } = pull.comments[0];
  expect(body).toMatch(/^<!-- projen-delivery plan : \d+\.1 -->\n&#64;&#8203;acme\/team &lt;!--/);
  git('checkout', '--quiet', '--force', 'forged');
  git('checkout', '--quiet', 'main', '--', '.projen/delivery.cjs');
  commit('fix: what projen wrote');
  // what it wrote does not keep the next plan from being shown
  pull.push({ failureThreshold: 5 });
  await pull.on('synchronize');
  expect(shown(pull.comments[0].body)).toContain('failureThreshold 3 -> 5');
});

it('nothing is ever recorded: no job may write deployments, and none tried', () => {
  expect(Object.values(plan.jobs).map(({ permissions }) => permissions)).toEqual([
    { contents: 'read', deployments: 'read', actions: 'read' }, { 'contents': 'read', 'pull-requests': 'write' },
  ]);
  expect(api.deployments()).toEqual([]);
  expect(api.requests.filter(({ method, path }) => method !== 'GET' && !/\/issues\/(comments\/)?\d+(\/comments)?$/.test(path))).toEqual([]);
});

it('into another branch: nothing runs', () => {
  expect(actions.trigger(plan, pullRequestEvent({ number: 99, action: 'opened', base: 'feature', head: 'x', sha: '0'.repeat(40), repository: REPOSITORY }))).toBeUndefined();
});

it('the pull request that adds the delivery: a summary, and no comment before its runtime is merged', async () => {
  const pull = new PullRequest('first');
  git('checkout', '--quiet', '--orphan', 'empty');
  git('rm', '-rqf', '--cached', '.');
  git('commit', '--quiet', '--allow-empty', '-m', 'chore: nothing yet');
  const sha = git('commit-tree', 'main^{tree}', '-p', 'empty', '-p', 'main', '-m', 'merge');
  git('update-ref', `refs/pull/${pull.number}/merge`, sha);
  git('checkout', '--quiet', '--force', 'main');
  const run = await actions.execute(plan, pullRequestEvent({ number: pull.number, action: 'opened', head: 'first', sha, repository: REPOSITORY }));
  expect(run.conclusion).toBe('success');
  expect(run.jobs.comment.result).toBe('skipped');
  expect(run.jobs.plan_merge.summary).toContain('this adds the delivery, with staging, production');
});

interface Change {
  readonly failureThreshold?: number;
  readonly variables?: Record<string, string>;
}

/** What `npx projen` writes, with a change of production. */
function write({ failureThreshold, variables }: Change): void {
  const project = plainProject({}, repository);
  const url = 'https://production.example.com/health';
  deliver(project, {
    target: Target.tasks({ deploy: 'ship' }),
    pullRequests: { plan: true },
    environments: [
      environment('staging'),
      environment('production', {
        trigger: Trigger.after('staging'),
        variables,
        healthChecks: [HealthCheck.http(url, { release: ReleaseIdentity.json('version'), failureThreshold, interval: Duration.seconds(2), timeout: Duration.seconds(5) })],
      }),
    ],
  } satisfies Partial<DeliveryOptions>);
  synthesize(project);
}

class PullRequest {
  public readonly number: number;
  private readonly issue: StoredIssue;

  constructor(private readonly branch: string, private readonly of = REPOSITORY) {
    this.issue = api.addIssue({ title: branch, creator: 'octocat', isPullRequest: true });
    this.number = this.issue.number;
    git('branch', branch, 'main');
  }

  public push(change: Change): void {
    git('checkout', '--quiet', '--force', this.branch);
    write(change);
    commit('feat: a change');
  }

  public event(action: string) {
    // what GitHub makes of it: the merge into the branch
    const sha = git('commit-tree', `${this.branch}^{tree}`, '-p', 'main', '-p', this.branch, '-m', 'merge');
    git('update-ref', `refs/pull/${this.number}/merge`, sha);
    git('checkout', '--quiet', '--force', 'main');
    return pullRequestEvent({ number: this.number, action, head: this.branch, sha, repository: REPOSITORY, of: this.of });
  }

  public on(action: string): Promise<RunRecord> {
    return actions.execute(plan, this.event(action));
  }

  public get comments() {
    return this.issue.comments;
  }
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com'];
  return execFileSync('git', [...identity, ...args], { cwd: repository, encoding: 'utf8' }).trim();
}

function commit(message: string): void {
  git('add', '--all', '--force', '.');
  git('commit', '--quiet', '--allow-empty', '-m', message);
}

/** What projen writes is read-only. */
function overwrite(file: string, text: string): void {
  rmSync(file);
  writeFileSync(file, text);
}

/** As GitHub shows it: entities resolved. */
function shown(markdown: string): string {
  return markdown.replace(/<\/?span>/g, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
