import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrashWorld, End, How, Point, Ran, Saved } from './crash-world';
import { describe as announced, faultsOf, isOpen, isUnsaid, look, Seen } from './end-state';
import { nameOf } from './pipeline';
import { stateOf } from './state';
import { Story } from './stories';

/** One way to cut a story off: the ends that it meets, in order. */
export interface Cut {
  readonly story: Story;
  readonly ends: readonly End[];
}

/** What a cut led to. */
export interface Outcome {
  readonly cut: Cut;
  readonly ran: Ran;
  /** How the environment stands after the next command; undefined where none ran. */
  readonly next?: string;
  readonly faults: string[];
}

export interface WorldsOptions {
  /** Whether the next command runs once where it meets the same after several cuts. @default true */
  readonly remembersNext?: boolean;
}

export interface CutOptions {
  /** Whether the next command runs, too. It always does if something is unfinished. */
  readonly goesOn: boolean;
  /** Gets each at once. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** What came of the next command. */
interface Next {
  readonly seen: Seen;
  readonly faults: readonly string[];
}

/** Parallel worlds, limited by the number of cores: each story runs in all of them. */
export class Worlds {
  private readonly root = mkdtempSync(join(tmpdir(), 'delivery-crashes-'));
  /** By story and state: what came of the next command there. */
  private readonly nexts = new Map<string, Next>();
  private readonly lanes: readonly Lane[];
  private readonly counted = new Map<string, Promise<Point[]>>();

  constructor({ remembersNext = true }: WorldsOptions = {}) {
    this.lanes = Array.from({ length: LANES }, (_, index) => new Lane(this.root, index, remembersNext ? this.nexts : undefined));
  }

  /** How many different states the next command met. */
  public get met(): number {
    return this.nexts.size;
  }

  /** The points of a story that nothing cuts off. Checks that it ends as it should. */
  public points(story: Story): Promise<Point[]> {
    const known = this.counted.get(story.name) ?? this.lanes[0].inTurn(async (lane) => {
      const world = await lane.world(story);
      world.comparesLeft = true;
      const { ran, faults } = await lane.play({ story, ends: [] });
      world.comparesLeft = false;
      const { stable } = look(world, ran);
      if (faults.length > 0 || stable !== story.stable) throw new Error(`${story.name}, not cut off: Stable is ${stable}; ${faults.join('; ')}\n${logOf(ran)}`);
      return ran.points;
    });
    this.counted.set(story.name, known);
    return known;
  }

  /** Cuts off, in all worlds at once; `check` looks for what is wrong beyond `faultsOf`. */
  public async cut(cuts: readonly Cut[], { goesOn, onOutcome }: CutOptions): Promise<Outcome[]> {
    const left = [...cuts];
    const outcomes: Outcome[] = [];
    await Promise.all(this.lanes.map((each) => each.inTurn(async (lane) => {
      for (let cut = left.shift(); cut; cut = left.shift()) {
        const outcome = await lane.cut(cut, goesOn);
        outcomes.push(outcome);
        onOutcome?.(outcome);
      }
    })));
    return outcomes;
  }

  public async destroy(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
    rmSync(this.root, { recursive: true, force: true });
  }
}

const LANES = 2;

/** One world of each kind, used by one story at a time. */
class Lane {
  private readonly worlds = new Map<string, CrashWorld>();
  private readonly saved = new Map<string, Saved | undefined>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly root: string, private readonly index: number, private readonly nexts?: Map<string, Next>) {}

  public inTurn<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const result = this.turn.then(() => work(this));
    this.turn = result.catch(() => undefined);
    return result;
  }

  public async world({ kind }: Story): Promise<CrashWorld> {
    const name = nameOf(kind);
    const world = this.worlds.get(name) ?? await CrashWorld.create(join(this.root, `${this.index} ${name.replaceAll('/', '-')}`), kind);
    this.worlds.set(name, world);
    return world;
  }

  /** From the story's beginning, whatever was before. */
  public async play({ story, ends }: Cut): Promise<{ ran: Ran; faults: string[] }> {
    const world = await this.world(story);
    await world.begin(await this.beginning(story, world));
    const ran = await story.play(world, ends);
    return { ran, faults: faultsOf(look(world, ran)) };
  }

  public async cut(cut: Cut, goesOn: boolean): Promise<Outcome> {
    const { story, ends } = cut;
    const { ran, faults } = await this.play(cut);
    const world = await this.world(story);
    const seen = look(world, ran);
    const unmet = ends.filter((end) => !ran.points.some((point) => isSame(point, end)));
    const found = unmet.map((end) => `never came to ${describePoint(end)}`);
    const isLeft = isOpen(seen) || isUnsaid(seen);
    if (!isLeft || !mayBeLeft(cut)) found.push(...faults.map((fault) => `${fault} [${announced(seen)}]\n${logOf(ran)}`));
    const next = goesOn || isLeft ? await this.goOn(story, world) : undefined;
    found.push(...next?.faults ?? []);
    if (isUndone(cut, ran, next?.seen ?? seen)) found.push(`what only lacked its confirmation was undone [${announced(seen)}]`);
    return { cut, ran, faults: found, ...(next && { next: announced(next.seen) }) };
  }

  /** The next command recovers what was left unfinished. */
  private async goOn(story: Story, world: CrashWorld): Promise<Next> {
    const state = `${story.name}: ${stateOf(world)}`;
    const next = this.nexts?.get(state) ?? await this.playNext(story, world);
    this.nexts?.set(state, next);
    return next;
  }

  private async playNext({ next: { play, stable } }: Story, world: CrashWorld): Promise<Next> {
    const next = await play(world);
    const seen = look(world, next);
    const faults = [...faultsOf(seen), ...(seen.stable === stable ? [] : [`Stable is not ${stable}`])];
    return { seen, faults: faults.map((fault) => `the next run: ${fault} [${announced(seen)}]\n${logOf(next)}`) };
  }

  public async stop(): Promise<void> {
    await Promise.all([...this.worlds.values()].map((world) => world.stop()));
  }

  private async beginning({ before }: Story, world: CrashWorld): Promise<Saved | undefined> {
    const key = `${nameOf(world.kind)}: ${before.name}`;
    if (!this.saved.has(key)) {
      await world.begin();
      await before.play(world);
      this.saved.set(key, world.save(before.name));
    }
    return this.saved.get(key);
  }
}

