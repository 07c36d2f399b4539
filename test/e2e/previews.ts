import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { shortenTimes } from './short-times';
import { DeliveryOptions, HealthCheck, PreviewOptions, ReleaseIdentity, Target } from '../../src';
import { GithubActions, pullRequestEvent, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubActionsOptions } from '../../tools/github-actions-emulator/github-actions';
import { GithubStandIn, StoredComment, StoredIssue } from '../../tools/github-api-stand-in/stand-in';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const REPOSITORY = 'acme/shop';

/** A commit with the file `bad` answers with another version; one with `slow` is deployed when the file `go` is there. */
const DEPLOY = [
  'echo "$DEPLOY_ENV $DELIVERY_SHA $DELIVERY_PREVIEW $DELIVERY_PREVIEW_URL" >> "$PREVIEWS/deployed.log"',
  'if [ -e slow ]; then touch "$PREVIEWS/waiting"; while [ ! -e "$PREVIEWS/go" ]; do sleep 0.1; done; fi',
  'mkdir -p "$PREVIEWS/$DEPLOY_ENV"',
  'if [ -e bad ]; then echo broken; else echo "$DELIVERY_SHA"; fi > "$PREVIEWS/$DEPLOY_ENV/version"',
].join('\n');

const REMOVE = 'echo "$DEPLOY_ENV $DELIVERY_PREVIEW" >> "$PREVIEWS/removed.log"; test ! -e "$PREVIEWS/stuck"; rm -rf "$PREVIEWS/$DEPLOY_ENV"';

type More = Pick<GithubActionsOptions, 'environments' | 'extraEnv'> & Pick<DeliveryOptions, 'setupSteps'>;

