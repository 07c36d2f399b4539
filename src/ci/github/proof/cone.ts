import { boundConditions, keyOf, mapped, Start, treeOf } from './bound-conditions';
import { CommandKind } from './job-end';
import { pathOf } from '../expressions/atoms';
import { nodesOf } from '../expressions/condition';
import { Tree } from '../expressions/tree';
import { isMap } from '../invariants/violation';
import { WrittenJob } from '../workflows/written-workflow';

/** An environment whose jobs are in the workflow. */
export interface ProvenEnvironment {
  readonly name: string;
  /** The ids of its jobs. */
  readonly jobs: Readonly<Record<CommandKind, string>>;
  /** The environment that must be Stable first, in the same run. */
  readonly after?: string;
  /** The jobs that must succeed before a deployment: the one that provides the files, and those of the user. */
  readonly awaited: readonly string[];
  /** The events that deploy to it. */
  readonly starts: readonly Start[];
}

export type Jobs = Readonly<Record<string, WrittenJob | undefined>>;

/** A job, in the cone of an environment. Other jobs are named by their places in it. */
export interface ConeJob {
  readonly place: number;
  readonly kind: CommandKind | 'other';
  /** The environment that the job belongs to, if it is another one. */
  readonly of?: string;
  readonly needs: readonly number[];
  /** All that it waits for, near and far. */
  readonly ancestors: readonly number[];
  readonly tree: Tree;
  /** The names of its outputs; undefined if a workflow that it calls has them. */
  readonly outputs?: readonly string[];
  /** Whether it may ask for an approval of the environment. */
  readonly needsApproval: boolean;
}

/**
 * The jobs that the jobs of an environment wait for, near and far, and its own. What other jobs do makes no difference to the environment, so
 * it is proven by its cone alone.
 */
export interface Cone {
  readonly ids: readonly string[];
  readonly jobs: readonly ConeJob[];
  /** Jobs that come before those of the environment. */
  readonly outside: readonly ConeJob[];
  /** The environment's jobs, and others that depend on them or ask for its approval. */
  readonly own: readonly ConeJob[];
  readonly environment: ProvenEnvironment;
  /** Jobs of the project that ask for the environment's approval before those of an earlier environment. */
  readonly askedBefore: readonly ConeJob[];
  /** By kind, the environment's own. */
  readonly main: Readonly<Record<CommandKind, ConeJob>>;
  /** The deployments of environments after it: what they depend on is remembered. */
  readonly later: readonly ConeJob[];
  readonly laterIds: readonly string[];
  /** The conditions of jobs that are not in the cone, but look at it, before an environment that comes after. */
  readonly readers: readonly Tree[];
  /** First those of the environment itself, then those of the environments after it. */
  readonly awaited: readonly Awaited[];
  /** Whether a person or a ref asks for the environment in such a run. */
  readonly isRequested: boolean;
  readonly seesFailures: boolean;
  /** Equal cones have equal keys, whatever their jobs are called. */
  readonly key: string;
}

/** Jobs of others that a deployment waits for. */
export interface Awaited {
  /** Must have succeeded. */
  readonly required: readonly number[];
  /** May also have been skipped. */
  readonly wanted: readonly number[];
  /** Names the jobs. */
  readonly title: string;
}

/** @param jobs every `needs` names one of them, and none waits for itself */
export function conesOf(jobs: Jobs, environment: ProvenEnvironment, all: readonly ProvenEnvironment[], start: Start | undefined): Cone[] {
  const ids = idsIn(jobs, environment);
  const later = latersOf(environment, all);
  const trees = [
    ...ids.map((id) => (start === undefined && id === environment.jobs.plan ? NEVER : treeOf(jobs[id]?.if))),
    ...later.map((one) => treeOf(jobs[one.jobs.deploy]?.if)),
  ];
  return boundConditions(trees, start).map((bound) => {
    const cone = new ConeMaker(jobs, environment, all, ids, bound, later).cone(start !== undefined);
    const places = relevantPlaces(cone);
    const [kept, keptTrees] = [ids, bound].map((list) => list.filter((_, i) => i >= ids.length || places.has(i))) as [string[], Tree[]];
    return kept.length === ids.length ? cone : new ConeMaker(jobs, environment, all, kept, keptTrees, later).cone(start !== undefined);
  });
}

/** The jobs of the environment, and those before that a condition or a deployment looks at, near and far. */
function relevantPlaces({ jobs, own, later, awaited }: Cone): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (place: number) => {
    if (place < 0 || found.has(place)) return;
    found.add(place);
    readBy(jobs[place]).forEach(visit);
  };
  own.forEach(({ place }) => visit(place));
  later.flatMap(readBy).forEach(visit);
  for (const { required, wanted } of awaited) [...required, ...wanted].forEach(visit);
  return found;
}

