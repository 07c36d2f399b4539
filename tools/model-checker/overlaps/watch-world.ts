import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode } from '../../../src/contract/command-line';
import { jobName, jobNameIfNeeded } from '../../../src/contract/jobs';
import { DeploymentWorkflowManifest, EnvironmentManifest, HttpCheckManifest, Manifest, MANIFEST_SCHEMA, MonitoringManifest } from '../../../src/contract/manifest';
import { CiDispatch, CiServices } from '../../../src/runtime/ci/ci-runtime';
import { GithubDialect } from '../../../src/runtime/ci/github/log-dialect';
import { GITHUB_WORDS } from '../../../src/runtime/ci/github/run';
import { openLog } from '../../../src/runtime/ci/log';
import { jobServices } from '../../../src/runtime/ci/open-ci';
import { openLedger } from '../../../src/runtime/ci/open-ledger';
import { Clock, SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { CommandArguments } from '../../../src/runtime/commands/command';
import { RuntimeContext } from '../../../src/runtime/context';
import { State } from '../../../src/runtime/deployment/state-machine';
import { watch } from '../../../src/runtime/monitoring/watch';
import { QueuedChannel } from '../../../src/runtime/notifications/channel-queues';
import { Channel, Notification } from '../../../src/runtime/notifications/notification';
import { controlled } from '../../../src/runtime/probing/control';
import { probe, Prober } from '../../../src/runtime/probing/probe';
import { probeCheck } from '../../../src/runtime/probing/probe-check';
import { storeMeasurements } from '../../../src/runtime/status-page/store-measurements';
import { REDEPLOY_TIME_BUDGET } from '../../../src/strategies/redeploy';
import { MisbehavingServer } from '../../../test/misbehaving-server';
import { release, TO_STABLE, write } from '../../../test/runtime/ledger/records';
import { check } from '../../../test/runtime/world';
import { GithubStandIn } from '../../github-api-stand-in/stand-in';

/** The jobs that may wait for an approval, as synthesis names them. */
const DEPLOYMENT_WORKFLOWS: readonly DeploymentWorkflowManifest[] = [
  {
    file: 'deploy.yml',
    deployments: { [jobName('deploy', 'production')]: 'production' },
    rollbacks: { [jobNameIfNeeded('rollback', 'production')]: 'production' },
  },
  {
    file: 'rollback.yml',
    deployments: {},
    rollbacks: { [jobName('rollback', 'production')]: 'production', [jobNameIfNeeded('recover', 'production')]: 'production' },
  },
];

export interface Watched {
  readonly code: ExitCode;
  readonly output: string;
  readonly summary: string;
  readonly outputs: Record<string, string>;
  /** What the channel took in this run. */
  readonly notified: readonly Notification[];
}

export const V1 = release('v1', 'a');
export const V2 = release('v2', 'b');

/** A receiver of notifications that may be unavailable. */
export class FakeChannel implements Channel {
  public readonly notifications: Notification[] = [];
  public isThere = true;

  constructor(public readonly name: string) {}

  public async send(notification: Notification): Promise<void> {
    if (!this.isThere) throw new Error('no response');
    this.notifications.push(notification);
  }
}

const MOMENT_MS = 50;

/** A channel that sets its own time. */
function queued(channel: Channel): QueuedChannel {
  return { name: channel.name, notify: (notification) => channel.send(notification) };
}

/** A real service, GitHub's API as its description has it, and the watch. Its clock stands still while a busy machine works, and goes on with what is waited for, and as a test says. */
export class WatchWorld {
  /** @param hand time that passes when a test says so. @default - with what is waited for */
  public static async create(
    monitoring: Partial<MonitoringManifest> = {}, environment: Partial<EnvironmentManifest> = {}, hand?: Clock,
  ): Promise<WatchWorld> {
    const service = await MisbehavingServer.start();
    let world: WatchWorld | undefined = undefined;
    const github = await GithubStandIn.start({ repository: 'acme/shop', now: () => world?.clock.now() ?? Date.now(), rateLimit: 100_000 });
    world = new WatchWorld(service, github, hand, monitoring, environment);
    return world;
  }

  public readonly pager = new FakeChannel('pager');
  /** @default - those of the manifest's alerts, if undefined */
  public channels?: readonly Channel[] = [this.pager];
  /** Values of secrets, by their names. */
  public secrets: Record<string, string> = {};
  /** Of the run that is at work. */
  public interrupt = new AbortController();
  /** How far the clock is put forward, in milliseconds. */
  public later = 0;
  /** Whether nothing is waited for any longer than a moment: for what is silent, and gives no response that a busy machine could miss. */
  public isImpatient = false;
  public readonly clock: Clock = {
    now: () => (this.hand?.now() ?? this.time) + this.later,
    sleep: (ms, signal) => (this.hand ? this.hand.sleep(ms, signal) : this.sleep(ms, signal)),
  };
  private time = Date.now();
  public readonly root = mkdtempSync(join(tmpdir(), 'delivery-watch-'));
  public manifest: Manifest;
  private readonly token: string;
  /** Where git reaches the repository. @default - GitHub, which no test asks */
  public serverUrl?: string;
  private lastRun = 5000;

  private constructor(
    public readonly service: MisbehavingServer,
    public readonly github: GithubStandIn,
    private readonly hand: Clock | undefined,
    monitoring: Partial<MonitoringManifest>,
    environment: Partial<EnvironmentManifest>,
  ) {
    this.token = github.token({ contents: 'read', deployments: 'write', actions: 'write' });
    github.addWorkflow('monitor.yml', 'monitor');
    github.addWorkflow('deploy.yml', 'deploy');
    github.addWorkflow('rollback.yml', 'rollback', ['environment', 'action', 'release', 'reason', 'from_deployment', 'request']);
    // as the workflow's run-name says
    github.onDispatch = ({ workflow, inputs: { action, environment: name, request } }) => {
      this.lastRun += 1;
      github.setRun(this.lastRun, { path: workflow, event: 'workflow_dispatch', displayTitle: `${String(action)} ${String(name)} by github-actions (${String(request)})` });
      return this.lastRun;
    };
    this.manifest = {
      schema: MANIFEST_SCHEMA,
      runtime: { version: '0', sha256: '' },
      environments: [{ ...this.environment('production'), ...environment }],
      monitoring: {
        environments: ['production'], intervalMs: 300_000, retries: 2, firesAfter: 3, resolvesAfter: 2, workflow: 'monitor.yml', deploymentWorkflows: [...DEPLOYMENT_WORKFLOWS], ...monitoring,
      },
    };
  }

  public environment(name: string): EnvironmentManifest {
    return {
      name,
      url: this.service.url,
      trigger: { kind: 'tag', pattern: 'v*' },
      variables: {},
      secrets: [],
      strategy: { kind: 'redeploy', bakeMs: 0, commandTimeoutMs: 1_000, timeBudget: REDEPLOY_TIME_BUDGET },
      target: { deploy: { kind: 'bash', line: 'true' } },
      healthChecks: [this.check()],
      freezes: [],
    };
  }

  public check(changes: Partial<HttpCheckManifest> = {}): HttpCheckManifest {
    return check(`${this.service.url}/health`, { release: undefined, intervalMs: 10, ...changes });
  }

  /** Records a deployment of a run that is over. */
  public async deployed(version = V1, states: State[] = TO_STABLE, change: Partial<Parameters<typeof write>[1]> = {}) {
    this.lastRun += 1;
    this.github.setRun(this.lastRun, { path: 'deploy.yml', status: 'completed', conclusion: 'success' });
    const run = { id: this.lastRun, attempt: 1 };
    const ledger = this.context(this.lastRun, this.manifest.environments[0].name).ledger;
    return write(ledger, { environment: 'production', release: version, run, processId: `${run.id}.1.deploy`, ...change }, ...states);
  }

  /** Five minutes later, or whenever. */
  public async watch(flags: CommandArguments['flags'] = {}, waitMs = 300_000): Promise<Watched> {
    this.later += waitMs;
    return this.runOf(this.begin(), flags);
  }

  /** A run of the watch has begun on GitHub; it may still die. */
  public begin(): number {
    this.lastRun += 1;
    this.github.setRun(this.lastRun, { path: 'monitor.yml', event: 'schedule', status: 'in_progress' });
    return this.lastRun;
  }

  public async runOf(id: number, flags: CommandArguments['flags'] = {}, start?: CiDispatch['start']): Promise<Watched> {
    this.interrupt = new AbortController();
    // as main.ts does: any number of checks may listen
    setMaxListeners(0, this.interrupt.signal);
    const output: string[] = [];
    const summary: string[] = [];
    const outputs: Record<string, string> = {};
    const before = this.pager.notifications.length;
    const all = this.manifest.environments.map(({ name }) => ({
      ...this.context(id, name),
      log: openLog({ write: (text) => void output.push(text), dialect: new GithubDialect(), secrets: [] }),
      outputs: { set: (values: Record<string, string>) => void Object.assign(outputs, values), summary: (text: string) => void summary.push(text) },
    }));
    const code = await watch(all, { json: false, flags }, {
      keep: storeMeasurements,
      ...(this.channels && { channels: () => this.channels!.map(queued) }),
      ...(start && { dispatch: { ...all[0]!.ci.dispatch!, start } }),
    });
    this.github.setRun(id, { status: 'completed', conclusion: code === 0 ? 'success' : 'failure' });
    return { code, output: output.join(''), summary: summary.join('\n'), outputs, notified: this.pager.notifications.slice(before) };
  }

  public context(runId: number, name: string): RuntimeContext {
    const { clock, github, manifest, root } = this;
    const environment = manifest.environments.find((one) => one.name === name)!;
    const env = {
      ...this.secrets, GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_API_URL: github.url, GITHUB_TOKEN: this.token, GITHUB_SERVER_URL: this.serverUrl, PATH: process.env.PATH,
    };
    const tools = { environment, secretNames: [], clock, probe: (...args: Parameters<Prober>) => prober(...args), run: () => Promise.reject(new Error('no check runs a command here')) };
    const prober: Prober = (one, target, signal) => (
      probe(one, { ...target, env, ca: MisbehavingServer.authority }, clock, signal, (...args) => probeCheck(...args, tools))
    );
    const ledger = openLedger({ env, cwd: root, clock, environments: manifest.environments, warn: () => undefined });
    const run: RuntimeContext['run'] = {
      inCi: true,
      words: GITHUB_WORDS,
      id: runId,
      attempt: 1,
      processId: `${runId}.1.${name}`,
      sha: 'c'.repeat(40),
      ref: { type: 'branch', name: 'main' },
      actor: 'octocat',
      deployed: false,
      url: `https://github.com/acme/shop/actions/runs/${runId}`,
    };
    return {
      manifest,
      environment,
      run,
      ledger,
      ci: this.ci(env, run, ledger),
      clock,
      log: openLog({ write: () => undefined, dialect: new GithubDialect(), secrets: [] }),
      outputs: { set: () => undefined, summary: () => undefined },
      mask: (text) => text,
      json: false,
      print: () => undefined,
      probe: controlled(prober, environment.controlUrl, clock),
      artifacts: undefined as never,
      root,
      directory: root,
      processEnv: env,
      execute: undefined as never,
      interrupted: this.interrupt.signal,
    };
  }

  /** As a job with this environment opens it. */
  public ci(env: NodeJS.ProcessEnv, run: RuntimeContext['run'], ledger: RuntimeContext['ledger'], clock = this.clock): CiServices {
    const { manifest, root } = this;
    const interrupted = this.interrupt.signal;
    const options = { env, root, manifest, clock, secrets: [], write: () => undefined, json: false, interrupted, localRunId: () => undefined };
    return jobServices(options, () => ledger, () => run);
  }

  private async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.time + ms;
    await SYSTEM_CLOCK.sleep(this.isImpatient ? Math.min(ms, MOMENT_MS) : ms, signal);
    if (!signal?.aborted) this.time = Math.max(this.time, until);
  }

  /** Everything that the watch wrote. */
  public get written(): number {
    return this.github.deployments().filter(({ task }) => task === 'delivery-alert').reduce((sum, { statuses }) => sum + 1 + statuses.length, 0);
  }

  public async destroy(): Promise<void> {
    await this.service.stop();
    await this.github.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
