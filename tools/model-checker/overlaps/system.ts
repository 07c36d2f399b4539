import { Process, Scheduler } from './scheduler';
import { WatchCode } from './watch-code';
import { Manifest, MANIFEST_SCHEMA, MonitoringManifest } from '../../../src/contract/manifest';
import { GITHUB_WORDS } from '../../../src/runtime/ci/github/run';
import { RuntimeContext } from '../../../src/runtime/context';
import { AlertEntry, checkKey, DRIFT_KEY } from '../../../src/runtime/monitoring/alert-entry';
import { Course, PendingNotification } from '../../../src/runtime/monitoring/alert-lifecycle';
import { AlertLog, Episode } from '../../../src/runtime/monitoring/alert-log';
import { QueuedChannel } from '../../../src/runtime/notifications/channel-queues';
import { channelKey, Notification } from '../../../src/runtime/notifications/notification';
import { REDEPLOY_TIME_BUDGET } from '../../../src/strategies/redeploy';
import { healthCheck } from '../../../test/runtime/health-check-manifest';

export interface Delivered {
  readonly channel: string;
  readonly notification: Notification;
  /** The run that sent it. */
  readonly process: number;
}

/** How bad things go in a story. */
export interface Troubles {
  /** How often a process dies at a step. */
  readonly deathRate: number;
  /** How often a channel takes nothing. */
  readonly rejections: number;
  /** How often a channel says nothing until its time is over. */
  readonly hangs: number;
  /** By how many entries a list may lag behind. */
  readonly lag: number;
  /** For how long it may, in milliseconds. */
  readonly lagMs: number;
  /** How often the service turns from good to bad, or back, before a run begins. */
  readonly turns: number;
  /** How often a check or the environment is taken out of the configuration, or put back, before a run begins. */
  readonly changes: number;
}

/** What a run watches: the configuration as it was when the run began. */
export interface Watched {
  readonly environment: boolean;
  readonly health: boolean;
  readonly search: boolean;
  /** Whether the target looks for drift. */
  readonly drift: boolean;
}

/** What the watch alerts of in a story: two health checks, and resources that someone changed. */
export const SUBJECTS = ['health', 'search', 'drift'] as const;

export function keyOf(subject: string): string {
  return subject === 'drift' ? DRIFT_KEY : checkKey(subject);
}

const CHECKS = [healthCheck({ name: 'health', url: 'https://x.example.com/health' }), healthCheck({ name: 'search', url: 'https://x.example.com/search' })];
export const CHANNELS = ['pager', 'chat'];

export const MONITORING: MonitoringManifest = {
  environments: ['production'],
  intervalMs: 300_000,
  retries: 1,
  firesAfter: 3,
  resolvesAfter: 2,
  remindEveryMs: 600_000,
  workflow: 'monitor.yml',
  deploymentWorkflows: [],
};

interface Incident {
  readonly records: readonly Episode[];
  readonly courses: readonly Course[];
  /** As the last record that has them says it. */
  readonly pendingNotifications: ReadonlyMap<string, PendingNotification>;
}

/** Many runs of the watch over one alert log, whose steps come in any order. */
export class System {
  public readonly delivered: Delivered[] = [];
  public readonly errors: unknown[] = [];
  public readonly processes: Process[] = [];
  public isBad: Record<string, boolean> = { health: false, search: false, drift: false };
  public watched: Watched = { environment: true, health: true, search: true, drift: true };
  /** By the number of the process. */
  public readonly configurations: Watched[] = [];
  public troubles: Troubles;
  private readonly episodes: Episode[] = [];
  private readonly entries: { readonly episode: string; readonly entry: AlertEntry }[] = [];
  private readonly writtenAt = new Map<string, number>();
  private lastId = 0;

  constructor(private readonly code: WatchCode, public readonly scheduler: Scheduler, troubles: Troubles) {
    this.troubles = troubles;
  }

  /** A run of the watch begins. */
  public beginRun(): void {
    this.configurations.push({ ...this.watched });
    this.processes.push(this.scheduler.begin((process) => this.run(process), (error) => this.errors.push(error)));
  }

  /** Whether any run is still at work. */
  public get isBusy(): boolean {
    return this.processes.some(({ isDead, isOver }) => !isDead && !isOver);
  }

  /** What counted, of all incidents, as the alert log says it in the end. */
  public get pendingNotifications(): PendingNotification[] {
    return this.incidents.flatMap(({ pendingNotifications }) => [...pendingNotifications.values()]);
  }

  public phaseOf(check: string): string {
    const last = this.chain.at(-1);
    return last ? this.courseOf(last).alerts.get(keyOf(check))?.phase ?? 'quiet' : 'quiet';
  }