function mayRun({ tree }: ConeJob): boolean {
  return !(tree.kind === 'literal' && tree.value === false);
}

/** The jobs whose ends a condition depends on. */
export function readBy({ tree, needs, ancestors }: ConeJob): readonly number[] {
  if (readsAncestors(tree)) return ancestors;
  const text = keyOf(tree).toLowerCase();
  const others = text.replaceAll(/needs\[string:"#-?\d+"\]/g, '');
  return others.includes('needs') ? needs : needs.filter((need) => text.includes(`needs[string:"${nameOf(need)}"]`));
}

/** Whether a condition looks at all jobs before, however far. */
export function readsAncestors(tree: Tree): boolean {
  return [...nodesOf(tree)].some((node) => node.kind === 'call' && (node.name === 'success' || node.name === 'failure'));
}

function latersOf({ name }: ProvenEnvironment, all: readonly ProvenEnvironment[]): ProvenEnvironment[] {
  const next = all.filter(({ after }) => after === name);
  return next.flatMap((one) => [one, ...latersOf(one, all)]);
}

const NEVER: Tree = { kind: 'literal', value: false };

export function needsOf(job: WrittenJob | undefined): string[] {
  return [job?.needs ?? []].flat().map(String);
}

/** Each after those that it needs. */
function idsIn(jobs: Jobs, environment: ProvenEnvironment): string[] {
  const ids: string[] = [];
  const visit = (id: string) => {
    if (ids.includes(id)) return;
    needsOf(jobs[id]).forEach(visit);
    ids.push(id);
  };
  for (const kind of ['plan', 'deploy', 'monitor', 'rollback'] as const) visit(environment.jobs[kind]);
  for (const [id, job] of Object.entries(jobs)) if (asksFor(job, environment)) visit(id);
  return ids;
}

function outputsOf(job: WrittenJob | undefined): readonly string[] | undefined {
  if (job?.uses !== undefined) return undefined;
  return isMap(job?.outputs) ? Object.keys(job.outputs) : [];
}

/** Whether a job names the GitHub environment. Letter case makes no difference there. */
export function asksFor(job: WrittenJob | undefined, { name }: Pick<ProvenEnvironment, 'name'>): boolean {
  const named = isMap(job?.environment) ? job.environment.name : job?.environment;
  return typeof named === 'string' && named.toLowerCase() === name.toLowerCase();
}

class ConeMaker {
  /** The environments before, nearest first. */
  private readonly earlier: readonly ProvenEnvironment[];

  constructor(
    private readonly jobs: Jobs,
    private readonly environment: ProvenEnvironment,
    all: readonly ProvenEnvironment[],
    private readonly ids: readonly string[],
    private readonly trees: readonly Tree[],
    private readonly later: readonly ProvenEnvironment[],
  ) {
    const before = ({ after }: ProvenEnvironment): ProvenEnvironment[] => all.filter(({ name }) => name === after)
      .flatMap((one) => [one, ...before(one)]);
    this.earlier = before(environment);
  }

  public cone(isRequested: boolean): Cone {
    const { environment, ids, later } = this;
    const jobs = ids.map((id, place) => this.job(id, place));
    const main = { plan: this.main(jobs, 'plan'), deploy: this.main(jobs, 'deploy'), monitor: this.main(jobs, 'monitor'), rollback: this.main(jobs, 'rollback') };
    const isBefore = ({ place }: ConeJob) => jobs.some(({ of, ancestors }) => of !== undefined && ancestors.includes(place));
    const isFirst = (job: ConeJob) => job.of === undefined && (job.kind !== 'other' || (job.needsApproval && !isBefore(job)));
    const first = new Set(jobs.filter(isFirst).map(({ place }) => place));
    const isOwn = ({ place, ancestors }: ConeJob) => first.has(place) || ancestors.some((one) => first.has(one));
    const nodes = this.trees.flatMap((tree) => [...nodesOf(tree)]);
    const seesFailures = nodes.some((node) => (node.kind === 'literal' && /^(failure|cancelled)$/i.test(String(node.value))) || (node.kind === 'call' && node.name === 'failure'));
    const parts = {
      ids,
      jobs,
      main,
      environment,
      isRequested,
      seesFailures,
      askedBefore: jobs.filter((job) => job.kind === 'other' && job.needsApproval && isBefore(job) && mayRun(job)),
      own: jobs.filter(isOwn),
      outside: jobs.filter((job) => !isOwn(job)),
      later: later.map((one, i) => this.job(one.jobs.deploy, ids.length + i)),
      laterIds: later.map((one) => one.jobs.deploy),
      readers: later.length === 0 ? [] : this.readers(),
      awaited: this.awaited(jobs),
    };
    return { ...parts, key: keyOfCone(parts) };
  }

