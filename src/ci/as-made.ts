import { github } from 'projen';

type Job = github.workflows.Job;
type AnyJob = Job | github.workflows.JobCallingReusableWorkflow;

/** A job as it is now. projen's API puts another value wherever it changes something, so what is deeper than a step's keys is not copied. */
export function asMade(job: Job): Job {
  return { ...job, steps: job.steps.map((step) => ({ ...step })) };
}

export function isAsMade(now: AnyJob | undefined, { steps, ...made }: Job): boolean {
  if (!now || !('steps' in now)) return false;
  const { steps: theirs, ...rest } = now;
  return hasSame(rest, made) && theirs.length === steps.length && steps.every((step, i) => hasSame(theirs[i], step));
}

function hasSame<T extends object>(a: T, b: T): boolean {
  let more = 0;
  // every step of every job is looked at twice in a synthesis: no lists of keys are made
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    more += 1;
  }
  for (const _ in b) more -= 1;
  return more === 0;
}
