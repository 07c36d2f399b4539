import { End } from './job-course';
import { Place } from './place';
import { keyFrom, Pool } from './pool';
import { Situation } from './rules';
import { Way } from './ways';
import { JobModel } from './workflow-model';

/** A state on the way, how many paths lead to it, and one of them. */
export interface Node {
  readonly situation: Situation;
  paths: number;
  readonly from?: Node;
  readonly step: Step;
  /** The job that a person asked for again, where that matters; -1: none in particular. */
  readonly requestedJob: number;
  /** What comes before is done again as well. */
  readonly isBeforeDue: boolean;
}

/** Where the ends begin in the numbers of a node, and behind them the places. */
const BEFORE_ENDS = 2;

/** What happened last. */
export type Step = string | { readonly job: JobModel; readonly way: Way } | { readonly describe: () => string };

/** The states that were reached, equal ones once. */
export class Frontier {
  private readonly byKey = new Map<string, Node>();

  constructor(private readonly ends: Pool<End>, private readonly places: Pool<Place>) {}

  public get nodes(): IterableIterator<Node> {
    return this.byKey.values();
  }

  public get size(): number {
    return this.byKey.size;
  }

  public find(node: Node): Node | undefined {
    return this.byKey.get(this.keyOf(node));
  }

  public add(node: Node, times = 1): void {
    const key = this.keyOf(node);
    const same = this.byKey.get(key);
    if (same) same.paths += node.paths * times;
    else this.byKey.set(key, { ...node, paths: node.paths * times });
  }

  /** What becomes of a node when a job ends in one of several ways. @param others the jobs' ends beside it */
  public addWays(node: Node, job: JobModel, others: readonly End[], ways: readonly Way[]): void {
    const { situation, requestedJob, isBeforeDue } = node;
    const { isCancelled, places: before } = situation;
    const numbers = this.numbersOf({ ...node, situation: { ...situation, ends: others } });
    const [endAt, placeAt] = [BEFORE_ENDS + job.index, BEFORE_ENDS + others.length + job.place];
    for (const way of ways) {
      numbers[endAt] = this.ends.numberOf(way.end);
      if (job.place >= 0) numbers[placeAt] = this.places.numberOf(way.place);
      const key = keyFrom(numbers);
      const same = this.byKey.get(key);
      const paths = node.paths * way.courses;
      if (same) {
        same.paths += paths;
        continue;
      }
      const ends = replaced(others, job.index, way.end);
      const places = job.place < 0 ? before : replaced(before, job.place, way.place);
      this.byKey.set(key, { situation: { ends, places, isCancelled }, paths, from: node, step: { job, way }, requestedJob, isBeforeDue });
    }
  }

  /** How many paths lead to those that fit. */
  public paths(fits: (node: Node) => boolean = () => true): number {
    let paths = 0;
    for (const node of this.nodes) if (fits(node)) paths += node.paths;
    return paths;
  }

  private keyOf(node: Node): string {
    return keyFrom(this.numbersOf(node));
  }

  /** All that distinguishes it. */
  private numbersOf({ situation: { ends, places, isCancelled }, requestedJob, isBeforeDue }: Node): number[] {
    const numbers = [requestedJob + 1, Number(isCancelled) + 2 * Number(isBeforeDue)];
    for (const end of ends) numbers.push(this.ends.numberOf(end));
    for (const place of places) numbers.push(this.places.numberOf(place));
    return numbers;
  }
}

/** The way to a node, step by step. */
export function pathTo(node: Node): string[] {
  const steps: string[] = [];
  for (let one: Node | undefined = node; one; one = one.from) steps.unshift(textOf(one.step));
  return steps.filter((step, index) => step !== steps[index - 1]);
}

export function textOf(step: Step): string {
  if (typeof step === 'string') return step;
  if ('describe' in step) return step.describe();
  const { job, way: { example: { end, place, deeds } } } = step;
  if (end.how === 'skipped') return `${job.id} skipped`;
  const record = place.record === 'none' ? '' : `record ${place.record}`;
  return [job.id, end.result, `(${end.how})`, outputsText(end), record, deeds.join(' ')].filter(Boolean).join(' ');
}

export function outputsText({ outputs }: End): string {
  return Object.entries(outputs).map(([name, value]) => `${name}=${value}`).join(' ');
}

function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  if (list[index] === value) return list;
  const changed = list.slice();
  changed[index] = value;
  return changed;
}
