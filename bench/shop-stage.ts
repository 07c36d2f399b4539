import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Manifest } from '../src/contract/manifest';
import { CHECKOUT, prepareShop, ShopRelease, ShopWorkspace } from '../test/examples/workspace';
import { GithubActions, pullRequestEvent, RunEvent, RunRecord, Workflow, WorkflowRun } from '../tools/github-actions-emulator';
import { GithubStandIn } from '../tools/github-api-stand-in/stand-in';

const CHANGED = '.projenrc.changed.ts';

/** The shop on this machine, with its workflow as it was synthesized, and a GitHub that executes it. Reviewers approve at once. */
export class ShopStage {
  /** `projenrc` is a definition of the shop, `drilled` the environments on which it has drills. Close what is opened, also after an error. */
  public static async open(projenrc: string, ...drilled: string[]): Promise<ShopStage> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-stage-'));
    return ShopStage.openIn(root, drilled.length > 0 ? withDrills(root, projenrc, drilled) : projenrc);
  }

  /** The shop with tasks that `npx projen` runs, as in the README's quick start. Every job finds projen installed. */
  public static async openWithNpx(projenrc: string): Promise<ShopStage> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-stage-'));
    symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
    const changed = changedDefinition(root, projenrc, 'new ShopProject(options)', 'new ShopProject({ projenCommand: \'npx projen\' })', '.projenrc.npx.ts');
    return ShopStage.openIn(root, changed);
  }

  /** A definition of the shop with changes. */
  public static async openChanged(projenrc: string, change: (definition: string) => string): Promise<ShopStage> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-stage-'));
    mkdirSync(join(root, 'shop'));
    writeFileSync(join(root, 'shop', CHANGED), change(readFileSync(join(CHECKOUT, 'examples', 'shop', projenrc), 'utf8')));
    return ShopStage.openIn(root, CHANGED);
  }

  private static async openIn(root: string, projenrc: string): Promise<ShopStage> {
    let shop: ShopWorkspace | undefined;
    try {
      shop = await prepareShop({ root, projenrc });
      const api = await GithubStandIn.start({ repository: 'acme/shop' });
      const stage = new ShopStage(root, shop, api);
      await shop.start(...stage.manifest.environments.map(({ name }) => name));
      return stage;
    } catch (error) {
      await shop?.stop();
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  public workflow: Workflow;
  public manifest: Manifest;
  /** Receives every event of a run, at once. */
  public onEvent?: (event: RunEvent, at: number, run: WorkflowRun) => void;
  private readonly actions: GithubActions;

  private constructor(private readonly root: string, public readonly shop: ShopWorkspace, private readonly api: GithubStandIn) {
    ({ manifest: this.manifest, workflow: this.workflow } = this.synthesized());
    const approve = async () => true;
    this.actions = new GithubActions({
      root,
      repository: shop.repository,
      api,
      environments: Object.fromEntries(this.manifest.environments.map(({ name }) => [name, { approve }])),
      onEvent: (event, run) => this.onEvent?.(event, Date.now(), run),
    });
  }

  /** Synthesizes another definition in the place of the first one. The next release that is committed has it. */
  public async redefine(projenrc: string): Promise<void> {
    await this.shop.synthesize(projenrc);
    ({ manifest: this.manifest, workflow: this.workflow } = this.synthesized());
  }

  /** Pushes a tag, or `main`, and lets the workflow run; or another workflow of the same repository. */
  public run({ sha }: ShopRelease, ref: string, workflow = this.workflow): Promise<RunRecord> {
    return this.actions.execute(workflow, { name: 'push', ref, sha });
  }

  /** Starts another of its workflows by hand. */
  public dispatch(file: string, { sha }: ShopRelease, inputs: Record<string, string>): Promise<RunRecord> {
    const workflow = this.read(`.github/workflows/${file}`, parse) as Workflow;
    return this.actions.execute(workflow, { name: 'workflow_dispatch', ref: 'refs/heads/main', sha, inputs });
  }

  /** Opens a pull request that changes the definition of `openChanged`, and lets plan.yml run. The text of the comment that it writes. */
  public async commentOn(branch: string, change: (definition: string) => string): Promise<string> {
    const { api, shop } = this;
    const issue = api.addIssue({ title: branch, creator: 'octocat', isPullRequest: true });
    api.addEnvironment('production', { reviewers: ['octocat'], waitMinutes: 30 });
    await shop.git('checkout', '--quiet', '-b', branch);
    const file = join(shop.repository, CHANGED);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    await shop.synthesize(CHANGED);
    await shop.commit('feat: a change');
    const sha = await shop.git('commit-tree', `${branch}^{tree}`, '-p', 'main', '-p', branch, '-m', 'merge');
    await shop.git('update-ref', `refs/pull/${issue.number}/merge`, sha);
    await shop.git('checkout', '--quiet', '--force', 'main');
    const run = await this.actions.execute(this.actions.addWorkflow('plan.yml', this.read('.github/workflows/plan.yml', parse) as Workflow), pullRequestEvent({
      number: issue.number, action: 'opened', head: branch, sha, repository: 'acme/shop',
    }));
    const [comment] = issue.comments;
    if (!comment) throw new Error(`no comment was written:\n${logOf(run)}`);
    return comment.body;
  }

  /** What GitHub's own description of its API would not have allowed. */
  public get violations(): readonly string[] {
    return this.api.violations;
  }

  public async close(): Promise<void> {
    await this.shop.stop();
    this.abandon();
    await this.api.stop();
  }

  /** At once, for a process that is about to be ended. */
  public abandon(): void {
    this.actions.cleanUp();
    rmSync(this.root, { recursive: true, force: true });
  }

  private synthesized(): { readonly manifest: Manifest; readonly workflow: Workflow } {
    return {
      manifest: this.read('.projen/delivery.json', JSON.parse) as Manifest,
      workflow: this.read('.github/workflows/deploy.yml', parse) as Workflow,
    };
  }

  private read(path: string, parser: (text: string) => unknown): unknown {
    return parser(readFileSync(join(this.shop.repository, path), 'utf8'));
  }
}

function withDrills(root: string, projenrc: string, drilled: string[]): string {
  const beginning = 'new Delivery(project, {\n';
  return changedDefinition(root, projenrc, beginning, `${beginning}  drill: { environments: ${JSON.stringify(drilled)} },\n`, '.projenrc.drilled.ts');
}

/** The same definition with one thing changed, where the copy of the shop will lie; its name. */
function changedDefinition(root: string, projenrc: string, what: string, by: string, name: string): string {
  const definition = readFileSync(join(CHECKOUT, 'examples', 'shop', projenrc), 'utf8');
  if (!definition.includes(what)) throw new Error(`${projenrc} has no "${what.trim()}" to change`);
  mkdirSync(join(root, 'shop'));
  writeFileSync(join(root, 'shop', name), definition.replace(what, by));
  return name;
}

/** What every job said: for the error, where a run did not go as it should. */
export function logOf({ jobs }: RunRecord): string {
  return Object.values(jobs).map(({ id, log }) => `${id}:\n${log}`).join('\n');
}

/** However this process ends (a person's ^C, a reader that is gone), what is on stage ends with it. What is returned forgets it. */
export function abandonAtExit(stage: { abandon(): void }): () => void {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  const handlers = Object.entries(signals).map(([signal, code]) => [signal, () => process.exit(code)] as const);
  const leave = () => stage.abandon();
  process.once('exit', leave);
  handlers.forEach(([signal, handler]) => process.once(signal, handler));
  return () => {
    process.off('exit', leave);
    handlers.forEach(([signal, handler]) => process.off(signal, handler));
  };
}