  public unsent(): string[] {
    return this.incidents.flatMap(({ courses, records, pendingNotifications }) => {
      // where the environment was not watched any more, a channel that got nothing of an alert need not get its end
      const isEnded = records.some((record) => this.entriesOf(record.id).some(({ processId }) => !this.configurationOf(processId).environment));
      const isConcerned = (name: string, { check, id }: PendingNotification) => {
        const last = courses.filter((course) => course.pendingNotifications.some((one) => one.id === id)).at(-1)!;
        return !isEnded || (last.notifiedChannels.get(check)?.has(channelKey(name)) ?? false);
      };
      return [...pendingNotifications.values()].filter(({ isOutdated }) => !isOutdated).flatMap((pending) => (
        CHANNELS.filter((name) => !pending.sentTo.has(channelKey(name)) && isConcerned(name, pending)).map((name) => `${pending.event} ${pending.id} to ${name}`)
      ));
    });
  }

  /** How many records go on in another one, and the longest of all. */
  public get records(): { readonly continued: number; readonly longest: number } {
    return {
      continued: this.chain.filter(({ carried }) => carried).length,
      longest: Math.max(0, ...this.chain.map(({ id }) => this.entriesOf(id).length)),
    };
  }

  /** Transitions that their process could not know: well again without being watched, or not watched although it is. */
  public get misnamed(): string[] {
    return this.chain.flatMap((episode) => {
      const { counted } = this.courseOf(episode);
      return this.entriesOf(episode.id).flatMap((entry) => {
        if (entry.kind !== 'change' || !counted.has(entry.id) || !['resolved', 'unwatched'].includes(entry.word)) return [];
        const configuration = this.configurationOf(entry.processId);
        const isWatched = configuration.environment && configuration[SUBJECTS.find((subject) => keyOf(subject) === entry.check)!];
        return isWatched === (entry.word === 'resolved') ? [] : [`${entry.word} (${entry.id}) was written by a run that ${isWatched ? 'watches' : 'does not watch'} it`];
      });
    });
  }

  private configurationOf(processId: string): Watched {
    return this.configurations[Number(processId.split('.')[0]) - 1];
  }

  private courseOf({ carried, id }: Episode): Course {
    return this.code.courseOf(this.entriesOf(id), carried);
  }

  /** From the first bad result until everything is quiet: one record or several. */
  private get incidents(): Incident[] {
    const found: Episode[][] = [];
    for (const record of this.chain) {
      if (record.carried) found.at(-1)!.push(record);
      else found.push([record]);
    }
    return found.map((records) => {
      const courses = records.map((record) => this.courseOf(record));
      const pending = courses.flatMap(({ pendingNotifications }) => pendingNotifications.map((one) => [one.id, one] as const));
      return { records, courses, pendingNotifications: new Map(pending) };
    });
  }

  /** The episodes that count, oldest first. */
  private get chain(): Episode[] {
    const found: Episode[] = [];
    for (let after = ''; ;) {
      const next = this.episodes.find((episode) => episode.after === after);
      if (!next) return found;
      found.push(next);
      after = next.id;
    }
  }

  private async run(process: Process): Promise<void> {
    const { scheduler } = this;
    const processId = `${process.id}.1.p`;
    const clock = scheduler.clockOf(process);
    const alertLog = this.alertLogOf(process, processId);
    const isAlive = async ({ id }: { readonly id: number }) => {
      await scheduler.turn(process);
      const other = this.processes[id - 1];
      return !other.isDead && !other.isOver;
    };
    const channels = CHANNELS.map((name) => this.channelOf(process, name));
    const alerts = await this.code.environmentAlerts.open({
      alertLog, environment: 'production', episodes: await alertLog.episodes(['production']), processId, clock, isEnding: !this.configurationOf(processId).environment, remembersRollbackMs: 0, channelsOf: () => CHANNELS, isAlive,
    });
    const watch = new this.code.environmentWatch({
      context: this.contextOf(process, processId),
      monitoring: MONITORING,
      channels: () => channels,
      queues: new this.code.channelQueues(clock),
      alerts,
      approvals: new Map(),
      repository: 'acme/shop',
    });
    if (this.configurationOf(processId).environment) await watch.probe();
    else await watch.lookAway(async () => []);
    await watch.finish(Promise.resolve());
  }

  /** A list shows everything up to an entry, which need not be the last; what was written a while ago it shows. */
  private lagging<T>(all: readonly T[], known: Map<string, number>, key: string, idOf: (one: T) => string): T[] {
    const isOld = (one: T) => this.scheduler.time - this.writtenAt.get(idOf(one))! >= this.troubles.lagMs;
    const least = Math.max(known.get(key) ?? 0, all.filter(isOld).length);
    const shown = Math.max(least, all.length - this.scheduler.random.below(this.troubles.lag + 1));
    known.set(key, shown);
    return all.slice(0, shown);
  }

