import { Predecessor, TooMany } from './before';
import { Start } from './bound-conditions';
import { Cone, conesOf, Jobs, ProvenEnvironment } from './cone';
import { Exploration, Explored } from './exploration';
import { Fault } from './faults';
import { named } from './story';

/** A path through the jobs of a workflow that must not be. */
export interface Disproof {
  readonly environment: ProvenEnvironment;
  readonly fault: Fault;
  /** What happens, step by step; the shortest of such paths. */
  readonly story: readonly string[];
  /** The jobs that it depends on. */
  readonly cone: readonly string[];
}

/** There are too many outcomes to prove the jobs of an environment. */
export class Unproven extends Error {
  /** @param jobs how many jobs come before those of the environment; undefined if there are too many environments */
  constructor(public readonly environment: ProvenEnvironment, public readonly jobs?: number) {
    super(`${environment.name}: too many outcomes`);
  }
}

/** The time grows faster than their number. */
const MOST_ENVIRONMENTS = 40;

/** Equal explorations are made once: environments that differ in their names only, and the projects of one process. */
const EXPLORED = new Map<string, Explored>();

/**
 * Returns the first environment whose jobs can come to something that must not be, whatever ends the jobs of the workflow come to. The
 * environments are proven one by one: what happens on one depends on its cone alone, and of the environment before it only on how that ended.
 */
export function disproofOf(jobs: Jobs, environments: readonly ProvenEnvironment[]): Disproof | undefined {
  const [first] = environments;
  if (first && environments.length > MOST_ENVIRONMENTS) throw new Unproven(first);
  const text = textOf(jobs, environments);
  if (PROVEN.has(text)) return undefined;
  const found = new Prover(jobs, environments, EXPLORED).disproof();
  // its story may name another project's jobs, whose exploration was equal
  if (found) return new Prover(jobs, environments, new Map()).disproof();
  PROVEN.add(text);
  return undefined;
}

/** Workflows that were proven in this process. */
const PROVEN = new Set<string>();

/** All that a proof depends on. */
function textOf(jobs: Jobs, environments: readonly ProvenEnvironment[]): string {
  const known = ['github.event_name', 'github.ref', 'inputs.environment', 'inputs.dry_run'];
  return JSON.stringify([
    Object.entries(jobs).map(([id, job]) => [id, job?.if, job?.needs, job?.environment]),
    environments.map(({ starts, ...rest }) => [rest, starts.map((start) => known.map((path) => start.valueOf(path)))]),
  ]);
}

interface ExploredCone {
  readonly cone: Cone;
  readonly explored: Explored;
}

class Prover {
  private readonly known = new Map<string, readonly ExploredCone[]>();

  /** @param made explorations to take from, and to add to */
  constructor(
    private readonly jobs: Jobs,
    private readonly environments: readonly ProvenEnvironment[],
    private readonly made: Map<string, Explored>,
  ) {}

  public disproof(): Disproof | undefined {
    for (const environment of this.environments) {
      for (const start of [...environment.starts, undefined]) {
        for (const { cone, explored: { broken } } of this.explored(environment, start)) {
          const [asked] = cone.isRequested ? cone.askedBefore : [];
          if (asked) {
            const story = [`{${asked.place}} asks for it`, `{${cone.main.deploy.place}} asks again`];
            return { environment, fault: 'secondApproval', story: named(story, cone.ids), cone: cone.ids };
          }
          if (broken) return { environment, fault: broken.fault, story: named(broken.story, cone.ids), cone: cone.ids };
        }
      }
    }
    return undefined;
  }

  /** In each way that unknown values make of it. */
  private explored(environment: ProvenEnvironment, start: Start | undefined): readonly ExploredCone[] {
    const name = `${environment.name}\n${start?.title}`;
    let found = this.known.get(name);
    if (!found) {
      const before = this.predecessor(environment, start);
      found = conesOf(this.jobs, environment, this.environments, start).map((cone) => ({ cone, explored: this.exploredNow(cone, before) }));
      this.known.set(name, found);
    }
    return found;
  }

  private predecessor({ after }: ProvenEnvironment, start: Start | undefined): Predecessor | undefined {
    const environment = this.environments.find(({ name }) => name === after);
    if (!environment) return undefined;
    const all = this.explored(environment, start);
    const [{ cone }] = all;
    const summaries = all.flatMap(({ explored: { summaries: found } }) => found.map((one) => (
      { ...one, story: () => named(one.story(), cone.ids) })));
    return { cone, summaries };
  }

  private exploredNow(cone: Cone, predecessor: Predecessor | undefined): Explored {
    try {
      const exploration = new Exploration(cone, predecessor);
      let found = this.made.get(exploration.key);
      if (!found) this.made.set(exploration.key, found = exploration.run());
      return found;
    } catch (error) {
      if (error instanceof TooMany) throw new Unproven(cone.environment, cone.jobs.length);
      throw error;
    }
  }
}