/** A repository with previews, its preview.yml executed against the stand-in for GitHub's API, and a server that serves the previews. */
export class PreviewWorld {
  public static async open(options: Partial<PreviewOptions> = {}, more: More = {}): Promise<PreviewWorld> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-previews-'));
    const previews = join(root, 'previews');
    mkdirSync(previews);
    const server = createServer((request, response) => {
      const [, number] = /^pr-(\d+)\.preview\.example\.com$/.exec(request.headers.host ?? '') ?? [];
      const name = number === undefined ? /^\/([a-z]+(?:-\w+)?)\/health$/.exec(request.url ?? '')?.[1] ?? '' : `preview-${number}`;
      const file = join(previews, name, 'version');
      const version = name !== '' && existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
      response.writeHead(version === undefined ? 503 : 200, { connection: 'close' });
      response.end(JSON.stringify({ version }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = await GithubStandIn.start({ repository: REPOSITORY });
    return new PreviewWorld(root, previews, server, api, options, more);
  }

  public readonly actions: GithubActions;
  public readonly workflow: Workflow;
  private readonly repository: string;

  private constructor(
    private readonly root: string, private readonly previews: string, private readonly server: Server, public readonly api: GithubStandIn,
    options: Partial<PreviewOptions>, { extraEnv, setupSteps, ...more }: More,
  ) {
    this.repository = join(root, 'repository');
    this.actions = new GithubActions({
      root, repository: this.repository, api, secrets: { PREVIEW_TOKEN: 'a-secret-value' }, extraEnv: { PREVIEWS: previews, ...extraEnv }, ...more,
    });
    this.synthesize(options, setupSteps);
    this.git('init', '--quiet', '--initial-branch=main');
    this.commit('chore: the delivery');
    api.addRef('refs/heads/main', this.git('rev-parse', 'main'));
    this.workflow = this.actions.addWorkflow('preview.yml', parse(readFileSync(join(this.repository, '.github/workflows/preview.yml'), 'utf8')) as Workflow);
  }

  public async close(): Promise<void> {
    this.actions.cleanUp();
    await this.api.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Where the previews are served. */
  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** What a preview serves; undefined where there is none. */
  public served(name: string): string | undefined {
    const file = join(this.previews, name, 'version');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  public log(name: 'deployed' | 'removed'): string[] {
    const file = join(this.previews, `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** A file that the commands look for. */
  public mark(name: 'go' | 'stuck', isThere = true): void {
    const file = join(this.previews, name);
    if (isThere) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  public isMarked(name: 'waiting'): boolean {
    return existsSync(join(this.previews, name));
  }

  /** A run on schedule, and the runs that it starts. */
  public async sweep(): Promise<readonly RunRecord[]> {
    const before = this.actions.dispatched.length;
    const sha = this.git('rev-parse', 'main');
    const sweep = await this.actions.execute(this.workflow, { name: 'schedule', ref: 'refs/heads/main', sha });
    return [sweep, ...await Promise.all(this.actions.dispatched.slice(before).map(({ record }) => record))];
  }

  public dispatch(inputs: Record<string, string>): Promise<RunRecord> {
    return this.actions.execute(this.workflow, { name: 'workflow_dispatch', ref: 'refs/heads/main', sha: this.git('rev-parse', 'main'), inputs });
  }

  public git(...args: string[]): string {
    const identity = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com'];
    return execFileSync('git', [...identity, ...args], { cwd: this.repository, encoding: 'utf8' }).trim();
  }

  public write(name: string, text: string | undefined): void {
    const file = join(this.repository, name);
    rmSync(file, { force: true });
    if (text !== undefined) writeFileSync(file, text);
  }

  public commit(message: string): void {
    this.git('add', '--all', '--force', '.');
    this.git('commit', '--quiet', '--allow-empty', '-m', message);
  }

  private synthesize(options: Partial<PreviewOptions>, setupSteps: DeliveryOptions['setupSteps']): void {
    const project = plainProject({}, this.repository);
    const base = `http://127.0.0.1:${this.port}/${options.persistent ? 'preview-shared' : 'preview-{number}'}`;
    deliver(project, {
      target: Target.commands({ deploy: DEPLOY, remove: REMOVE }),
      environments: [environment('staging')],
      setupSteps,
      previews: { url: base, healthChecks: [HealthCheck.http(`${base}/health`, { name: 'health', release: ReleaseIdentity.json('version') })], ...options },
    });
    synthesize(project);
    shortenTimes(this.repository);
  }
}

/** A pull request, as its author pushes to it. */
export class PullRequest {
  public readonly number: number;
  public readonly issue: StoredIssue;

  constructor(private readonly world: PreviewWorld, private readonly branch: string, private readonly of = REPOSITORY) {
    this.issue = world.api.addIssue({ title: branch, creator: 'octocat', isPullRequest: true });
    this.number = this.issue.number;
    world.git('branch', branch, 'main');
  }

  public get name(): string {
    return `preview-${this.number}`;
  }

  public get sha(): string {
    return this.world.git('rev-parse', this.branch);
  }

  public get comments(): readonly StoredComment[] {
    return this.issue.comments;
  }

  /** The text of the only comment, entities resolved. */
  public get comment(): string {
    expect(this.comments).toHaveLength(1);
    return this.comments[0]!.body.replace(/<\/?(?:span|code)>/g, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  }

  /** @param files more files of the commit */
  public push({ isBad = false, isSlow = false, files = {} as Readonly<Record<string, string>> } = {}): void {
    this.world.git('checkout', '--quiet', '--force', this.branch);
    this.world.write('bad', isBad ? '' : undefined);
    this.world.write('slow', isSlow ? '' : undefined);
    for (const [name, text] of Object.entries(files)) this.world.write(name, text);
    this.world.commit('feat: a change');
    this.world.git('checkout', '--quiet', '--force', 'main');
  }

  public event(action: string, label?: string) {
    const { api } = this.world;
    if (action === 'closed' || action === 'reopened') this.issue.state = action === 'closed' ? 'closed' : 'open';
    if (action === 'labeled') this.issue.labels = [...this.issue.labels, label!];
    if (action === 'unlabeled') this.issue.labels = this.issue.labels.filter((one) => one !== label);
    api.addRef(`refs/pull/${this.number}/head`, this.sha);
    const sha = this.world.git('commit-tree', `${this.branch}^{tree}`, '-p', 'main', '-p', this.branch, '-m', 'merge');
    this.world.git('update-ref', `refs/pull/${this.number}/merge`, sha);
    this.world.git('update-ref', `refs/pull/${this.number}/head`, this.sha);
    return pullRequestEvent({
      number: this.number, action, isOpen: this.issue.state === 'open', head: this.branch, headSha: this.sha, sha, labels: this.issue.labels, label, repository: REPOSITORY, of: this.of,
    });
  }

  public on(action: string, label?: string): Promise<RunRecord> {
    return this.world.actions.execute(this.world.workflow, this.event(action, label));
  }
}