/** No job of this run can recover it: the last one died, too. */
function mayBeLeft({ story: { lastRecovery }, ends }: Cut): boolean {
  return lastRecovery === undefined || ends.some(({ where }) => where.includes(` ${lastRecovery}: `));
}

/** Having died in `confirming` it merely lacked its confirmation. */
function isUndone({ story, ends: [first] }: Cut, { points }: Ran, { attempts }: Seen): boolean {
  if (!story.isGood || !first) return false;
  const confirming = points.findIndex(({ name }) => name === 'after POST /deployments/#/statuses confirming');
  const died = points.findIndex((point) => isSame(point, first));
  return confirming >= 0 && died >= confirming && attempts.some(({ version, state }) => version === story.stable && state === 'rolledBack');
}

function logOf({ record }: Ran): string {
  return Object.values(record.jobs).map(({ id, log, result }) => `--- ${id} (${result})\n${log}`).join('\n');
}

/** Each point, each way to meet it. */
export function cutsAt(story: Story, points: readonly Point[], hows: readonly How[]): Cut[] {
  return points.flatMap((point) => hows.filter((how) => isPossible(point, how)).map((how) => ({ story, ends: [endAt(point, how)] })));
}

/**
 * Only a command that is under way lives on, or does not listen. And what a machine that stands still has begun cannot be stopped: so commands must be
 * idempotent, and a machine that stood still in one of them is not looked at here.
 */
function isPossible(point: Point, how: How): boolean {
  if (/command (lives|stubborn)$/.test(how)) return isDuring(point);
  return how !== 'runner paused' || !/^during|^before command|guard/.test(point.name);
}

/** A command that is under way is held half way, unless it may go on at once. */
export function endAt(point: Point, how: How): End {
  return { ...point, how, holds: isDuring(point) && how !== 'SIGKILL' };
}

function isSame(a: Point, b: Point): boolean {
  return a.where === b.where && a.name === b.name && a.nth === b.nth;
}

function isDuring({ name }: Point): boolean {
  return name.startsWith('during ');
}

/** After these the world is another one than before: the points between them differ only for the process that dies. */
export function changes(points: readonly Point[]): Point[] {
  return points.filter(({ name }) => /^(during|after (POST|PATCH|DELETE|command)) /.test(name));
}

/** What is wrong with them, in words; empty where all is right. */
export function wrong(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ faults }) => faults.length > 0).map(({ cut, faults }) => `${cut.story.name}: ${describeCut(cut)}: ${faults.join('; ')}`);
}

export function describeCut({ ends }: Cut): string {
  return ends.map((end) => `${end.how} at ${describePoint(end)}`).join(', then ');
}

function describePoint({ where, name, nth }: Point): string {
  return `${where}: ${name}${nth > 1 ? ` (${nth})` : ''}`;
}

/** Before, during and after every call of an engine, or only those that change something. */
export function engineCalls(points: readonly Point[], { isChange = false } = {}): Point[] {
  return points.filter(({ name }) => (isChange ? isEngineChange(name) : /command (aws|git|kubectl|npm|ssh) /.test(name)));
}

export function isEngineChange(point: string): boolean {
  return ENGINE_CHANGE.test(point);
}

const ENGINE_CHANGE = /command (?:aws (?:(?:update|publish|put|delete|create|register|modify|cancel|continue|rollback|execute)-|(?:cp|rm)$)|git push$|kubectl (?:apply|create|delete|patch|replace)$|npm (?:publish|dist-tag add|deprecate)$|ssh (?:claim|upload|unpack|pull|switch|replace|restart|runs|remove|weigh)$)/;
