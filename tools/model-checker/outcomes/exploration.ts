/**
 * Every path through the jobs of a workflow: its first attempt, then every way to run jobs again, until nothing new is reached.
 * States that are equal for all that follows are explored once; how many paths lead to each is counted.
 *
 * Environment by environment: of what came before it, an environment's jobs see no more than the results and outputs of a few jobs,
 * so those are what is distinguished there (`Before`).
 */
import { Needed, Status } from './condition';
import { Frontier, Node, outputsText, pathTo, Step, textOf } from './frontier';
import { End } from './job-course';
import { Occasion, occasionsOf } from './occasion';
import { afterAttempt, LIVE_ALREADY, LOWER, meanwhile, Place, UNTOUCHED } from './place';
import { keyFrom, Pool } from './pool';
import { isLeftToTheNext, onDecision, onEnd, RuleName, Situation } from './rules';
import { Segment, segmentsOf } from './segment';
import { Way, Ways } from './ways';
import { JobModel, WorkflowModel } from './workflow-model';

/** A rule is broken, and the way there. */
export interface Violation {
  readonly rule: RuleName;
  readonly path: readonly string[];
}

export interface Exploration {
  readonly firstAttempts: number;
  /** Second attempts: after each first one the failed jobs again, all of them, or any one; before each, others may have come. */
  readonly reruns: number;
  /** First attempts on which the last job that could finish was lost too, so that the next command on the environment does. */
  readonly leftToTheNext: number;
  /** Ends of attempts that differ: however often jobs are run again, there are no others. */
  readonly ends: number;
  /** The first of each rule. */
  readonly violations: readonly Violation[];
}

export interface ExploreOptions {
  /**
   * Ends at the first violation.
   *
   * @default false
   */
  readonly untilFirst?: boolean;
  /**
   * How often jobs are run, at most.
   *
   * @default - until nothing new is reached
   */
  readonly attempts?: number;
  /**
   * Rules that are broken anyway.
   *
   * @default - none
   */
  readonly ignored?: readonly RuleName[];
  /**
   * Only these environments' jobs, and those of environments after them.
   *
   * @default - all
   */
  readonly from?: number;
  /** What comes before each environment, as an earlier exploration found it. */
  readonly known?: Known;
}

/** By occasion and environment: how the jobs up to it may have ended. */
export type Known = Map<string, readonly Before[]>;

/** How the jobs before an environment ended, as far as its own jobs see it. */
export interface Before {
  /** By job. */
  readonly ends: ReadonlyMap<number, End>;
  /** The environment before it: whether it is verified is all that is asked. */
  readonly place: Place;
  readonly isCancelled: boolean;
  /** First attempts that end like this; 0 if only a later one does. */
  readonly paths: number;
}

/** Explores every occasion there is for the workflow. */
export function explore(model: WorkflowModel, options: ExploreOptions = {}): Exploration {
  const total = { firstAttempts: 0, reruns: 0, leftToTheNext: 0, ends: 0 };
  const violations: Violation[] = [];
  const known: Known = new Map(options.known);
  for (const occasion of occasionsOf(model.name, model.manifest)) {
    for (const isRequirementMet of requirements(model, occasion)) {
      for (const segment of segmentsOf(model, options.from)) {
        const explorer = new Explorer(model, segment, occasion, isRequirementMet, options);
        const found = explorer.explore(known);
        total.firstAttempts += found.firstAttempts;
        total.reruns += found.reruns;
        total.leftToTheNext += found.leftToTheNext;
        total.ends += found.ends;
        violations.push(...found.violations);
        if (options.untilFirst && violations.length > 0) return { ...total, violations };
      }
    }
  }
  options.known?.clear();
  for (const [key, before] of known) options.known?.set(key, before);
  return { ...total, violations };
}

class Found extends Error {}

/** How an environment's plan may end. */
const PLANS: readonly End[] = (['success', 'failure', 'cancelled', 'skipped'] as const)
  .flatMap((result) => ['', 'true', 'false'].map((go): End => ({ result, outputs: go === '' ? {} : { go }, how: 'kept' })));
