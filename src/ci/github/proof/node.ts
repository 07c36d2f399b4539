import { Before, BeforeStep } from './before';
import { ConeJob } from './cone';
import { EnvironmentState } from './environment-state';
import { End } from './job-end';
import { OwnEnds } from './own-ends';

/** What happened last. */
export type Step =
  | { readonly job: ConeJob; readonly end: End; readonly state: EnvironmentState }
  | { readonly before: BeforeStep | undefined }
  | string;

/** Where a run stands on the environment, and how it came there. */
export interface Node {
  readonly before: Before;
  readonly ends: OwnEnds;
  readonly state: EnvironmentState;
  readonly isCancelled: boolean;
  /** The place of the job that a person asked for again; -1 if none. */
  readonly requested: number;
  readonly from?: Node;
  readonly step?: Step;
  /** The steps so far. */
  readonly length: number;
}

/** Nodes that are equal for all that follows, each once: the one with the shortest way. */
export class Nodes {
  private readonly found = new Map<number, Node>();

  /** @param known those that were explored before */
  constructor(private readonly known: Set<number> = new Set()) {}

  public get all(): Node[] {
    return [...this.found.values()];
  }

  /** Returns whether the node is new. */
  public add(node: Node): boolean {
    const key = keyOf(node);
    if (this.known.has(key)) return false;
    const same = this.found.get(key);
    if (!same || same.length > node.length) this.found.set(key, node);
    return !same;
  }

  /** From now on these were explored. */
  public close(): Node[] {
    for (const key of this.found.keys()) this.known.add(key);
    return this.all;
  }
}

/** There are fewer places, states and ways in which the jobs before end. */
const PLACES = 2 ** 9;
const STATES = 2 ** 5;
const BEFORES = 2 ** 18;

/** What makes two nodes equal. */
export interface Identity extends Pick<Node, 'ends' | 'state' | 'isCancelled' | 'requested'> {
  readonly before: Pick<Before, 'id'>;
}

/** Equal nodes have equal keys. */
export function keyOf({ before, ends, state, isCancelled, requested }: Identity): number {
  return (((ends.id * BEFORES + before.id) * STATES + state.id) * PLACES + requested + 1) * 2 + Number(isCancelled);
}
