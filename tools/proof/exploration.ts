import { Before, Befores, BeforeStep, MOST_STATES, otherWays, Predecessor, Summary, TooMany } from './before';
import { Cone, ConeJob } from './cone';
import { Decisions } from './decisions';
import { afterAttempt, AT_FIRST, EnvironmentState, meanwhile, stateOf } from './environment-state';
import { Fault, faultAtEnd, faultOnDecision, Situation } from './faults';
import { DUE, dueEnd, End, endOf, JobWay, keptEnd, silentEnd, SKIPPED, waysOf } from './job-end';
import { storyOf } from './story';

/** A path that must not be. */
export interface BrokenPath {
  readonly fault: Fault;
  /** What happens, step by step. */
  readonly story: readonly string[];
}

/** What was found out about an environment. */
export interface Explored {
  readonly broken?: BrokenPath;
  readonly summaries: readonly Summary[];
  readonly states: number;
}

/** What happened last. */
export type Step =
  | { readonly job: ConeJob; readonly end: End; readonly state: EnvironmentState }
  | { readonly before: BeforeStep | undefined }
  | string;

export interface Node extends Situation {
  readonly from?: Node;
  readonly step?: Step;
  readonly length: number;
}

/**
 * Every path through an environment's jobs: its first attempt, then every way to run jobs again, until nothing new is reached. States that are
 * equal for all that follows are explored once; of two ways to one the shorter stays.
 *
 * @param predecessor the environment before
 */
export function explore(cone: Cone, predecessor?: Predecessor): Explored {
  return new Explorer(cone, predecessor).explored();
}

class Explorer {
  private readonly decisions: Decisions;
  private readonly befores: Befores;
  private readonly all: readonly Before[];
  private isFirstAttempt = true;
  private broken?: { readonly fault: Fault; readonly node: Node };
  private states = 0;
  private readonly known = new Map<string, readonly JobWay[]>();
  /** What was begun with every way in which the jobs before end. */
  private readonly redone = new Set<string>();

  constructor(private readonly cone: Cone, predecessor: Predecessor | undefined) {
    this.decisions = new Decisions(cone);
    this.befores = new Befores(cone, this.decisions, predecessor);
    this.all = this.befores.all();
  }

  public explored(): Explored {
    const seen = new Map<string, Node>();
    const summaries = new Map<string, Summary>();
    let reached = this.attempt(this.beginnings());
    while (reached.length > 0 && !this.broken) {
      for (const node of reached) this.show(node, summaries);
      const fresh = reached.map((node) => this.betweenAttempts(node)).filter((node) => this.add(seen, node));
      this.isFirstAttempt = false;
      reached = this.attempt(this.rerunsOf(fresh));
    }
    const { broken, states } = this;
    if (broken) return { broken: { fault: broken.fault, story: storyOf(broken.node) }, summaries: [], states };
    return { summaries: [...summaries.values()], states };
  }

  private beginnings(): Node[] {
    const ends: End[] = [];
    for (const { place } of this.cone.own) ends[place] = DUE;
    return AT_FIRST.flatMap((state) => this.all.map((before): Node => ({
      before, ends, state, isCancelled: before.isCancelled, requested: -1, length: before.length, step: { before: before.step },
    })));
  }

  /** Decides about each job that is due, in order. */
  private attempt(start: readonly Node[]): Node[] {
    let nodes = start;
    for (const job of this.cone.own) {
      const next = new Map<string, Node>();
      for (const node of nodes) {
        if (node.ends[job.place].how === 'due') this.decide(job, node, next);
        else this.add(next, node);
      }
      nodes = [...next.values()];
      if (this.broken) return [];
    }
    for (const node of nodes) this.note(faultAtEnd(this.cone, node), node);
    return [...nodes];
  }