const FAILED = 'failed jobs again:';

class Explorer {
  private readonly ends = new Pool<End>();
  private readonly places = new Pool<Place>();
  private readonly outputs = new Pool<Readonly<Record<string, string>>>();
  private readonly ways: Ways;
  private readonly later = new Map<Place, Place>();
  private readonly shownPlaces = new Map<number, Place>();
  private readonly dues = new Map<End['outputs'], End>();
  private readonly decisions = new Map<string, boolean>();
  private readonly reports = new Map<string, ReturnType<JobModel['reported']>>();
  private readonly standIns = new Map<string, readonly End[]>();
  private readonly meanings = new Map<string, readonly End[]>();
  private readonly keptEnds = new Map<End, End>();
  /** By job. */
  private readonly seenEnds = new Map<number, Map<End, End>>();
  private befores: readonly Before[] = [];
  /** A cancel can come here just as well as before. */
  private distinctBefores: readonly Before[] = [];
  private readonly violations: Violation[] = [];
  private readonly skipped: End;
  private attempt = 1;
  /** A deployment began. */
  private arrives = false;

  constructor(
    private readonly model: WorkflowModel,
    private readonly segment: Segment,
    private readonly occasion: Occasion,
    private readonly isRequirementMet: boolean,
    private readonly options: ExploreOptions,
  ) {
    this.ways = new Ways(model, this.ends, this.places, this.outputs, isRequirementMet);
    this.skipped = this.ends.keep({ result: 'skipped', outputs: this.outputs.keep({}), how: 'skipped' });
  }

  public explore(known: Known): Exploration {
    const counts = { firstAttempts: 0, reruns: 0, leftToTheNext: 0, ends: 0 };
    if (this.segment.before >= 0) {
      const before = known.get(this.keyOfKnown(this.segment.before));
      if (!before) throw new Error('what comes before was not explored');
      this.befores = before.map((one) => this.adopted(one));
      this.distinctBefores = this.befores.filter(({ isCancelled, ends, place }) =>
        !isCancelled || !this.befores.some((other) =>
          !other.isCancelled && other.place === place && [...ends].every(([index, end]) => other.ends.get(index) === end)));
    }
    const shown = new Map<string, Before>();
    try {
      let reached = this.attemptFrom(this.beginnings());
      counts.firstAttempts = reached.paths();
      counts.leftToTheNext = reached.paths(({ situation: { ends } }) => isLeftToTheNext(this.model, this.segment.place, ends));
      const seen = this.frontier();
      while (reached.size > 0) {
        this.show(reached, shown);
        const fresh = this.betweenAttempts(reached, seen);
        if (this.attempt === this.options.attempts) break;
        this.attempt++;
        reached = this.attemptFrom(this.rerunsOf(fresh));
        if (this.attempt === 2) counts.reruns = reached.paths();
      }
      counts.ends = seen.size;
      known.set(this.keyOfKnown(this.segment.place), [...shown.values()]);
    } catch (error) {
      if (!(error instanceof Found)) throw error;
      return { ...counts, violations: this.violations };
    }
    if (!this.arrives && this.mustArrive()) this.violations.push({ rule: 'a requested release can be deployed', path: [this.occasion.title, 'no deployment ever begins'] });
    return { ...counts, violations: this.violations };
  }

  /** A run that nothing can come of would be green for ever. */
  private mustArrive(): boolean {
    const { occasion, segment: { place }, isRequirementMet, options: { ignored } } = this;
    return isRequirementMet && occasion.requested.includes(place) && this.model.find('deploy', place) !== undefined && !ignored?.includes('a requested release can be deployed');
  }

  private frontier(): Frontier {
    return new Frontier(this.ends, this.places);
  }

  private keyOfKnown(place: number): string {
    return `${this.occasion.title} ${this.isRequirementMet} ${place}`;
  }

