import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { shortenTimes } from './short-times';
import { GithubActions, RunRecord, shortened, Workflow } from '../../tools/github-actions-emulator';
import { GithubActionsOptions } from '../../tools/github-actions-emulator/github-actions';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';
import { Receiver } from '../runtime/notifications/receiver';

export interface WatchedShopOptions extends Pick<GithubActionsOptions, 'environments' | 'onEvent'> {
  /** Where the watch reports that all is well. @default - the receiver of the alerts */
  readonly heartbeatUrl?: string;
}

const WORKFLOWS = ['deploy', 'rollback', 'monitor'] as const;

/** The shop's staging with its deploy.yml, rollback.yml and monitor.yml, executed, and a receiver of its alerts. */
export class WatchedShop {
  public static async open({ heartbeatUrl, ...options }: WatchedShopOptions = {}): Promise<WatchedShop> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-watched-'));
    const shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'watch.projenrc.ts') });
    shortenTimes(shop.repository);
    await shop.commit('chore: short times for the tests');
    const api = await GithubStandIn.start({ repository: 'acme/shop' });
    const receiver = await Receiver.start();
    const secrets = { ALERT_WEBHOOK: receiver.address, HEARTBEAT_URL: heartbeatUrl ?? receiver.address };
    const actions = new GithubActions({ root, repository: shop.repository, api, times: shortened(0.2), secrets, ...options });
    await shop.start('staging');
    return new WatchedShop(root, shop, api, receiver, actions);
  }

  public readonly workflows: Readonly<Record<typeof WORKFLOWS[number], Workflow>>;

  private constructor(
    private readonly root: string, public readonly shop: ShopWorkspace, public readonly api: GithubStandIn, public readonly receiver: Receiver,
    public readonly actions: GithubActions,
  ) {
    const added = WORKFLOWS.map((name) => [name, this.add(`${name}.yml`)] as const);
    this.workflows = Object.fromEntries(added) as Record<typeof WORKFLOWS[number], Workflow>;
  }

  /** A release that passes its gate. */
  public async push(...what: Parameters<ShopWorkspace['commitRelease']>): Promise<ShopRelease> {
    const release = await this.shop.commitRelease(...what);
    expect((await this.actions.execute(this.workflows.deploy, onMain(release.sha))).conclusion).toBe('success');
    return release;
  }

  /** A release that passes its gate, and fails soon afterwards. */
  public async turnsBad(): Promise<ShopRelease> {
    const bad = await this.push('error', { afterRequests: 150 });
    for (;;) {
      if ((await this.health()).status !== 200) return bad;
    }
  }

  public async watch(): Promise<RunRecord> {
    return this.actions.execute(this.workflows.monitor, { ...onMain(await this.shop.git('rev-parse', 'main')), name: 'schedule' });
  }

  /** The version that users get. */
  public async served(): Promise<string> {
    return ((await (await this.health()).json()) as { version: string }).version;
  }

  public async close(): Promise<void> {
    await this.shop.stop();
    const left = this.actions.cleanUp();
    await this.api.stop();
    await this.receiver.stop();
    rmSync(this.root, { recursive: true, force: true });
    expect(left).toEqual([]);
  }

  private async health(): Promise<Response> {
    return fetch(`${this.shop.machine('staging').url}/health`);
  }

  private add(file: string): Workflow {
    return this.actions.addWorkflow(file, parse(readFileSync(join(this.shop.repository, '.github/workflows', file), 'utf8')) as Workflow);
  }
}

/** A push to the branch that staging follows. */
export function onMain(sha: string): { readonly name: string; readonly ref: string; readonly sha: string } {
  return { name: 'push', ref: 'refs/heads/main', sha };
}
