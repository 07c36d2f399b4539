import type { GithubApi, GithubError } from '../../../src/runtime/ci/github/api';
import type { GitRefLock } from '../../../src/runtime/ci/github/locks/git-ref-lock';
import type { ProcessFate, JobProcess } from '../../../src/runtime/ci/github/locks/job-process';
import type { Clock } from '../../../src/runtime/clock';
import { loadRuntime, Mutation } from '../../../test/mutated-runtime';

/** The real lock, or a broken copy of it. */
export interface LockCode {
  readonly gitRefLock: typeof GitRefLock;
  readonly githubError: typeof GithubError;
}

export function loadLockCode(mutations: readonly Mutation[] = []): Promise<LockCode> {
  const entry = "export { GitRefLock as gitRefLock } from './ci/github/locks/git-ref-lock'; export { GithubError as githubError } from './ci/github/api';";
  return loadRuntime<LockCode>({ entry, mutations });
}

/** A process that wants the lock once, works, and gives it back. */
export interface Contender extends JobProcess {
  readonly name: string;
  readonly run: number;
  /** @default 1 */
  readonly attempt?: number;
  readonly job: number;
  /** It begins when this one is over: `gone` for its machine, or also for GitHub (`noticed`). @default - at once */
  readonly after?: readonly [name: string, when: 'gone' | 'noticed'];
}

export interface LockScenario {
  readonly name: string;
  readonly contenders: readonly Contender[];
  /** Whose job GitHub lists some time after it began. @default - no one's */
  readonly listsLate?: string;
  /** So many lists may lack the newest ref. @default 0 */
  readonly lags?: number;
}

/** What must hold, by the name that a broken one has. */
export const LOCK_RULES = {
  alone: 'at most one live process holds the lock',
  free: 'a free lock is never refused',
  released: 'a process that ends releases the lock',
  foreign: 'nothing else goes wrong',
} as const;
export type LockRule = keyof typeof LOCK_RULES;

export interface LockExploration {
  readonly states: number;
  readonly ends: number;
  readonly violations: readonly { readonly rule: LockRule; readonly steps: readonly string[] }[];
}

interface Pending {
  readonly what: string;
  /** Done by the world, returned to the process. `stale`: a list that lacks the newest. */
  readonly perform: (stale: boolean) => void;
  readonly isList?: boolean;
  /** The version of the world when a sleep began. */
  readonly sleepsSince?: number;
}

interface Action {
  readonly what: string;
  readonly act: () => void;
}

/** As patient as three pauses. */
const PATIENCE_MS = 7_000;

/** A process, from its begin to its end. */
class Actor {
  public pending?: Pending;
  public state: 'waits' | 'works' | 'dead' | 'ended' = 'waits';
  public hasBegun = false;
  public isNoticed = false;
  public isListed: boolean;
  public isInside = false;
  public history = '';
  /** Whether it looked when the lock was free, and the refs that it saw then. */
  public sawFree?: string;

  constructor(public readonly is: Contender, listsLate: boolean) {
    this.isListed = !listsLate;
  }

  public get isOver(): boolean {
    return this.state === 'dead' || this.state === 'ended';
  }
}

/** One execution: the refs and jobs of a repository, and processes that continue step by step. */
class LockWorld {
  public readonly broken: LockRule[] = [];
  public readonly steps: string[] = [];
  private readonly actors: Actor[];
  private readonly refs = new Map<number, string>();
  private killsLeft = 1;
  private lagsLeft: number;
  private version = 0;

  constructor(private readonly code: LockCode, scenario: LockScenario) {
    this.actors = scenario.contenders.map((contender) => new Actor(contender, scenario.listsLate === contender.name));
    this.lagsLeft = scenario.lags ?? 0;
    this.beginWhoMay();
  }

  /** Equal keys go on alike. */
  public get key(): string {
    const actors = this.actors.map(({ state, history, isNoticed, isListed, isInside, sawFree, pending }) => [
      state, history, isNoticed, isListed, isInside, sawFree, pending?.sleepsSince === undefined ? 0 : pending.sleepsSince === this.version,
    ]);
    return JSON.stringify([[...this.refs], actors, this.killsLeft, this.lagsLeft]);
  }

  public actions(): Action[] {
    const ready = this.actors.filter(({ pending, isOver }) => pending && !isOver);
    const awake = ready.filter(({ pending }) => pending!.sleepsSince !== this.version);
    const notices = this.actors.filter(({ state, isNoticed }) => state === 'dead' && !isNoticed);
    const hidden = this.actors.filter(({ hasBegun, isListed }) => hasBegun && !isListed);
    const others = [...notices.map((actor) => this.notice(actor)), ...hidden.map((actor) => this.list(actor))];
    // who sleeps looks again when there is something new, or when nothing else can happen
    const steps = (awake.length + others.length > 0 ? awake : ready).flatMap((actor) => this.stepsOf(actor));
    const kills = this.killsLeft > 0 ? ready.map((actor) => this.kill(actor)) : [];
    return [...steps, ...kills, ...others];
  }

