/** What must hold on every path. */
import { End, JobCourse } from './job-course';
import { Occasion } from './occasion';
import { isOpen, Place } from './place';
import { JobModel, SHA, WorkflowModel } from './workflow-model';

export type RuleName =
  | 'a job starts exactly when it is requested'
  | 'a cancelled run starts nothing'
  | 'deploys only what was planned, built and tested'
  | 'never past an environment that is not verified'
  | 'a good release is deployed'
  | 'a requested release can be deployed'
  | 'a deployed release is confirmed'
  | 'what succeeded is left to the next job'
  | 'no job runs after a skipped deployment'
  | 'no second approval without a reason'
  | 'no second approval after a rejection'
  | 'leaves nothing open'
  | 'a run that leaves a record open fails'
  | 'nothing is rolled back twice'
  | 'nothing is rolled back that was not deployed'
  | 'nothing is rolled back without a bad verdict'
  | 'what was rolled back is not deployed again'
  | 'only a rollback goes down to a lower version'
  | 'frozen deploys nothing'
  | 'a hold comes before a rollback by hand';

/** Where a run stands. */
export interface Situation {
  /** By job. */
  readonly ends: readonly End[];
  /** By environment. */
  readonly places: readonly Place[];
  readonly isCancelled: boolean;
}

/** A job is decided about. */
export interface Moment {
  readonly model: WorkflowModel;
  readonly occasion: Occasion;
  readonly job: JobModel;
  readonly situation: Situation;
  /** A person asked for this very job again. */
  readonly isRequested: boolean;
}

/** @param runs what the job's condition said */
export function onDecision(moment: Moment, runs: boolean): RuleName[] {
  const { job, situation: { isCancelled } } = moment;
  switch (job.kind) {
    case 'other': return [];
    case 'confirm': return confirm(moment, runs);
    case 'finish': return runs ? finish(moment) : [];
    default:
      if (isCancelled) return runs ? ['a cancelled run starts nothing'] : [];
      return begin(moment, runs);
  }
}

export function onCourse(job: JobModel, before: Place, course: JobCourse): RuleName[] {
  const broken = [...course.broken];
  const { deeds, place } = course;
  if (deeds.includes('restoredForNothing')) broken.push('nothing is rolled back that was not deployed');
  if (deeds.includes('restoredUnjudged')) broken.push('nothing is rolled back without a bad verdict');
  if (deeds.includes('deployedBlocked')) broken.push('what was rolled back is not deployed again');
  if (deeds.includes('deployedLower')) broken.push('only a rollback goes down to a lower version');
  if (place.takenBack > 1) broken.push('nothing is rolled back twice');
  if (place.isFrozen && deeds.includes('changed')) broken.push('frozen deploys nothing');
  if (job.kind === 'restore' && deeds.includes('changed') && !before.isHeld) broken.push('a hold comes before a rollback by hand');
  return broken;
}

/** When every job of an attempt has ended. */
export function onEnd(model: WorkflowModel, { ends, places, isCancelled }: Situation): RuleName[] {
  const broken: RuleName[] = [];
  const isRed = isCancelled || ends.some(({ result }) => result === 'failure' || result === 'cancelled');
  places.forEach((place, index) => {
    if (!isOpen(place)) return;
    const ran = model.jobs.filter((job) => job.place === index && isOver(ends[job.index]));
    const worked = ran.some(({ kind }) => WORKERS.includes(kind));
    const wasRejected = ran.some(({ kind, index: job }) => kind === 'plan' && ends[job].outputs.go !== 'true');
    if (!isRed && (worked || wasRejected)) broken.push('a run that leaves a record open fails');
    if (worked && !isLeftToTheNext(model, index, ends)) broken.push('leaves nothing open');
  });
  return broken;
}

/** The job that finishes was itself lost, killed or rejected: the run is red, and the next command on the environment finishes. */
export function isLeftToTheNext(model: WorkflowModel, place: number, ends: readonly End[]): boolean {
  const finisher = model.find('finish', place);
  return finisher !== undefined && ['stopped', 'rejected'].includes(ends[finisher.index].how);
}

const WORKERS = ['deploy', 'confirm', 'finish', 'restore', 'drill'];

/** In this attempt, not skipped. */
function isOver({ how }: End): boolean {
  return how === 'done' || how === 'stopped' || how === 'rejected';
}

function begin(moment: Moment, runs: boolean): RuleName[] {
  const { job, occasion } = moment;
  switch (job.kind) {
    case 'plan': return only(runs, occasion.requested.includes(job.place) && isTaken(moment));
    case 'build': return only(runs, occasion.requested.some((place) => usesBuild(moment.model, place)) && isReleased(moment));
    case 'hold': return only(runs, occasion.requested.includes(job.place) && occasion.inputs.action === 'rollback');
    case 'decision': return only(runs, occasion.requested.includes(job.place) && occasion.inputs.action !== 'rollback');
    case 'drill': return only(runs, occasion.requested.includes(job.place));
    case 'start': return only(runs, occasion.startsOthers === true);
    case 'deploy': return deploy(moment, runs);
    default: return restore(moment, runs);
  }
}