  private readers(): Tree[] {
    const ids = Object.keys(this.jobs).filter((id) => !this.ids.includes(id) && needsOf(this.jobs[id]).some((need) => this.ids.includes(need)));
    return ids.map((id) => this.named(treeOf(this.jobs[id]?.if), needsOf(this.jobs[id])));
  }

  private main(jobs: readonly ConeJob[], kind: CommandKind): ConeJob {
    return jobs[this.ids.indexOf(this.environment.jobs[kind])];
  }

  private awaited(jobs: readonly ConeJob[]): Awaited[] {
    const found = [this.environment, ...this.later].map((one) => awaitedBy(one, this.jobs, this.ids, jobs));
    return found.filter(({ title }, i) => i === 0 || found.findIndex((other) => other.title === title) === i);
  }

  private job(id: string, place: number): ConeJob {
    const { ids, environment } = this;
    // of a later deployment, jobs that are not in the cone are unknown
    const needs = [...new Set(needsOf(this.jobs[id]).map((need) => ids.indexOf(need)))];
    // the jobs of an environment that this one does not come after are like any others
    const [found] = [environment, ...this.earlier].flatMap((one) => (
      Object.keys(one.jobs) as CommandKind[]).flatMap((kind) => (one.jobs[kind] === id ? [{ one, kind }] : [])));
    const ancestors = new Set<number>();
    const visit = (need: number) => {
      if (ancestors.has(need)) return;
      ancestors.add(need);
      if (need >= 0) needsOf(this.jobs[ids[need]]).forEach((one) => visit(ids.indexOf(one)));
    };
    needs.forEach(visit);
    return {
      place,
      kind: found?.kind ?? 'other',
      ...(found && found.one !== environment && { of: found.one.name }),
      needs,
      ancestors: [...ancestors].sort((a, b) => a - b),
      tree: this.named(this.trees[place], needsOf(this.jobs[id])),
      outputs: outputsOf(this.jobs[id]),
      needsApproval: asksFor(this.jobs[id], environment),
    };
  }

  /** Names the jobs in a condition by their places. */
  private named(tree: Tree, needs: readonly string[]): Tree {
    if (tree.kind === 'index' && pathOf(tree.of) === 'needs' && tree.key?.kind === 'literal') {
      const id = String(tree.key.value).toLowerCase();
      const need = needs.find((one) => one.toLowerCase() === id);
      return { ...tree, key: { kind: 'literal', value: need === undefined ? NOT_NEEDED : nameOf(this.ids.indexOf(need)) } };
    }
    return mapped(tree, (child) => this.named(child, needs));
  }
}

/** The jobs of others that a deployment waits for, as far as they are in a cone. */
export function awaitedBy({ awaited, jobs: { deploy } }: ProvenEnvironment, jobs: Jobs, ids: readonly string[], cone: readonly ConeJob[]): Awaited {
  const isOther = (place: number) => place >= 0 && cone[place].kind === 'other';
  const required = awaited.map((id) => ids.indexOf(id)).filter(isOther).sort((a, b) => a - b);
  const wanted = needsOf(jobs[deploy]).map((id) => ids.indexOf(id))
    .filter((place) => isOther(place) && !required.includes(place)).sort((a, b) => a - b);
  return { required, wanted, title: [required, wanted].map((places) => places.map((place) => ids[place]).join()).join(' ') };
}

function keyOfCone({ jobs, later, readers, main, own, awaited, environment, isRequested, seesFailures }: Omit<Cone, 'key'>): string {
  const order = [...new Set(jobs.map(({ of }) => of))];
  const texts = [...jobs, ...later].map((job) => [
    job.kind, order.indexOf(job.of), job.of === environment.after, job.needs, job.needsApproval, job.kind === 'other' && job.outputs, keyOf(job.tree),
  ].join());
  const sets = awaited.map(({ required, wanted }) => `${required.join()};${wanted.join()}`);
  const places = [Object.values(main), own].map((all) => all.map(({ place }) => place));
  return [isRequested, seesFailures, ...sets, ...places, ...texts, ...readers.map(keyOf)].join('\n');
}

/** A job that a condition names without a need: GitHub knows nothing of it. */
const NOT_NEEDED = '#none';

/** A job in the conditions of a cone. */
export function nameOf(place: number): string {
  return `#${place}`;
}