  /** The release may be live here already. */
  private beginnings(): Frontier {
    const frontier = this.frontier();
    const { place, jobs } = this.segment;
    const own = new Set(jobs.map(({ index }) => index));
    const due = this.due(this.skipped);
    const ends = this.model.jobs.map(({ index }) => (own.has(index) ? due : this.skipped));
    const before = (at: number, what: Place) => ({ ...what, canGoBack: this.model.environments[at]?.target.noRollback === undefined });
    const places = this.model.environments.map((_, index) => this.places.keep(before(index, UNTOUCHED)));
    const others = this.comparesVersions ? [LIVE_ALREADY, LOWER] : [LIVE_ALREADY];
    for (const here of this.occasion.requested.includes(place) ? [UNTOUCHED, ...others] : [UNTOUCHED]) {
      const at = this.ways.essenceOf(before(place, here));
      const situation = { ends, places: places.map((one, index) => (index === place ? at : one)), isCancelled: false };
      frontier.add({ situation, paths: 1, step: `${this.occasion.title}:`, requestedJob: -1, isBeforeDue: true });
    }
    return frontier;
  }

  /** Decides about each job that is due, in order; what comes before is known by when a job asks for it. */
  private attemptFrom(start: Frontier): Frontier {
    let frontier = start;
    let isJoined = this.segment.outside.length === 0;
    for (const job of this.segment.jobs) {
      // a plan is made beside what comes before, unless it asks for it
      if (!isJoined && (job.kind !== 'plan' || this.segment.gates.includes(job))) {
        frontier = this.join(frontier);
        isJoined = true;
      }
      const next = this.frontier();
      for (const node of frontier.nodes) this.decide(job, node, next);
      frontier = next;
    }
    for (const node of frontier.nodes) this.note(onEnd(this.model, node.situation), node, 'the end of the attempt');
    return frontier;
  }

  private join(frontier: Frontier): Frontier {
    const joined = this.frontier();
    for (const node of frontier.nodes) {
      if (!node.isBeforeDue) joined.add(node);
      else if (this.attempt > 1) for (const before of this.distinctBefores) joined.add(this.after(before, node));
      else for (const before of this.befores) if (before.paths > 0) joined.add(this.after(before, node), before.paths);
    }
    return joined;
  }

  /** In this explorer's own numbers. */
  private adopted(before: Before): Before {
    const ends = [...before.ends].map(([index, end]): [number, End] => [index, this.ends.keep({ ...end, outputs: this.outputs.keep(end.outputs) })]);
    return { ...before, ends: new Map(ends), place: this.places.keep(before.place) };
  }

  private after(before: Before, node: Node): Node {
    const ends = node.situation.ends.slice();
    for (const [index, end] of before.ends) ends[index] = end;
    const places = node.situation.places.slice();
    places[this.segment.before] = before.place;
    const isCancelled = node.situation.isCancelled || before.isCancelled;
    return { ...node, situation: { ends, places, isCancelled }, from: node, step: { describe: () => describeBefore(before) } };
  }

  private decide(job: JobModel, node: Node, next: Frontier): void {
    const { situation } = node;
    if (situation.ends[job.index].how !== 'due') return next.add(node);
    this.decideAsItStands(job, node, next);
    if (situation.isCancelled) return;
    this.decideAsItStands(job, { ...node, situation: { ...situation, isCancelled: true }, from: node, step: 'the run is cancelled' }, next);
  }

  private decideAsItStands(job: JobModel, node: Node, next: Frontier): void {
    const { situation } = node;
    const { occasion, model } = this;
    const runs = this.isDue(job, situation);
    const moment = { model, occasion, job, situation, isRequested: node.requestedJob === job.index };
    this.arrives ||= runs && job.kind === 'deploy';
    this.note(onDecision(moment, runs), node, `${job.id} ${runs ? 'begins' : 'is skipped'}`);
    const others = this.segment.gates.at(-1) === job ? this.withoutBefore(situation.ends) : situation.ends;
    if (!runs) return next.addWays(node, job, others, [this.skipping(situation.places[job.place])]);
    const ways = this.ways.of(job, situation, this.reportedTo(job, situation.ends), this.attempt);
    for (const way of ways) if (way.broken.length > 0) this.note(way.broken, node, { job, way });
    next.addWays(node, job, others, ways);
  }