  private decide(job: ConeJob, node: Node, next: Map<string, Node>): void {
    const { cone } = this;
    for (const isCancelled of node.isCancelled ? [true] : [false, true]) {
      const at: Node = isCancelled === node.isCancelled ? node : { ...node, isCancelled, from: node, step: 'the run is cancelled', length: node.length + 1 };
      const endAt = (place: number) => at.ends[place] ?? at.before.ends[place];
      const fixed = at.before.fixed[job.place];
      for (const runs of fixed !== undefined ? [fixed] : this.decisions.of(job, { endAt, isCancelled, isFirstAttempt: this.isFirstAttempt })) {
        const ways = runs ? this.ways(job, at) : [{ end: SKIPPED, state: at.state }];
        const fault = faultOnDecision(cone, job, at, runs);
        if (fault) this.note(fault, this.after(at, job, { end: runs ? STARTS : SKIPPED, state: at.state }));
        else for (const way of ways) this.add(next, this.after(at, job, way));
      }
    }
  }

  private after(node: Node, job: ConeJob, { end, state }: JobWay): Node {
    const ends = node.ends.slice();
    ends[job.place] = end;
    const { before, isCancelled, requested, length } = node;
    return { before, ends, state, isCancelled, requested, from: node, step: { job, end, state }, length: length + 1 };
  }

  private ways(job: ConeJob, { ends, state, before }: Node): readonly JobWay[] {
    const { cone } = this;
    if (job.kind === 'other' || job.of !== undefined) return otherWays(cone).map((end) => ({ end, state }));
    const deploy = ends[cone.main.deploy.place];
    // the plan is made beside the environment before
    const isRequirementMet = job.kind === 'plan' || before.isMet;
    const isDeployed = deploy.result === 'success';
    const key = `${job.place} ${state.id} ${ends[job.place].id} ${isDeployed ? deploy.id : -1} ${isRequirementMet}`;
    let ways = this.known.get(key);
    if (!ways) {
      const reported = { isDeployed, state: isDeployed ? deploy.outputs.state : undefined, isRequirementMet };
      const { kind, needsApproval, place } = job;
      const { seesFailures } = cone;
      const readsState = this.decisions.readsState(job);
      const possible = waysOf({ kind, state, reported, earlier: ends[place].outputs, needsApproval, seesFailures, readsState });
      this.known.set(key, ways = this.relevant(job, possible));
    }
    return ways;
  }

  /** Without outputs that nothing depends on. */
  private relevant(job: ConeJob, ways: readonly JobWay[]): readonly JobWay[] {
    const found = ways.map(({ end, state }) => {
      const matters = end.result === 'success' || (job.kind === 'plan' && end.outputs.go === 'true') || this.decisions.dependsOnOutputs(job, end.result);
      return { end: matters ? end : silentEnd(end), state };
    });
    return [...new Map(found.map((way) => [`${way.end.id} ${way.state.id}`, way])).values()];
  }

  /** Of two equal ones the one with the shorter way stays. */
  private add(among: Map<string, Node>, node: Node): boolean {
    const { before, ends, state, isCancelled, requested } = node;
    let key = String.fromCharCode(before.id % 0x8000, Math.floor(before.id / 0x8000), state.id, requested + 1, Number(isCancelled));
    for (const { place } of this.cone.own) key += String.fromCharCode(ends[place].id);
    const same = among.get(key);
    if (same && same.length <= node.length) return false;
    if (!same) this.states += 1;
    if (this.states > MOST_STATES) throw new TooMany();
    among.set(key, node);
    return !same;
  }

  private note(fault: Fault | undefined, node: Node): void {
    if (fault && (!this.broken || node.length < this.broken.node.length)) this.broken = { fault, node };
  }

  private betweenAttempts(node: Node): Node {
    const ends = node.ends.slice();
    for (const { place } of this.cone.own) ends[place] = keptEnd(ends[place]);
    return { ...node, ends, state: afterAttempt(node.state), isCancelled: false, requested: -1 };
  }

