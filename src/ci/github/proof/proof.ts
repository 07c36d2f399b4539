import { Predecessor, TooMany } from './before';
import { Cone, conesOf, Jobs, ProvenEnvironment } from './cone';
import { explore, Explored } from './exploration';
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
  constructor(public readonly environment: ProvenEnvironment, public readonly jobs: number) {
    super(`${environment.name}: too many outcomes`);
  }
}

/** Equal cones are explored once: environments that differ in their names only, and the projects of one process. */
const EXPLORED = new Map<string, Explored>();
/** Short names of keys. */
const NUMBERS = new Map<string, number>();

/**
 * Returns the first environment whose jobs can come to something that must not be, whatever ends the jobs of the workflow come to. The
 * environments are proven one by one: what happens on one depends on its cone alone, and of the environment before it only on how that ended.
 */
export function disproofOf(jobs: Jobs, environments: readonly ProvenEnvironment[]): Disproof | undefined {
  for (const environment of environments) {
    for (const start of [...environment.starts, undefined]) {
      for (const cone of conesOf(jobs, environment, environments, start)) {
        const { broken } = exploredIn(cone, jobs, environments, start).explored;
        if (broken) return { environment, fault: broken.fault, story: named(broken.story, cone.ids), cone: cone.ids };
      }
    }
  }
  return undefined;
}

type Start = ProvenEnvironment['starts'][number] | undefined;

function exploredIn(cone: Cone, jobs: Jobs, environments: readonly ProvenEnvironment[], start: Start): { readonly explored: Explored; readonly key: string } {
  const before = environments.find(({ name }) => name === cone.environment.after);
  const known = before && predecessorOf(before, jobs, environments, start);
  const places = known?.predecessor.cone.ids.map((id) => cone.ids.indexOf(id)) ?? [];
  const key = String(numberOf(`${cone.key}\n${known?.key ?? ''}\n${places.join()}`));
  let explored = EXPLORED.get(key);
  if (!explored) EXPLORED.set(key, explored = exploredNow(cone, known?.predecessor));
  return { explored, key };
}

/** All that unknown values may make of it. */
function predecessorOf(before: ProvenEnvironment, jobs: Jobs, environments: readonly ProvenEnvironment[], start: Start): { readonly predecessor: Predecessor; readonly key: string } {
  const all = conesOf(jobs, before, environments, start).map((cone) => ({ cone, ...exploredIn(cone, jobs, environments, start) }));
  const [{ cone }] = all;
  return { predecessor: { cone, summaries: all.flatMap(({ explored }) => explored.summaries.map((one) => ({ ...one, story: () => named(one.story(), cone.ids) }))) }, key: all.map(({ key }) => key).join() };
}

function exploredNow(cone: Cone, predecessor: Predecessor | undefined): Explored {
  try {
    return explore(cone, predecessor);
  } catch (error) {
    if (error instanceof TooMany) throw new Unproven(cone.environment, cone.jobs.length);
    throw error;
  }
}

function numberOf(text: string): number {
  const number = NUMBERS.get(text) ?? NUMBERS.size;
  NUMBERS.set(text, number);
  return number;
}