  private skipping(place: Place): Way {
    return { end: this.skipped, place, broken: [], courses: 1, example: { end: this.skipped, place, deeds: [], broken: [] } };
  }

  /**
   * When the jobs that look at what came before are decided about, it only matters what they would be decided another time.
   * One stands for all that mean the same.
   */
  private withoutBefore(ends: readonly End[]): End[] {
    const { outside } = this.segment;
    const key = outside.map((index) => this.ends.numberOf(ends[index])).join();
    let standIns = this.standIns.get(key);
    if (!standIns) {
      const meaning = this.meaningOf(ends);
      standIns = this.meanings.get(meaning) ?? outside.map((index) => ends[index]);
      this.meanings.set(meaning, standIns);
      this.standIns.set(key, standIns);
    }
    const changed = ends.slice();
    outside.forEach((index, i) => (changed[index] = standIns[i]));
    return changed;
  }

  private meaningOf(ends: readonly End[]): string {
    const { outside, gates, shown, place } = this.segment;
    const plan = this.model.find('plan', place)!.index;
    const decisions = gates.flatMap((gate) => PLANS.flatMap((end) => [true, false].map((isCancelled) =>
      this.evaluate(gate, ends.map((one, index) => (index === plan ? end : one)), isCancelled))));
    const seenLater = outside.filter((index) => shown.includes(index)).map((index) => this.ends.numberOf(ends[index]));
    return JSON.stringify([decisions, outside.some((index) => isBad(ends[index])), seenLater]);
  }

  private reportedTo(job: JobModel, ends: readonly End[]): ReturnType<JobModel['reported']> {
    const key = this.keyOf(job, ends, job.needs);
    let reported = this.reports.get(key);
    if (!reported) {
      reported = job.reported(this.needsOf(job, ends));
      this.reports.set(key, reported);
    }
    return reported;
  }

  /** Of a job and the ends of some of those before it. */
  private keyOf({ index }: JobModel, ends: readonly End[], seen: readonly number[], circumstances = 0): string {
    const numbers = [index, circumstances];
    for (const one of seen) numbers.push(this.ends.numberOf(ends[one]));
    return keyFrom(numbers);
  }

  private isDue(job: JobModel, { ends, isCancelled }: Situation): boolean {
    const seen = job.condition.readsAncestors ? job.ancestors : job.needs;
    const key = this.keyOf(job, ends, seen, Number(isCancelled) + 2 * Number(this.attempt === 1));
    let isDue = this.decisions.get(key);
    if (isDue === undefined) {
      isDue = this.evaluate(job, ends, isCancelled);
      this.decisions.set(key, isDue);
    }
    return isDue;
  }

  private evaluate(job: JobModel, ends: readonly End[], isCancelled: boolean): boolean {
    // those further away went well if the jobs of the environment before did, which asked for it
    const results = job.ancestors.filter((index) => this.segment.known.has(index)).map((index) => ends[index].result);
    const status: Status = {
      cancelled: isCancelled,
      success: !isCancelled && results.every((result) => result === 'success'),
      failure: results.includes('failure'),
    };
    const github = { ...this.occasion.github, run_attempt: String(Math.min(this.attempt, 2)) };
    return job.condition.holds({ github, inputs: this.occasion.inputs, needs: this.needsOf(job, ends), steps: {} }, status);
  }

  private needsOf(job: JobModel, ends: readonly End[]): Record<string, Needed> {
    const needs: Record<string, Needed> = {};
    for (const index of job.needs) needs[this.model.jobs[index].id] = ends[index];
    return needs;
  }

