import { GithubResponse, GithubApi, GithubRequest } from '../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import { checkKey } from '../../../src/runtime/monitoring/alert-entry';
import { AlertLog } from '../../../src/runtime/monitoring/alert-log';
import { EnvironmentAlerts } from '../../../src/runtime/monitoring/environment-alerts';
import { StoredDeployment, StoredStatus } from '../../../tools/github-api-stand-in/repository';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { WatchWorld } from '../../../tools/model-checker/overlaps/watch-world';
import { respond } from '../../misbehaving-server';

const INTERVAL_MS = 300_000;
export const RUNS_A_DAY = 86_400_000 / INTERVAL_MS;

/** A service that is bad and well in turn, every 5 minutes: its alert fires, and each run writes that it recovers, or does not. */
export class FlappingService {
  public static async open(): Promise<FlappingService> {
    const world = await WatchWorld.create({ retries: 0, firesAfter: 2, resolvesAfter: 2 });
    await world.deployed();
    world.service.behave(respond(500));
    for (let i = 0; i < 2; i++) await world.watch();
    return new FlappingService(world);
  }

  private isWell = false;

  private constructor(public readonly world: WatchWorld) {}

  /** One run of the watch. Returns its requests to GitHub. */
  public async watch(): Promise<number> {
    this.isWell = !this.isWell;
    this.world.service.behave(respond(this.isWell ? 200 : 500));
    const before = this.world.github.requests.length;
    await this.world.watch();
    return this.world.github.requests.length - before;
  }

  /** So many runs write what they would, and nothing is sent over the network: a month passes in seconds. */
  public async pass(runs: number): Promise<void> {
    const { world } = this;
    for (let i = 0; i < runs; i++) {
      this.isWell = !this.isWell;
      world.later += INTERVAL_MS;
      const processId = `${100_000 + i}.1.passing`;
      const alertLog = new AlertLog({ eventLog: new GithubEventLog({ api: new DirectApi(world.github) }), sha: 'c'.repeat(40), processId });
      const alerts = await EnvironmentAlerts.open({
        alertLog,
        environment: 'production',
        episodes: await alertLog.episodes(['production']),
        processId,
        clock: world.clock,
        remembersRollbackMs: 0,
        channelsOf: () => ['pager'],
        isAlive: async () => false,
      });
      const key = checkKey('health');
      await alerts.change(key, alerts.of(key), { word: 'recovering', count: this.isWell ? 1 : 0 }, `health: ${this.isWell ? 200 : 500}`);
    }
  }

  /** How many entries each record of alerts has, the newest first. */
  public get records(): number[] {
    return this.world.github.deployments().filter(({ task }) => task === 'delivery-alert').map(({ statuses }) => statuses.length);
  }
}

/** The requests that the alert log makes, without the network: no response is lost. */
class DirectApi implements Pick<GithubApi, 'once' | 'pages' | 'pagesOnce' | 'patiently' | 'repository' | 'request'> {
  public readonly repository = 'acme/shop';

  constructor(private readonly github: GithubStandIn) {}

  public async pages<T>({ parameters = {}, route }: GithubRequest<T[]>): Promise<T[]> {
    const all = this.github.deployments();
    if (route === 'GET /repos/{owner}/{repo}/deployments') return all.filter(({ task }) => task === parameters.task).slice(0, 100).map(rendered) as T[];
    return all.find(({ id }) => id === parameters.deployment_id)!.statuses.map(renderedStatus) as T[];
  }

  public pagesOnce<T>(request: GithubRequest<T[]>): Promise<T[]> {
    return this.pages(request);
  }

  public patiently<T>(attempt: () => Promise<T>): Promise<T> {
    return attempt();
  }

  public request<T>(request: GithubRequest<T>): Promise<GithubResponse<T>> {
    return this.once(request);
  }

  public async once<T>({ parameters, route }: GithubRequest<T>): Promise<GithubResponse<T>> {
    const { deployment_id: id, description, environment, log_url: logUrl, payload, ref, task } = parameters as Record<string, never>;
    const data = route === 'POST /repos/{owner}/{repo}/deployments'
      ? rendered(this.github.addDeployment({ environment, ref, task, payload }))
      : renderedStatus(this.github.addStatus(id, { state: 'inactive', description, logUrl, autoInactive: false }));
    return { data: data as T, hasNextPage: false };
  }
}

function rendered(deployment: StoredDeployment): unknown {
  return { ...deployment, created_at: deployment.createdAt, creator: { login: deployment.creator } };
}

function renderedStatus({ createdAt, creator, description, id, logUrl, state }: StoredStatus): unknown {
  return { id, state, description, creator: { login: creator }, log_url: logUrl, created_at: createdAt };
}
