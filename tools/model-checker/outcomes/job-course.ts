/** What GitHub may make of one job: how its commands end, and how GitHub ends the job around them. */
import { Condition, Seen, Status } from './condition';
import { Deed, isOpen, Outcome, Place } from './place';
import { RuleName } from './rules';
import { JobModel } from './workflow-model';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** How a job came to its result, which is not the same as the result. */
export type How =
  /** Its command ended by itself, and the job went on to its end. */
  | 'done'
  /** A cancel, a time limit, a lost runner, a broken set-up: its work may be missing. */
  | 'stopped'
  | 'rejected'
  | 'skipped'
  /** Of an earlier attempt. */
  | 'kept'
  /** To be done (again) in this attempt. The outputs are those of the earlier one. */
  | 'due';

export interface End {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
  readonly how: How;
}

/** One way a job may go. */
export interface JobCourse {
  readonly end: End;
  readonly place: Place;
  readonly deeds: readonly Deed[];
  readonly broken: readonly RuleName[];
}

export interface JobWork {
  readonly place: Place;
  /** Of the attempt before: what a lost job keeps. */
  readonly earlierOutputs: Readonly<Record<string, string>>;
  /** It needs an approval. */
  readonly needsApproval: boolean;
  /** What the job's own command may do. */
  readonly command: Outcome[];
  /** The job's outputs, out of its steps'. */
  readonly outputs: (steps: Record<string, Readonly<Record<string, string>>>) => Record<string, string>;
  readonly mainStep: string;
  /** The step that recovers what the command left open, in the same job. */
  readonly recover?: { readonly condition: Condition; command(place: Place): Outcome[] };
}

/** Every way the job may go, each once. */
export function coursesOf(work: JobWork): JobCourse[] {
  const { place } = work;
  const courses = [
    ...(work.needsApproval ? [course(place, { result: 'failure', outputs: {}, how: 'rejected' })] : []),
    // cancelled while it waited, or lost before its first step: it has written nothing
    ...stoppedAs('cancelled', work, place),
    ...stoppedAs('failure', work, place),
    // its set-up failed
    ...afterMainStep(work, { place, outputs: {}, deeds: [] }, 'skipped', 'failure'),
    ...work.command.flatMap((outcome) => withCommand(work, outcome)),
  ];
  return [...new Map(courses.map((one) => [JSON.stringify(one), one])).values()];
}

/**
 * A job of the user's own, or one that leaves nothing behind but its result and what it says. One that failed, or was lost in a re-run, may
 * have said that all is well before.
 */
export function plainCourses(place: Place, says: JobModel['says']): JobCourse[] {
  return (['success', 'failure', 'cancelled'] as const).flatMap((result) => (result === 'success' ? says : says.slice(0, 1))
    .map((outputs) => course(place, { result, outputs, how: 'done' })));
}

function withCommand(work: JobWork, outcome: Outcome): JobCourse[] {
  if (outcome.exit === undefined) {
    return [
      // its machine is gone
      ...stoppedAs('failure', work, outcome.place, outcome.deeds),
      // cancelled; its time was over
      ...afterMainStep(work, outcome, 'cancelled', 'cancelled'),
      ...afterMainStep(work, outcome, 'failure', 'failure'),
    ];
  }
  if (outcome.exit !== 0) return afterMainStep(work, outcome, 'failure', 'failure');
  return [
    ...afterMainStep(work, outcome, 'success', 'success'),
    // something after it failed, or the cancel came late; or the machine was lost at the very end
    ...afterMainStep(work, outcome, 'success', 'failure'),
    ...afterMainStep(work, outcome, 'success', 'cancelled'),
    ...stoppedAs('failure', work, outcome.place, outcome.deeds),
  ];
}

/** The step `recover`, where the job has one and its condition holds; then the job's end. */
function afterMainStep(work: JobWork, outcome: Outcome, conclusion: Result, status: 'success' | 'failure' | 'cancelled'): JobCourse[] {
  const { recover, mainStep } = work;
  const how: How = outcome.exit === undefined ? 'stopped' : 'done';
  const end: End = { result: status, outputs: work.outputs({ [mainStep]: outcome.outputs }), how };
  if (!recover) return [course(outcome.place, end, outcome.deeds)];
  const recovers = recover.condition.holds(seenInJob(mainStep, conclusion), statusOf(status));
  if (!recovers) return [course(outcome.place, end, outcome.deeds, conclusion !== 'success' && isOpen(outcome.place) ? ['leaves nothing open'] : [])];
  const broken: RuleName[] = conclusion === 'success' ? ['what succeeded is left to the next job'] : [];
  return recover.command(outcome.place).flatMap((recovered) => {
    const deeds = [...outcome.deeds, ...recovered.deeds];
    // killed at last, or lost: the job's outputs are lost with it
    if (recovered.exit === undefined) return stoppedAs(status === 'success' ? 'failure' : status, work, recovered.place, deeds, broken);
    const result = status === 'success' && recovered.exit !== 0 ? 'failure' : status;
    const outputs = work.outputs({ [mainStep]: outcome.outputs, recover: recovered.outputs });
    return [course(recovered.place, { result, outputs, how: 'done' }, deeds, broken)];
  });
}

/** Without outputs of its own; what GitHub shows then are those of the attempt before, if it shows any. */
function stoppedAs(result: Result, work: JobWork, place: Place, deeds: readonly Deed[] = [], broken: readonly RuleName[] = []): JobCourse[] {
  const none = course(place, { result, outputs: {}, how: 'stopped' }, deeds, broken);
  if (Object.keys(work.earlierOutputs).length === 0) return [none];
  return [none, course(place, { result, outputs: work.earlierOutputs, how: 'stopped' }, deeds, broken)];
}

function course(place: Place, end: End, deeds: readonly Deed[] = [], broken: readonly RuleName[] = []): JobCourse {
  return { place, end, deeds, broken };
}

function seenInJob(step: string, conclusion: Result): Seen {
  return { github: {}, inputs: {}, needs: {}, steps: { [step]: { conclusion, outcome: conclusion } } };
}

function statusOf(status: 'success' | 'failure' | 'cancelled'): Status {
  return { success: status === 'success', failure: status === 'failure', cancelled: status === 'cancelled' };
}
