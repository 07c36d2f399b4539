import { coursesOf, End, JobCourse, JobWork, plainCourses } from './job-course';
import {
  reportOnly, deploying, drilling, essence, holding, monitoring, Outcome, Place, planning, rollingBackByHand, recovering, ReportedResults, UNTOUCHED,
} from './place';
import { Pool } from './pool';
import { onCourse, RuleName, Situation } from './rules';
import { JobModel, WorkflowModel } from './workflow-model';

/** What a job comes to, as far as it matters for what follows. */
export interface Way {
  readonly end: End;
  readonly place: Place;
  readonly broken: readonly RuleName[];
  /** How many courses of the job come to this. */
  courses: number;
  readonly example: JobCourse;
}

/** What each job may come to, thought out once for each different beginning. */
export class Ways {
  private readonly known = new Map<string, readonly Way[]>();

  constructor(
    private readonly model: WorkflowModel,
    private readonly ends: Pool<End>,
    private readonly places: Pool<Place>,
    private readonly outputs: Pool<Readonly<Record<string, string>>>,
    private readonly isRequirementMet: boolean,
  ) {}

  public of(job: JobModel, { ends, places }: Situation, { deployed, state }: { deployed?: string; state?: string }, attempt: number): readonly Way[] {
    const place = places[job.place] ?? this.places.keep(UNTOUCHED);
    const { outputs } = ends[job.index];
    const before = places[this.model.before(job.place)];
    // the plan is made beside the environment before
    const isRequirementMet = this.isRequirementMet && (job.kind === 'plan' || before === undefined || (before.isVerified && !before.isBlocked));
    const reported: ReportedResults = { attempt: attempt === 1 ? '1' : '2', deployed, state, isRequirementMet };
    const numbers = [job.index, this.places.numberOf(place), this.outputs.numberOf(outputs)];
    const key = [...numbers, deployed, state, reported.attempt, isRequirementMet].join();
    let ways = this.known.get(key);
    if (!ways) {
      ways = this.grouped(job, place, coursesFrom(job, place, reported, outputs));
      this.known.set(key, ways);
    }
    return ways;
  }

  public essenceOf(place: Place): Place {
    return this.places.keep(essence(place));
  }

  private grouped(job: JobModel, before: Place, courses: readonly JobCourse[]): Way[] {
    const ways = new Map<string, Way>();
    for (const course of courses) {
      const broken = onCourse(job, before, course);
      const end = this.endOf(job, course.end);
      const place = this.essenceOf(course.place);
      const key = [this.ends.numberOf(end), this.places.numberOf(place), ...broken].join();
      const same = ways.get(key);
      if (same) same.courses++;
      else ways.set(key, { end, place, broken, courses: 1, example: course });
    }
    return [...ways.values()];
  }

  private endOf({ kind }: JobModel, { result, outputs, how }: End): End {
    const isVisible = this.model.seesFailures || result !== 'cancelled';
    const doesMatter = !['plan', 'build', 'deploy', 'start', 'other'].includes(kind);
    return this.ends.keep({ result: isVisible ? result : 'failure', outputs: this.outputs.keep(outputs), how: doesMatter ? how : 'done' });
  }
}

/** By job: its courses are the same on every occasion, and in every workflow that has the very same job. */
const COURSES = new WeakMap<JobModel, Map<string, readonly JobCourse[]>>();

function coursesFrom(job: JobModel, ...beginning: [place: Place, reported: ReportedResults, earlierOutputs: JobWork['earlierOutputs']]): readonly JobCourse[] {
  const known = COURSES.get(job) ?? new Map<string, readonly JobCourse[]>();
  COURSES.set(job, known);
  const key = JSON.stringify(beginning);
  const courses = known.get(key) ?? possible(job, ...beginning);
  known.set(key, courses);
  return courses;
}

/** Every course of a job. */
function possible(job: JobModel, place: Place, reported: ReportedResults, earlierOutputs: JobWork['earlierOutputs']): JobCourse[] {
  if (['build', 'start', 'other'].includes(job.kind)) return plainCourses(place, job.says);
  const { mainStep, needsApproval, outputs } = job;
  const work = { place, earlierOutputs, needsApproval, outputs, mainStep, command: commandOf(job, place, reported) };
  const recover = job.recover && { condition: job.recover, command: (left: Place) => recovering(left, reported) };
  return coursesOf({ ...work, ...(recover && { recover }) });
}

function commandOf({ kind }: JobModel, place: Place, reported: ReportedResults): Outcome[] {
  switch (kind) {
    case 'plan': return planning(place, reported);
    case 'deploy': return deploying(place, reported);
    case 'confirm': return monitoring(place, reported);
    case 'finish': return recovering(place, reported);
    case 'hold': return holding(place);
    case 'restore': return rollingBackByHand(place, reported);
    case 'drill': return drilling(place, reported);
    default: return reportOnly(place);
  }
}
