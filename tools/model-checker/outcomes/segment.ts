import { JobModel, WorkflowModel } from './workflow-model';

/**
 * The jobs of one environment, with those that belong to none where it is the first. Of the jobs before them they see no more than
 * results and outputs.
 */
export interface Segment {
  readonly place: number;
  readonly jobs: readonly JobModel[];
  /** The environment before it; -1 if none. */
  readonly before: number;
  /** Jobs of earlier segments whose ends these see. */
  readonly outside: readonly number[];
  /** Those of its own that look at them. */
  readonly gates: readonly JobModel[];
  /** All the jobs it knows of. */
  readonly known: ReadonlySet<number>;
  /** What the environments after it see: jobs, and the outputs that they look at. */
  readonly shown: readonly number[];
  readonly read: readonly string[];
}

/** @param from only this environment and those after it; all if it is none */
export function segmentsOf(model: WorkflowModel, from = -1): Segment[] {
  const segments = model.environments.map((_, place) => segmentOf(model, place));
  const isAfter = (place: number): boolean => place >= 0 && (place === from || isAfter(model.before(place)));
  return from < 0 ? segments : segments.filter(({ place }) => isAfter(place));
}

function segmentOf(model: WorkflowModel, place: number): Segment {
  const before = model.before(place);
  const shared = model.jobs.filter((job) => job.place < 0);
  const own = model.jobs.filter((job) => job.place === place);
  const seenOf = (environment: number) => [...shared, model.find('deploy', environment), model.find('confirm', environment)]
    .flatMap((job) => job?.index ?? []);
  const outside = before < 0 ? [] : seenOf(before);
  const jobs = before < 0 ? [...shared, ...own].sort((a, b) => a.index - b.index) : own;
  return {
    place,
    jobs,
    before,
    outside,
    gates: own.filter(({ needs }) => needs.some((index) => outside.includes(index))),
    known: new Set([...outside, ...jobs.map(({ index }) => index)]),
    shown: model.isBefore(place) ? seenOf(place) : [],
    read: model.jobs.filter((job) => job.place >= 0 && model.before(job.place) === place).flatMap(({ reads }) => reads),
  };
}