  /** What a person may ask for: a job or all of them, with those that depend on them. Others may have come meanwhile. */
  private rerunsOf(nodes: readonly Node[]): Node[] {
    const found = new Map<string, Node>();
    for (const one of nodes) for (const node of this.withOthers(one)) this.addChoices(node, found);
    return [...found.values()];
  }

  private withOthers(node: Node): Node[] {
    const { before, state } = node;
    const others = meanwhile(state).filter((one) => one !== state)
      .map((changed): Node => ({ ...node, state: stateOf(changed), from: node, step: 'meanwhile another release comes', length: node.length + 1 }));
    const lost = this.withLost(before).slice(1)
      .map((one): Node => ({ ...node, before: one, from: node, step: 'meanwhile a person rolls the environment before back', length: node.length + 1 }));
    return [node, ...others, ...lost];
  }

  /** A person may have rolled back the environment before, and its jobs do not know. */
  private withLost(before: Before): Before[] {
    const isKnown = this.cone.environment.after !== undefined && before.isVerified && before.isMet;
    return isKnown ? [before, this.befores.with(before, { isMet: false })] : [before];
  }

  private addChoices(node: Node, found: Map<string, Node>): void {
    const { outside, own, main } = this.cone;
    const ran = own.filter(({ place }) => node.ends[place].result !== 'skipped');
    const bad = ran.filter(({ place }) => node.ends[place].result !== 'success').map(({ place }) => place);
    const single = ran.map((job) => this.again(node, [job.place], `${this.titled(job)} is run again`, job.place === main.rollback.place ? job.place : -1));
    const failed = bad.length > 0 ? [this.again(node, bad, 'the failed jobs are run again')] : [];
    const places = outside.map(({ place }) => place);
    const redone = [...(places.length > 0 ? [this.again(node, [...places, ...bad], 'jobs before are run again')] : []), this.again(node, own.map(({ place }) => place), 'all jobs are run again')];
    for (const again of redone) {
      const key = `${again.ends.map(({ id }) => id).join()} ${again.state.id}`;
      const all = this.redone.has(key) ? [] : this.all.flatMap((before) => this.withLost(before));
      for (const one of all) this.add(found, { ...again, before: one, isCancelled: one.isCancelled });
      this.redone.add(key);
    }
    for (const again of [...single, ...failed]) this.add(found, again);
  }

  private titled({ place }: ConeJob): string {
    return `{${place}}`;
  }

  private again(node: Node, chosen: readonly number[], step: string, requested = -1): Node {
    const ends = node.ends.slice();
    for (const { place, ancestors } of this.cone.own) {
      if (chosen.includes(place) || ancestors.some((one) => chosen.includes(one))) ends[place] = dueEnd(ends[place]);
    }
    return { ...node, ends, requested, from: node, step, length: node.length + 1 };
  }

  /** What the jobs of environments after it see. */
  private show(node: Node, summaries: Map<string, Summary>): void {
    const { cone } = this;
    if (cone.later.length === 0) return;
    const { before: { bad, fixed, ends: before }, ends, state, isCancelled } = node;
    const shown = cone.ids.map((_, place) => shownAs(ends[place] ?? before[place]));
    // a person rolled it back since, and only other jobs were run again: only the commands know
    const { how, outputs } = ends[cone.main.monitor.place];
    const isLost = !state.isVerified && how === 'kept' && outputs.state === 'stable';
    const [isVerified, isMet] = [state.isVerified || isLost, state.isVerified];
    const key = `${shown.map((end) => end?.id ?? '').join()} ${bad.join()} ${fixed.join()} ${isCancelled} ${isVerified} ${isMet}`;
    const same = summaries.get(key);
    if (same && same.length <= node.length) return;
    summaries.set(key, { ends: shown, fixed, bad, isCancelled, isVerified, isMet, length: node.length, story: () => storyOf(node) });
  }
}

/** Nothing follows. */
const STARTS = endOf('success', 'done');

function shownAs(end: End | undefined): End | undefined {
  return end && (end.result === 'skipped' ? SKIPPED : endOf(end.result, 'done', end.outputs));
}