  /** What the environments after this one see of an attempt's end. */
  private show(reached: Frontier, shown: Map<string, Before>): void {
    const { shown: indices, place } = this.segment;
    if (indices.length === 0) return;
    for (const { situation: { ends, places, isCancelled }, paths } of reached.nodes) {
      const seen = indices.map((index) => this.seenAs(this.model.jobs[index], ends[index]));
      const shownPlace = this.placeShown(ends, places[place]);
      const key = `${seen.map((end) => this.ends.numberOf(end)).join()} ${this.places.numberOf(shownPlace)} ${isCancelled}`;
      const before = shown.get(key)
        ?? { ends: new Map(indices.map((index, i) => [index, seen[i]])), place: shownPlace, isCancelled, paths: 0 };
      shown.set(key, this.attempt === 1 ? { ...before, paths: before.paths + paths } : before);
    }
  }

  /** Where a person went back on it since the judge spoke, and only others' jobs were run again, the jobs cannot know: the commands do. */
  private placeShown(ends: readonly End[], { canGoBack, isVerified }: Place): Place {
    const confirming = ends[this.model.find('confirm', this.segment.place)!.index];
    const isGoneBackOn = !isVerified && confirming.how === 'kept' && confirming.outputs.state === 'stable';
    const key = Number(canGoBack) + 2 * Number(isVerified) + 4 * Number(isGoneBackOn);
    const shown = this.shownPlaces.get(key)
      ?? this.places.keep({ ...UNTOUCHED, canGoBack, isVerified: isVerified || isGoneBackOn, isBlocked: isGoneBackOn });
    this.shownPlaces.set(key, shown);
    return shown;
  }

  private seenAs({ id, index }: JobModel, end: End): End {
    const known = this.seenEnds.get(index) ?? new Map<End, End>();
    this.seenEnds.set(index, known);
    let seen = known.get(end);
    if (!seen) {
      const read = Object.entries(end.outputs).filter(([name]) => this.segment.read.includes(`needs.${id}.outputs.${name}`));
      seen = this.ends.keep({ result: end.result, outputs: this.outputs.keep(Object.fromEntries(read)), how: 'done' });
      known.set(end, seen);
    }
    return seen;
  }

  /** What an attempt leaves for the next: equal ones are one. Those that were not there before. */
  private betweenAttempts(reached: Frontier, seen: Frontier): Node[] {
    const fresh = new Set<Node>();
    for (const node of reached.nodes) {
      const { situation } = node;
      const ends = situation.ends.map((end) => this.keptEnd(end));
      const places = situation.places.map((place, index) => (index === this.segment.place ? this.placeLater(place) : place));
      const ended: Node = { ...node, situation: { ends, places, isCancelled: false }, isBeforeDue: false, requestedJob: -1 };
      const same = seen.find(ended);
      if (same && fresh.has(same)) same.paths += node.paths;
      if (same) continue;
      seen.add(ended);
      fresh.add(seen.find(ended)!);
    }
    return [...fresh];
  }

  /** Attempts are only compared with the current one: an earlier attempt's result counts as the first's. */
  private keptEnd(end: End): End {
    const known = this.keptEnds.get(end);
    if (known) return known;
    const { result, outputs } = end;
    const earlier = outputs.completed_attempt === undefined ? outputs : { ...outputs, completed_attempt: '1' };
    const kept = this.ends.keep({ result, outputs: this.outputs.keep(earlier), how: 'kept' });
    this.keptEnds.set(end, kept);
    return kept;
  }

  private placeLater(place: Place): Place {
    const known = this.later.get(place);
    if (known) return known;
    const later = this.ways.essenceOf(afterAttempt(place));
    this.later.set(place, later);
    return later;
  }

  /** What a person may ask for: the failed jobs, all, or one; with those that depend on them. Others may have come meanwhile. */
  private rerunsOf(nodes: Node[]): Frontier {
    const frontier = this.frontier();
    for (const node of nodes) {
      for (const before of [node, ...this.withOthers(node)]) {
        for (const again of this.choicesOf(before)) frontier.add(again);
      }
    }
    return frontier;
  }

