import { keyOf } from './bound-conditions';
import { Cone, ConeJob, nameOf, readBy, readsAncestors } from './cone';
import { Outputs } from './environment-state';
import { End, endOfResult, Result, UNKNOWN_OUTPUTS } from './job-end';
import { COMPLETED_ATTEMPT, STATE } from '../../../contract/outputs';
import { nodesOf } from '../expressions/condition';
import { evaluate, Status } from '../expressions/evaluate';
import { Tree } from '../expressions/tree';
import { Dictionary, truths, UNKNOWN, Value } from '../expressions/values';

/** How the jobs before ended. Undefined: not known yet, or no longer. */
export type EndAt = (place: number) => End | undefined;

/** What is known of a run. */
export interface Moment {
  readonly endAt: EndAt;
  /** Undefined: it may be. */
  readonly isCancelled?: boolean;
  readonly isFirstAttempt: boolean;
}

/** What a condition looks at. */
interface Reads {
  readonly status: boolean;
  readonly ancestors: boolean;
  readonly places: readonly number[];
  readonly attempts: readonly string[];
}

/** What the conditions of a cone's jobs come to. */
export class Decisions {
  private readonly known = new Map<string, readonly boolean[]>();
  private readonly dependent = new Map<string, boolean>();
  private readonly reads: readonly Reads[];

  private readonly jobs: readonly ConeJob[];

  private readonly readers: readonly string[];

  constructor({ jobs, later, readers }: Cone) {
    this.readers = readers.map(keyOf);
    this.jobs = [...jobs, ...later];
    this.reads = this.jobs.map((job) => {
      const ancestors = readsAncestors(job.tree);
      const status = ancestors || [...nodesOf(job.tree)].some((node) => node.kind === 'call' && node.name === 'cancelled');
      return { ancestors, status, places: readBy(job), attempts: laterAttempts(job.tree) };
    });
  }

  /** The jobs whose ends a condition depends on. */
  public readBy(job: ConeJob): readonly number[] {
    return this.reads[job.place].places;
  }

  /** Whether it makes a difference to the job that the run is cancelled. */
  public readsStatus({ place }: ConeJob): boolean {
    return this.reads[place].status;
  }

  /** Whether anything depends on the outputs of a job that ended like this. */
  public dependsOnOutputs({ place }: Pick<ConeJob, 'place'>, result: Result): boolean {
    const key = `${place} ${result}`;
    let found = this.dependent.get(key);
    if (found === undefined) {
      // what jobs outside the cone look at matters, whatever they come to
      const isRead = this.readers.some((text) => text.includes(`"${nameOf(place)}"`) || !text.includes('"#'));
      this.dependent.set(key, found = isRead || this.jobs.some((job) => job.needs.includes(place) && !this.isIdle(job, place, result)));
    }
    return found;
  }

  private isIdle(job: ConeJob, place: number, result: Result): boolean {
    const endAt = (one: number) => (one === place ? endOfResult(result) : undefined);
    return [true, false].every((isFirstAttempt) => this.of(job, { endAt, isFirstAttempt }).every((runs) => !runs));
  }

  /** Whether a job runs: both if that depends on what is not known. */
  public of(job: ConeJob, moment: Moment): readonly boolean[] {
    const { status } = this.reads[job.place];
    const statuses: readonly (Status | undefined)[] = status ? this.statuses(job, moment) : [undefined];
    const key = `${job.place},${moment.isFirstAttempt},${statuses.join()},${job.needs.map((need) => moment.endAt(need)?.id).join()}`;
    let found = this.known.get(key);
    if (!found) this.known.set(key, found = this.evaluated(job, moment, statuses));
    return found;
  }

  private evaluated(job: ConeJob, { endAt, isFirstAttempt }: Moment, statuses: readonly (Status | undefined)[]): readonly boolean[] {
    const found = new Set((isFirstAttempt ? ['1'] : this.reads[job.place].attempts).flatMap((attempt) => statuses.flatMap((status) => {
      const needs = Object.fromEntries(job.needs.map((need) => [nameOf(need), seenAs(this.jobs[need], endAt(need), attempt)]));
      const contexts = { needs: new Dictionary(needs), github: new Dictionary({ run_attempt: attempt }, true) };
      const possible = truths(evaluate(job.tree, { contexts, status }));
      // GitHub ends the evaluation with an error
      return possible.length === 0 ? [true, false] : possible;
    })));
    return [...found];
  }

  /** What the status functions may look at: all jobs before, however far. */
  private statuses({ ancestors, place }: ConeJob, { endAt, isCancelled }: Moment): Status[] {
    if (isCancelled) return ['cancelled'];
    const found: Status[] = isCancelled === undefined ? ['cancelled'] : [];
    if (!this.reads[place].ancestors) return [...found, 'success'];
    const results = ancestors.map((one) => endAt(one)?.result);
    const isUnknown = results.includes(undefined);
    const isBad = results.some((result) => result !== undefined && result !== 'success');
    if (!isBad) found.push('success');
    if (isUnknown || results.includes('failure')) found.push('failure');
    if (isUnknown || (isBad && !results.includes('failure'))) found.push('skipped');
    return found;
  }
}

function seenAs(job: ConeJob, end: End | undefined, attempt: string): Value {
  if (!end) return UNKNOWN;
  if (job.kind !== 'other') return neededAs(end, attempt);
  const { result } = end;
  // what the job writes to its outputs is unknown
  const outputs = Object.fromEntries((job.outputs ?? []).map((name) => [name, UNKNOWN]));
  return new Dictionary({ result, outputs: result === 'skipped' ? new Dictionary({}) : new Dictionary(outputs, job.outputs === undefined) });
}

/** What a condition sees of a job. A skipped one has no outputs. */
export function neededAs({ result, outputs }: Pick<End, 'result' | 'outputs'>, attempt: string): Value {
  const values = outputs === UNKNOWN_OUTPUTS ? {} : modelled(outputs, attempt);
  return new Dictionary({ result, outputs: result === 'skipped' ? new Dictionary({}) : new Dictionary(values, true) });
}

function modelled({ go, state, completed }: Outputs, attempt: string): Record<string, Value> {
  const completedAttempt = completed === undefined ? null : completed === 'now' ? attempt : '1';
  return { go: go ?? null, [STATE]: state ?? null, [COMPLETED_ATTEMPT]: completedAttempt };
}

/** Attempts after the first for which a condition may differ: around each number in it. */
export function laterAttempts(tree: Tree): readonly string[] {
  const text = keyOf(tree);
  const numbers = text.includes('run_attempt') ? [...text.replace(/"#-?\d+"/g, '').matchAll(/\d+/g)].map(Number).filter(Number.isSafeInteger) : [];
  return [...new Set([2, ...numbers.flatMap((number) => [number - 1, number, number + 1])].filter((number) => number > 1).map(String))];
}