  private alertLogOf(process: Process, processId: string): Pick<AlertLog, 'begin' | 'entries' | 'episodes' | 'episodesOf' | 'write'> {
    const { scheduler } = this;
    const known = new Map<string, number>();
    const episodes = async () => {
      await scheduler.turn(process);
      return this.lagging(this.episodes, known, 'episodes', ({ id }) => id);
    };
    return {
      episodes,
      episodesOf: episodes,
      entries: async ({ id }) => {
        await scheduler.turn(process);
        return this.lagging(this.entriesOf(id), known, id, (entry) => entry.id);
      },
      begin: async (environment, after, carried) => {
        await scheduler.turn(process);
        const { decodeCarried, encodeCarried } = this.code;
        const carriedAgain = carried && decodeCarried(JSON.parse(JSON.stringify(encodeCarried(carried))));
        const id = this.nextId();
        const episode = { id, key: id, environment, after, processId, carried: carriedAgain };
        this.episodes.push(episode);
        // it may die before it knows of it
        await scheduler.turn(process);
        return episode;
      },
      write: async (episode, entry) => {
        await scheduler.turn(process);
        const written: AlertEntry = { ...entry, id: this.nextId(), processId, at: new Date(scheduler.time).toISOString() };
        this.entries.push({ episode: episode.id, entry: written });
        await scheduler.turn(process);
        return written.id;
      },
    };
  }

  private channelOf(process: Process, name: string): QueuedChannel {
    return {
      name,
      notify: async (notification, giveUpAt) => {
        await this.scheduler.turn(process);
        if (this.scheduler.random.chance(this.troubles.hangs)) {
          await this.scheduler.turn(process, giveUpAt);
          throw new Error('no response');
        }
        if (this.scheduler.random.chance(this.troubles.rejections)) throw new Error('no one is there');
        this.delivered.push({ channel: name, notification, process: process.id });
        await this.scheduler.turn(process);
      },
    };
  }

  private contextOf(process: Process, processId: string): RuntimeContext {
    const { scheduler } = this;
    const nothing = () => undefined;
    const configuration = this.configurationOf(processId);
    const environment = { ...ENVIRONMENT, healthChecks: CHECKS.filter(({ name }) => configuration[name as 'health' | 'search']) };
    return {
      manifest: { ...MANIFEST, environments: configuration.environment ? [environment] : [] },
      environment,
      run: { inCi: true, words: GITHUB_WORDS, id: process.id, attempt: 1, processId, sha: 'a'.repeat(40), actor: 'octocat', deployed: false },
      ledger: LEDGER,
      clock: scheduler.clockOf(process),
      ci: {},
      log: new Proxy({}, { get: () => nothing }),
      interrupted: new AbortController().signal,
      processEnv: {},
      modelEngine: {
        place: 'CloudFormation (Api)',
        liveRelease: async () => ({ kind: 'release', engineId: '1', release: RELEASE }),
        drift: async () => {
          await scheduler.turn(process);
          if (!configuration.drift) return undefined;
          return this.isBad.drift ? { kind: 'drifted', fault: 'drifted: Api/Table was changed', fix: 'Change it back' } : { kind: 'none' };
        },
      },
      probe: async ({ name }: { readonly name: string }) => {
        await scheduler.turn(process);
        const outcome = this.isBad[name] ? 'unhealthy' as const : 'healthy' as const;
        return { outcome, saw: outcome, startedAt: scheduler.time, endedAt: scheduler.time };
      },
    } as unknown as RuntimeContext;
  }

  private entriesOf(episode: string): AlertEntry[] {
    return this.entries.filter((one) => one.episode === episode).map(({ entry }) => entry);
  }

  private nextId(): string {
    this.lastId += 1;
    this.writtenAt.set(String(this.lastId), this.scheduler.time);
    return String(this.lastId);
  }
}

const RELEASE = { version: 'v1', sha: 'a'.repeat(40) };
const RECORD = {
  id: '1',
  createdAt: '2026-11-01T00:00:00Z',
  environment: 'production',
  kind: 'deploy',
  release: RELEASE,
  strategy: 'redeploy',
  run: { id: 1, attempt: 1 },
  processId: '1.1.x',
  by: 'ada',
} as const;
const LEDGER = {
  records: async () => [RECORD],
  history: async () => [{ state: 'stable', note: '', at: RECORD.createdAt }],
};
const ENVIRONMENT = {
  name: 'production',
  url: 'https://x.example.com',
  trigger: { kind: 'manual' },
  variables: {},
  secrets: [],
  healthChecks: CHECKS,
  freezes: [],
  strategy: { kind: 'redeploy', bakeMs: 0, commandTimeoutMs: 0, timeBudget: REDEPLOY_TIME_BUDGET },
  target: { deploy: { kind: 'bash', line: 'true' } },
} as const;
const MANIFEST = { schema: MANIFEST_SCHEMA, runtime: { version: '0', sha256: '' }, environments: [ENVIRONMENT], monitoring: MONITORING } as unknown as Manifest;
/** Nothing of it is needed here. */
