import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { shortenTimes } from './short-times';
import { CdkStandIn, writeAssembly } from '../../tools/aws-cdk-stand-in/stand-in';
import { GithubActions, GithubActionsOptions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareExample, Workspace } from '../examples/workspace';

export interface CdkShopOptions {
  /** In `fixtures`. It finds the shop's URL in `APP_URL`. */
  readonly projenrc: string;
  /** How its workflows are executed. */
  readonly actions: (shop: { readonly root: string; readonly aws: CdkStandIn }) => Omit<GithubActionsOptions, 'api' | 'repository' | 'root'>;
}

export interface CdkRelease {
  readonly assembly?: Parameters<typeof writeAssembly>[2];
  /** Gets the commit before its tag is pushed. */
  readonly onCommit?: (sha: string) => void;
}

/** A shop whose users get what the stand-in for the CDK deployed last, with its deploy.yml, executed. */
export class CdkShop {
  public static async open({ actions, projenrc }: CdkShopOptions): Promise<CdkShop> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-cdk-'));
    const aws = new CdkStandIn(join(root, 'aws'));
    const bad = new Set<string>();
    const server = createServer((_, response) => {
      response.statusCode = bad.has(aws.served ?? '') ? 500 : 200;
      response.end(JSON.stringify({ version: aws.served ?? 'none' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env.APP_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const workspace = await prepareExample('shop', { root, projenrc: join(__dirname, 'fixtures', projenrc) });
    delete process.env.APP_URL;
    shortenTimes(workspace.repository);
    await workspace.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
    const api = await GithubStandIn.start({ repository: 'acme/shop' });
    const executed = new GithubActions({ ...actions({ root, aws }), root, repository: workspace.repository, api });
    return new CdkShop(root, workspace, aws, bad, server, api, executed);
  }

  private constructor(
    public readonly root: string, private readonly workspace: Workspace, public readonly aws: CdkStandIn,
    /** Releases with which users get errors. */
    public readonly bad: Set<string>,
    private readonly server: Server, public readonly api: GithubStandIn, public readonly actions: GithubActions,
  ) {}

  /** A person pushes the tag of a release, whose build makes this assembly. */
  public async push(tag: string, { assembly, onCommit }: CdkRelease = {}): Promise<RunRecord> {
    writeAssembly(join(this.workspace.repository, 'assembly'), tag, assembly);
    const sha = await this.workspace.commit(`feat: ${tag}`);
    onCommit?.(sha);
    await this.workspace.git('tag', tag);
    const workflow = parse(readFileSync(join(this.workspace.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
    return this.actions.execute(workflow, { name: 'push', ref: `refs/tags/${tag}`, sha });
  }

  /** Checks that no run left a process or a file. */
  public async close(): Promise<void> {
    this.server.close();
    const left = this.actions.cleanUp();
    await this.api.stop();
    rmSync(this.root, { recursive: true, force: true });
    expect(left).toEqual([]);
  }
}
