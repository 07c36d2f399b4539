import { Awaited, Cone, ConeJob } from './cone';
import { Decisions, EndAt } from './decisions';
import { EqualEnds } from './equal-ends';
import { End, endOf, SKIPPED } from './job-end';

/** How the jobs before an environment's may have ended, as far as anything that follows depends on it. */
export interface Before {
  /** Equal for those that differ only in `isCancelled`, which a run forgets between two attempts. */
  readonly id: number;
  /** Equal ones have equal keys, also in equal cones of other environments. */
  readonly key: string;
  /** By place. Undefined: nothing depends on it any more. */
  readonly ends: readonly (End | undefined)[];
  /** By place, of jobs that come later: whether they run, where the jobs so far determine it. */
  readonly fixed: readonly (boolean | undefined)[];
  readonly isCancelled: boolean;
  /** For each deployment that waits for jobs of others: whether one of these is bad. */
  readonly bad: readonly boolean[];
  /** Whether the environment before is verified, and whether the commands of this one find it so. */
  readonly isVerified: boolean;
  readonly isMet: boolean;
  /** The way there, last step first. */
  readonly step?: BeforeStep;
  readonly length: number;
}

export interface BeforeStep {
  readonly from?: BeforeStep;
  /** Absent: the run is cancelled. */
  readonly place?: number;
  readonly end?: End;
  /** How the jobs of another environment ended, in words. */
  story?(): readonly string[];
}

/** How the jobs of the environment before may have ended. */
export interface Summary extends Pick<Before, 'bad' | 'fixed' | 'isCancelled' | 'isVerified' | 'isMet' | 'length'> {
  /** By place in the cone of that environment. */
  readonly ends: readonly (End | undefined)[];
  /** What happened, step by step. */
  story(): readonly string[];
}

export interface Predecessor {
  readonly cone: Cone;
  readonly summaries: readonly Summary[];
}

/** The most states that are distinguished, and the most ways in which the jobs before an environment's may end. */
export const MOST_STATES = 200_000;
const MOST_BEFORES = 1_000;

/** There are more outcomes than can be proven. */
export class TooMany extends Error {}

/** All ways in which the jobs before an environment's may end. What no later condition depends on is forgotten, and equal ends are one. */
export class Befores {
  private readonly pool = new Map<string, Before>();

  /** @param predecessor the environment before; none if there is none */
  constructor(
    private readonly cone: Cone,
    private readonly decisions: Decisions,
    private readonly equal: EqualEnds,
    private readonly predecessor: Predecessor | undefined,
  ) {}

  public all(): Before[] {
    const { cone: { ids, outside }, predecessor } = this;
    const decided = new Set(ids.flatMap((id, place) => (predecessor?.cone.ids.includes(id) ? [place] : [])));
    let reached = this.merged(this.beginnings().map((before) => this.relevant(before, decided)));
    for (const job of outside.filter(({ place }) => !decided.has(place))) {
      decided.add(job.place);
      reached = this.merged(reached.flatMap((before) => [...this.decided(before, job)].map((next) => this.relevant(next, decided))));
    }
    return reached;
  }

  /** With another fact of the environment before. */
  public with(before: Before, change: Partial<Pick<Before, 'isMet'>>): Before {
    return this.keep(new Map(), { ...before, ...change });
  }

  private merged(befores: readonly Before[]): Before[] {
    const found = new Map<string, Before>();
    for (const before of befores) this.keep(found, before);
    return [...found.values()];
  }

  private beginnings(): Before[] {
    const { cone, predecessor } = this;
    const bad = cone.awaited.map(() => false);
    if (!predecessor) return [{ id: 0, key: '', ends: [], fixed: [], bad, isCancelled: false, isVerified: true, isMet: true, length: 0 }];
    const before = predecessor.cone;
    const places = before.ids.map((id) => cone.ids.indexOf(id));
    // what the deployments after this one wait for is known of the environment before, too
    const known = cone.awaited.map((one) => {
      const title = titleIn(before, cone, one);
      return before.awaited.findIndex((other) => other.title === title);
    });
    return predecessor.summaries.map((summary) => {
      const ends: (End | undefined)[] = [];
      summary.ends.forEach((end, i) => (places[i] >= 0 ? ends[places[i]] = end && this.equal.of(cone.jobs[places[i]], end) : undefined));
      const fixed: (boolean | undefined)[] = [];
      before.laterIds.forEach((id, i) => (fixed[placeOf(cone, id)] = summary.fixed[before.ids.length + i]));
      const { isCancelled, isVerified, isMet, length } = summary;
      const isBad = (one: Awaited) => ends.some((end, place) => end !== undefined && isBadFor(one, place, end));
      const worse = cone.awaited.map((one, i) => (known[i] >= 0 && summary.bad[known[i]]) || isBad(one));
      return { id: 0, key: '', ends, fixed, bad: worse, isCancelled, isVerified, isMet, length, step: { story: () => summary.story() } };
    });
  }

