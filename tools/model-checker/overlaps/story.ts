import { Scheduler } from './scheduler';
import { CHANNELS, MONITORING, SUBJECTS, System, Troubles } from './system';
import { RECORD_LIMIT, WatchCode } from './watch-code';
import { Notification } from '../../../src/runtime/notifications/notification';
import { Random } from '../../../test/random';

export interface StoryResult {
  readonly runs: number;
  readonly transitions: number;
  readonly deaths: number;
  readonly deliveries: number;
  /** How often a record went on in another one. */
  readonly continued: number;
  /** Delivered more often than once, which only a crash or a lost response may cause. */
  readonly again: number;
  /** What must never be. */
  readonly faults: readonly string[];
}

/** Runs that overlap may each write an entry beyond the limit before they see the others'. */
const LONGEST_RECORD = RECORD_LIMIT + 12;

/** Of a story, while others go on. */
const RUNS = 42;

/** Only overlaps: nothing else goes wrong. */
export const CALM: Troubles = { deathRate: 0, rejections: 0, hangs: 0, lag: 0, lagMs: 0, turns: 0.1, changes: 0.03 };
/** Runs die, lists lag and channels fail. */
export const ROUGH: Troubles = { deathRate: 0.004, rejections: 0.1, hangs: 0.05, lag: 2, lagMs: 10_000, turns: 0.15, changes: 0.03 };
/** Lists lag for half a minute, as GitHub's did at their worst. */
export const LAGGING: Troubles = { ...ROUGH, lagMs: 30_000 };
/** None of them has a fault, and each mutation has one in at least one of them. */
export const ROUGH_STORIES = 80;

export async function runStories(code: WatchCode, count: number, troubles: Troubles): Promise<StoryResult[]> {
  const stories: StoryResult[] = [];
  for (let seed = 1; seed <= count; seed++) stories.push(await runStory(code, seed, troubles));
  return stories;
}

export function sum(stories: readonly StoryResult[], of: (one: StoryResult) => number): number {
  return stories.reduce((total, one) => total + of(one), 0);
}

/** Runs overlap, die, and read old records, while the service comes and goes; then it is quiet, and everything must have been notified. */
export async function runStory(code: WatchCode, seed: number, troubles: Troubles): Promise<StoryResult> {
  const scheduler = new Scheduler(new Random(seed));
  const system = new System(code, scheduler, troubles);
  for (let i = 0; i < RUNS; i++) {
    for (const name of SUBJECTS) if (scheduler.random.chance(troubles.turns)) system.isBad[name] = !system.isBad[name];
    for (const part of ['environment', ...SUBJECTS] as const) {
      if (scheduler.random.chance(troubles.changes)) system.watched = { ...system.watched, [part]: !system.watched[part] };
    }
    system.beginRun();
    // the next one begins while this one is at work, or soon after
    const steps = scheduler.random.below(60);
    for (let step = 0; step < steps && await scheduler.step(troubles.deathRate); step++);
    if (scheduler.random.chance(0.3)) scheduler.time += 300_000;
  }
  system.troubles = { ...troubles, deathRate: 0, rejections: 0, hangs: 0, lag: 0 };
  while (await scheduler.step(0));
  // one after the other, as it should be, with the time that a channel which took nothing is left alone
  for (let i = 0; i < 8; i++) {
    scheduler.time += 3_600_000;
    system.beginRun();
    while (await scheduler.step(0));
  }
  return verdictOn(system);
}

function verdictOn(system: System): StoryResult {
  const { delivered, errors, processes, records, pendingNotifications } = system;
  const died = new Set(processes.filter(({ isDead }) => isDead).map(({ id }) => id));
  const faults: string[] = errors.map((error) => `it fell over: ${String(error)}`);
  let again = 0;
  for (const channel of CHANNELS) {
    const received = delivered.filter((one) => one.channel === channel);
    for (const key of SUBJECTS.map(notificationKeyOf)) {
      const isFirst = (id: string, i: number) => received.findIndex((one) => one.notification.id === id) === i;
      const first = received.filter(({ notification: { id, key: itsKey } }, i) => itsKey === key && isFirst(id, i));
      faults.push(...misordered(channel, key, first.map(({ notification }) => notification.event)));
      faults.push(...tooSoon(channel, first.map(({ notification }) => notification)));
    }
    for (const id of new Set(received.map(({ notification }) => notification.id))) {
      const senders = received.filter(({ notification }) => notification.id === id).map(({ process }) => process);
      again += senders.length - 1;
      // each process that sent it before the last one died before it could record that
      if (!senders.slice(0, -1).every((process) => died.has(process))) faults.push(`${channel} got ${id} from ${senders.join(' and ')}, and none of them died`);
    }
  }
  if (records.longest > LONGEST_RECORD) faults.push(`a record has ${records.longest} entries`);
  faults.push(...system.unsent().map((what) => `no process sent ${what}`), ...system.misnamed);
  for (const name of SUBJECTS) {
    const wanted = system.isBad[name] && system.watched.environment && system.watched[name] ? 'firing' : 'quiet';
    if (system.phaseOf(name) !== wanted) faults.push(`${name} is ${system.phaseOf(name)} in the end, not ${wanted}`);
    const last = delivered.filter(({ notification }) => notification.key === notificationKeyOf(name)).at(-1)?.notification.event ?? 'resolved';
    if (['resolved', 'unwatched'].includes(last) === (wanted === 'firing')) faults.push(`the last notification of ${name} is ${last}`);
  }
  const [transitions, deaths, deliveries, { continued }] = [pendingNotifications.length, died.size, delivered.length, records];
  return { runs: RUNS + 8, transitions, deaths, deliveries, continued, again, faults };
}

function notificationKeyOf(subject: string): string {
  return `acme/shop:production/${subject}`;
}

/** Firing, any number of reminders, resolved or not watched any more, and from the beginning. */
function misordered(channel: string, key: string, events: readonly string[]): string[] {
  const letters = events.map((event) => ({ firing: 'f', reminder: 'r', resolved: 'x', unwatched: 'x' })[event] ?? '?').join('');
  const isRight = /^(fr*x)*(fr*)?$/.test(letters);
  return isRight ? [] : [`${channel} got ${key}: ${events.join(', ')}`];
}

/** A reminder is one only after a while. */
function tooSoon(channel: string, notifications: readonly Notification[]): string[] {
  return notifications.flatMap(({ at, event, id }, i) => {
    const since = Date.parse(at) - Date.parse(notifications[i - 1]?.at ?? '');
    return event === 'reminder' && since < MONITORING.remindEveryMs! ? [`${channel} was reminded (${id}) after ${since} ms`] : [];
  });
}