  private withOthers(node: Node): Node[] {
    const { place, before } = this.segment;
    if (!this.occasion.requested.includes(place)) return [];
    const change = (index: number, changed: Place, step: string): Node => {
      const places = node.situation.places.map((one, i) => (i === index ? this.places.keep(changed) : one));
      return { ...node, situation: { ...node.situation, places }, from: node, step };
    };
    const { name } = this.model.environments[place];
    const here = meanwhile(node.situation.places[place], this.comparesVersions).map((changed) =>
      change(place, this.ways.essenceOf(changed), `meanwhile ${othersDid(changed)} ${name}`));
    const there = node.situation.places[before];
    if (!there?.isVerified || there.isBlocked) return here;
    return [...here, change(before, { ...there, isBlocked: true }, `meanwhile a person went back on ${this.model.environments[before].name}`)];
  }

  /** A rollback restores the requested release, and a drill the live one. */
  private get comparesVersions(): boolean {
    return this.model.find('deploy', this.segment.place) !== undefined;
  }

  private choicesOf(node: Node): Node[] {
    const { ends } = node.situation;
    const { jobs, outside } = this.segment;
    const bad = jobs.filter(({ index }) => isBad(ends[index])).map(({ index }) => index);
    const mayBeforeBeGreen = !outside.some((index) => isBad(ends[index]));
    const each = jobs.filter(({ index }) => ends[index].result !== 'skipped')
      .map(({ index, id }) => this.again(node, [index], `${id} again:`, index));
    return [
      ...(bad.length > 0 && mayBeforeBeGreen ? [this.again(node, bad, FAILED)] : []),
      ...(outside.length > 0 ? [this.again(node, [...outside, ...bad], 'failed jobs again, of what came before too:')] : []),
      this.again(node, [...outside, ...jobs.map(({ index }) => index)], 'all jobs again:'),
      ...each,
    ];
  }

  private again(node: Node, chosen: number[], step: string, requestedJob = -1): Node {
    const isDue = ({ index, ancestors }: JobModel) => chosen.includes(index) || ancestors.some((one) => chosen.includes(one));
    const ends = node.situation.ends.slice();
    for (const job of this.segment.jobs) if (isDue(job)) ends[job.index] = this.due(ends[job.index]);
    const isBeforeDue = this.segment.outside.some((index) => chosen.includes(index));
    // only the one who finishes can be asked in vain
    const isFinish = requestedJob >= 0 && this.model.jobs[requestedJob].kind === 'finish';
    return { situation: { ...node.situation, ends }, paths: node.paths, from: node, step, requestedJob: isFinish ? requestedJob : -1, isBeforeDue };
  }

  /** Its outputs are those of the attempt before: what a lost job keeps. */
  private due({ outputs }: End): End {
    let due = this.dues.get(outputs);
    if (!due) {
      due = this.ends.keep({ result: 'skipped', outputs: this.outputs.keep(outputs), how: 'due' });
      this.dues.set(outputs, due);
    }
    return due;
  }

  private note(rules: readonly RuleName[], node: Node, step: Step): void {
    for (const rule of rules) {
      if (this.options.ignored?.includes(rule) || this.violations.some((violation) => violation.rule === rule)) continue;
      this.violations.push({ rule, path: [...pathTo(node), textOf(step)] });
      if (this.options.untilFirst) throw new Found();
    }
  }
}

function requirements({ environments }: WorkflowModel, { requested }: Occasion): boolean[] {
  const requires = requested.some((place) => {
    const { trigger } = environments[place];
    return trigger.kind === 'tag' && trigger.requires !== undefined;
  });
  return requires ? [true, false] : [true];
}

function othersDid({ isLower, isOutrun, isVerified }: Place): string {
  if (isLower && !isOutrun) return 'a higher version became Stable on';
  return isVerified ? 'a newer release came to' : 'a person went back on';
}

function isBad({ result }: End): boolean {
  return result === 'failure' || result === 'cancelled';
}

function describeBefore({ ends, place: { isVerified }, isCancelled }: Before): string {
  const each = [...ends.values()].map((end) => `${end.result} ${outputsText(end)}`.trim());
  return `what comes before: ${each.join(', ')}${isVerified ? ', verified' : ''}${isCancelled ? ', the run is cancelled' : ''}`;
}