  public async take({ what, act }: Action): Promise<void> {
    this.steps.push(what);
    act();
    this.beginWhoMay();
    await new Promise((quiet) => setImmediate(quiet));
  }

  /** Nothing can happen any more. */
  public end(): void {
    if (this.actors.every(({ state }) => state === 'ended') && !/"state":"released"/.test(this.highest()?.[1] ?? '"state":"released"')) this.broken.push('released');
  }

  private stepsOf(actor: Actor): Action[] {
    const { what, perform, isList } = actor.pending!;
    const step = (stale: boolean): Action => ({ what: `${actor.is.name}: ${what}${stale ? ', without the newest' : ''}`, act: () => this.respond(actor, () => perform(stale)) });
    return isList && this.lagsLeft > 0 && this.refs.size > 0 ? [step(false), step(true)] : [step(false)];
  }

  private respond(actor: Actor, perform: () => void): void {
    actor.pending = undefined;
    perform();
  }

  private kill(actor: Actor): Action {
    return {
      what: `${actor.is.name} is killed`,
      act: () => {
        this.killsLeft -= 1;
        actor.state = 'dead';
        actor.isInside = false;
        this.version += 1;
      },
    };
  }

  /** GitHub says that its job is over. A job goes on while another step of it does. */
  private notice(actor: Actor): Action {
    return { what: `GitHub notices that ${actor.is.name} is gone`, act: () => { actor.isNoticed = true; this.version += 1; } };
  }

  private list(actor: Actor): Action {
    return { what: `GitHub lists the job of ${actor.is.name}`, act: () => { actor.isListed = true; this.version += 1; } };
  }

  private beginWhoMay(): void {
    for (const actor of this.actors.filter(({ hasBegun, is: { after } }) => !hasBegun && this.isPast(after))) {
      actor.hasBegun = true;
      void this.live(actor);
    }
  }

  private isPast(after: Contender['after']): boolean {
    if (!after) return true;
    const before = this.actors.find(({ is }) => is.name === after[0])!;
    return after[1] === 'gone' ? before.isOver : before.isNoticed;
  }

  private async live(actor: Actor): Promise<void> {
    try {
      const release = await this.lockOf(actor).hold('production');
      if (this.actors.some((other) => other !== actor && other.isInside)) this.broken.push('alone');
      actor.state = 'works';
      actor.isInside = true;
      await this.step(actor, 'works', () => undefined);
      actor.isInside = false;
      await release();
    } catch (error) {
      const isRejected = /^(another (job|run)|process|the lock of)/.test((error as Error).message);
      if (!isRejected) this.broken.push('foreign');
      else if (actor.sawFree === JSON.stringify([...this.refs])) this.broken.push('free');
    }
    actor.state = 'ended';
    actor.isNoticed = true;
    this.version += 1;
    this.beginWhoMay();
  }

  private lockOf(actor: Actor): GitRefLock {
    const { attempt = 1, job, machine, pid, began, run } = actor.is;
    let now = 0;
    const clock: Clock = {
      now: () => now,
      sleep: (ms) => this.step(actor, `sleeps ${ms} ms`, () => { now += ms; }, { sleepsSince: this.version }),
    };
    return new this.code.gitRefLock({
      api: { repository: 'acme/shop', request: (call: ApiCall) => this.handle(actor, call), once: (call: ApiCall) => this.handle(actor, call) } as unknown as GithubApi,
      clock,
      isAlive: (one) => this.step(actor, `asks about run ${one.id}`, () => this.isRunAlive(one)),
      processId: `${run}.${attempt}.${actor.is.name}`,
      process: { job, machine, pid, began },
      fateOf: (one) => this.fateOf(one),
      blob: 'b',
      warn: () => this.broken.push('foreign'),
      patienceMs: PATIENCE_MS,
    });
  }

  private handle(actor: Actor, { route, parameters = {} }: ApiCall): Promise<unknown> {
    const what = `${route.replace(/^(\w+) .*\/(git|actions)\//, '$1 ')} ${/lock-\d+/.exec(JSON.stringify(parameters))?.[0] ?? ''}`.trim();
    const isList = route.startsWith('GET') && route.includes('matching-refs');
    return this.step(actor, what, (stale) => {
      const data = this.perform(actor, route, parameters, stale);
      return { data, hasNextPage: false };
    }, { isList });
  }