function only(runs: boolean, isRequested: boolean): RuleName[] {
  return runs === isRequested ? [] : ['a job starts exactly when it is requested'];
}

/** In a release workflow: everything was published in this run, for the first time, and the branch has not moved on. */
function isReleased({ model, situation: { ends } }: Moment): boolean {
  if (model.name !== 'release') return true;
  const hosts = model.jobs.filter(({ kind }) => kind === 'other');
  const { outputs } = ends[hosts.find(({ id }) => id === 'release')!.index];
  return hosts.every(({ index }) => ends[index].result === 'success') && outputs.tag_exists !== 'true' && outputs.latest_commit === SHA;
}

/** In a release workflow a release is known, and planned, when its files were taken. A plan that prepares change sets needs the files, too. */
function isTaken({ job, model, situation: { ends } }: Moment): boolean {
  const needsFiles = model.name === 'release' || preparesChanges(model, job.place);
  return !needsFiles || ends[model.jobs.find(({ kind }) => kind === 'build')!.index].result === 'success';
}

function preparesChanges({ environments }: WorkflowModel, place: number): boolean {
  const { driver } = environments[place].target;
  return driver?.kind === 'awsCdk' && driver.changeSet === 'review';
}

function deploy(moment: Moment, runs: boolean): RuleName[] {
  const { model, job, situation: { ends, places } } = moment;
  const plan = ends[model.find('plan', job.place)!.index];
  const isPlanned = plan.result === 'success' && plan.outputs.go === 'true';
  const build = model.jobs.find(({ kind }) => kind === 'build');
  const isBuilt = !build || !usesBuild(model, job.place) || ends[build.index].result === 'success';
  const isTested = model.required[job.place].every((index) => ends[index].result === 'success')
    && model.awaited[job.place].every((index) => ends[index].result === 'success' || ends[index].result === 'skipped');
  const before = model.before(job.place);
  const isVerifiedBefore = before < 0 || places[before].isVerified;
  if (!runs) {
    const jobsBefore = (['deploy', 'confirm'] as const).flatMap((kind) => model.find(kind, before) ?? []);
    const areGreen = jobsBefore.every(({ index }) => ends[index].result === 'success');
    const isWanted = isPlanned && isBuilt && isTested && isVerifiedBefore && areGreen;
    return isWanted ? ['a good release is deployed'] : [];
  }
  return [
    ...(isPlanned && isBuilt && isTested ? [] : ['deploys only what was planned, built and tested' as const]),
    ...(isVerifiedBefore ? [] : ['never past an environment that is not verified' as const]),
  ];
}

function confirm({ model, job, situation: { ends } }: Moment, runs: boolean): RuleName[] {
  const isTried = ends[workerOf(model, job.place).index].result !== 'skipped';
  if (runs === isTried) return [];
  return [runs ? 'no job runs after a skipped deployment' : 'a deployed release is confirmed'];
}

/** It may have to wait for an approval: the second in this run. */
function finish({ model, job, situation: { ends, places }, isRequested }: Moment): RuleName[] {
  const worker = ends[workerOf(model, job.place).index];
  if (worker.result === 'skipped') return ['no job runs after a skipped deployment'];
  const confirming = model.find('confirm', job.place);
  const witness = confirming ? ends[confirming.index] : worker;
  const isUnknown = witness.how === 'stopped';
  if (isRequested || isUnknown || isOpen(places[job.place])) return [];
  return [worker.how === 'rejected' ? 'no second approval after a rejection' : 'no second approval without a reason'];
}

function restore({ model, job, situation: { ends, places } }: Moment, runs: boolean): RuleName[] {
  const hold = ends[model.find('hold', job.place)!.index];
  const isHeld = hold.result === 'success' && places[job.place].isHeld;
  if (runs) return isHeld ? [] : ['a hold comes before a rollback by hand'];
  return isHeld ? ['a good release is deployed'] : [];
}

function workerOf(model: WorkflowModel, place: number): JobModel {
  return model.jobs.find((job) => job.place === place && ['deploy', 'restore', 'drill'].includes(job.kind))!;
}

/** A tag on a commit that another environment verified deploys what was verified there. */
function usesBuild({ environments, manifest }: WorkflowModel, place: number): boolean {
  let { trigger } = environments[place];
  while (trigger.kind === 'after') {
    const { environment } = trigger;
    ({ trigger } = environments.find(({ name }) => name === environment)!);
  }
  return manifest.artifact !== undefined && !(trigger.kind === 'tag' && trigger.requires !== undefined);
}