  private* decided(before: Before, job: ConeJob): Generator<Before> {
    for (const isCancelled of before.isCancelled ? [true] : [false, true]) {
      const step = isCancelled === before.isCancelled ? before.step : { from: before.step };
      const fixed = before.fixed[job.place];
      const runs = fixed !== undefined ? [fixed] : this.inAnyAttempt(job, (place) => before.ends[place], isCancelled);
      for (const end of runs.flatMap((one) => (one ? otherWays(this.cone) : [SKIPPED]))) {
        const ends = [...before.ends];
        ends[job.place] = end;
        const length = before.length + 1 + Number(isCancelled !== before.isCancelled);
        const bad = this.cone.awaited.map((one, i) => before.bad[i] || isBadFor(one, job.place, end));
        yield { ...before, ends, isCancelled, bad, length, step: { from: step, place: job.place, end } };
      }
    }
  }

  private inAnyAttempt(job: ConeJob, endAt: EndAt, isCancelled: boolean | undefined): readonly boolean[] {
    return [...new Set([true, false].flatMap((isFirstAttempt) => this.decisions.of(job, { endAt, isCancelled, isFirstAttempt })))];
  }

  /** Forgets the ends that no condition depends on, because it is decided anyway. */
  private relevant(before: Before, decided: ReadonlySet<number>): Before {
    const { jobs, later } = this.cone;
    const needed = new Set<number>();
    const fixed: (boolean | undefined)[] = [];
    const endAt = (place: number) => before.ends[place];
    for (const job of [...jobs, ...later]) {
      if (decided.has(job.place)) continue;
      fixed[job.place] = before.fixed[job.place];
      if (fixed[job.place] !== undefined) continue;
      const reads = this.decisions.readBy(job);
      if (!reads.some((place) => before.ends[place] !== undefined)) continue;
      // the job may be run again, and that attempt is not cancelled
      const runs = this.inAnyAttempt(job, endAt, undefined);
      if (runs.length === 1) fixed[job.place] = runs[0];
      else for (const place of reads) needed.add(place);
    }
    return { ...before, fixed, ends: before.ends.map((end, place) => (needed.has(place) ? end : undefined)) };
  }

  /** Of two equal ones the one with the shorter way stays. */
  private keep(among: Map<string, Before>, before: Before): Before {
    const { ends, fixed, isCancelled, bad, isVerified, isMet } = before;
    const { outside, main } = this.cone;
    const left = outside.map(({ place }) => ends[place]?.id ?? '');
    // where the deployment does not run, nothing depends on the environment before
    const [verified, met] = fixed[main.deploy.place] === false ? [true, true] : [isVerified, isMet];
    const name = [left, [verified, met], bad, fixed].map((part) => part.join()).join(' ');
    const key = `${name} ${isCancelled}`;
    const same = among.get(key);
    if (same && same.length <= before.length) return same;
    const pooled = this.pool.get(name);
    const kept = { ...before, key, isVerified: verified, isMet: met, id: pooled?.id ?? this.pool.size };
    if (!pooled) this.pool.set(name, kept);
    if (this.pool.size > MOST_BEFORES) throw new TooMany();
    among.set(key, kept);
    return kept;
  }
}

function isBadFor({ required, wanted }: Awaited, place: number, { result }: End): boolean {
  if (required.includes(place)) return result !== 'success';
  return wanted.includes(place) && result !== 'success' && result !== 'skipped';
}

/** Of a job of the cone, or of a deployment after it. */
function placeOf({ ids, laterIds }: Cone, id: string): number {
  const place = ids.indexOf(id);
  return place >= 0 ? place : ids.length + laterIds.indexOf(id);
}

/** The title of the same jobs in the cone before. */
function titleIn(before: Cone, cone: Cone, { required, wanted }: Awaited): string {
  const inBefore = (places: readonly number[]) => places.map((place) => before.ids.indexOf(cone.ids[place]))
    .filter((place) => place >= 0).sort((a, b) => a - b);
  return [required, wanted].map((places) => inBefore(places).map((place) => before.ids[place]).join()).join(' ');
}

/** How a job that is not the delivery's may end if it runs. */
export function otherWays({ seesFailures }: Pick<Cone, 'seesFailures'>): readonly End[] {
  return seesFailures ? [SUCCESS, FAILURE, CANCELLED] : [SUCCESS, FAILURE];
}

const SUCCESS = endOf('success', 'done');
const FAILURE = endOf('failure', 'done');
const CANCELLED = endOf('cancelled', 'done');