  private perform(actor: Actor, route: string, { ref, sha, tag_sha: tag, message }: Parameters, stale: boolean): unknown {
    const number = Number(/lock-(\d+)$/.exec(ref ?? '')?.[1]);
    if (route.includes('matching-refs')) return this.listed(actor, stale);
    if (route.includes('/jobs')) return { jobs: this.jobsListed() };
    if (route.startsWith('GET')) return { message: tag };
    // a tag is what it says: two that say the same are the same
    if (route.includes('git/tags')) return { sha: message };
    if (route.startsWith('POST') && this.refs.has(number)) throw new this.code.githubError('Reference already exists', { status: 422, transient: false });
    if (route.startsWith('DELETE')) this.refs.delete(number);
    else this.refs.set(number, sha!);
    this.version += 1;
    return { ref, object: { sha } };
  }

  private listed(actor: Actor, stale: boolean): unknown {
    this.lagsLeft -= stale ? 1 : 0;
    actor.sawFree = this.isFree() && !stale ? JSON.stringify([...this.refs]) : undefined;
    const numbers = [...this.refs.keys()].sort((a, b) => b - a).slice(stale ? 1 : 0);
    return numbers.map((number) => ({ ref: `refs/delivery/locks/production/lock-${number}`, object: { sha: this.refs.get(number), type: 'tag' } }));
  }

  /** With full knowledge: the lock is free, and the sources can show that. */
  private isFree(): boolean {
    const [, note] = this.highest() ?? [];
    if (note === undefined || /"state":"released"/.test(note)) return true;
    const holder = this.actors.find(({ is: { name } }) => note.includes(`.${name}"`))!;
    const isBesideIt = this.actors.some(({ is, isOver }) => !isOver && is.machine === holder.is.machine);
    return holder.isOver && (isBesideIt || (holder.isNoticed && holder.isListed));
  }

  private highest(): [number, string] | undefined {
    return [...this.refs].sort(([a], [b]) => b - a)[0];
  }

  private jobsListed(): unknown[] {
    const listed = this.actors.filter(({ hasBegun, isListed }) => hasBegun && isListed).map(({ is: { job } }) => job);
    return listed.map((job) => ({ id: job, name: `job ${job}`, status: this.isJobOver(job) ? 'completed' : 'in_progress' }));
  }

  private isJobOver(job: number): boolean {
    return this.actors.filter(({ is }) => is.job === job).every(({ isNoticed }) => isNoticed);
  }

  private isRunAlive({ id, attempt }: { readonly id: number; readonly attempt: number }): boolean {
    const own = this.actors.filter(({ is, hasBegun }) => is.run === id && hasBegun);
    if (own.some(({ is }) => (is.attempt ?? 1) > attempt)) return false;
    return !own.filter(({ is }) => (is.attempt ?? 1) === attempt).every(({ is }) => this.isJobOver(is.job));
  }

  private fateOf({ machine, pid, began }: JobProcess): ProcessFate {
    const actor = this.actors.find(({ is }) => is.machine === machine && is.pid === pid && is.began === began)!;
    return actor.isOver ? 'gone' : 'running';
  }

  private step<T>(actor: Actor, what: string, perform: (stale: boolean) => T, more: Pick<Pending, 'isList' | 'sleepsSince'> = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      actor.pending = {
        what,
        ...more,
        perform: (stale) => {
          try {
            const data = perform(stale);
            actor.history += `${what}: ${JSON.stringify(data) ?? ''}\n`;
            resolve(data);
          } catch (error) {
            actor.history += `${what}: refused\n`;
            reject(error);
          }
        },
      };
    });
  }
}

interface Parameters {
  readonly ref?: string;
  readonly sha?: string;
  readonly tag_sha?: string;
  readonly message?: string;
}

interface ApiCall {
  readonly route: string;
  readonly parameters?: Parameters;
}

/** Every order of the requests of all processes, one of which may be killed before any of them. */
export async function exploreLock(code: LockCode, scenario: LockScenario, untilViolation = false): Promise<LockExploration> {
  const seen = new Set<string>();
  const violations: { rule: LockRule; steps: string[] }[] = [];
  let ends = 0;
  const open: number[][] = [[]];
  while (open.length > 0 && !(untilViolation && violations.length > 0)) {
    const way = open.pop()!;
    const world = new LockWorld(code, scenario);
    await new Promise((quiet) => setImmediate(quiet));
    for (const choice of way) await world.take(world.actions()[choice]);
    while (world.broken.length === 0 && !seen.has(world.key)) {
      seen.add(world.key);
      const actions = world.actions();
      if (actions.length === 0) {
        ends += 1;
        world.end();
        break;
      }
      for (let other = 1; other < actions.length; other++) open.push([...way, other]);
      way.push(0);
      await world.take(actions[0]);
    }
    violations.push(...world.broken.map((rule) => ({ rule, steps: world.steps })));
  }
  return { states: seen.size, ends, violations };
}
