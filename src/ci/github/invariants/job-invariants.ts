import { isDeepStrictEqual } from 'node:util';
import { readsStatus, condition, mayBeNarrower, runsOnlyAfter } from './condition-invariant';
import { invalidJob } from './invalid-jobs';
import { violatedSteps } from './step-invariants';
import { reserved, reservedOfContainer } from './variables';
import { ARTIFACT_JOBS, DeliveryJob, isMap, KEEP, Violation, violation } from './violation';
import { show } from '../../../validation/validation-error';
import { changesRunDefaults, RUN_DEFAULTS_WRITTEN, WrittenJob, WrittenWorkflow } from '../workflows/written-workflow';

/**
 * Returns the first guarantee that a changed job breaks. Changes that keep all guarantees are allowed: additional steps, needs, conditions of
 * a deployment, and more time.
 */
export function violatedInvariant(ours: DeliveryJob, now: WrittenJob, workflow: WrittenWorkflow): Violation | undefined {
  const conditions = ours.isProven ? [] : [condition];
  const times = [time, timeToRecover, waitsForNobody];
  for (const check of [invalidJob, ...conditions, needs, permissions, queue, place, ...times, onceAndHonestly, outputs, context]) {
    const found = check(ours, now, workflow);
    if (found) return found;
  }
  return violatedSteps(ours, now);
}

function needs({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const theirs = [now.needs ?? []].flat();
  const lost = (job.needs ?? []).find((need) => !theirs.includes(need));
  if (lost !== undefined) {
    return violation('needs', `lacks ${show(lost)}, which breaks the guarantee that a job begins only after the jobs that it depends on`, `Put ${show(lost)} back; more may be added`);
  }
  const added = theirs.find((need) => !(job.needs ?? []).includes(String(need)));
  if (added !== undefined && !mayBeNarrower(mainStep) && !readsStatus(job.if)) {
    return violation('needs', `names ${show(added)}, and then this job does not begin unless that succeeds, which breaks the guarantee that it runs whenever it is needed`, KEEP);
  }
  if (mainStep !== 'deploy') return undefined;
  // the job's condition would ignore their results
  const unasked = theirs.find((need) => !(job.needs ?? []).includes(String(need)) && !runsOnlyAfter(now, String(need)));
  return unasked === undefined ? undefined : violation('needs', `names ${show(unasked)}, and the job's condition does not require its success, `
    + 'which breaks the guarantee that nothing is deployed unless all jobs before it succeeded', `Set the delivery's needs: [${show(unasked)}], or add to the condition: && needs.${unasked}.result == 'success'`);
}

const LEVELS = ['none', 'read', 'write'];

/**
 * Allows more permissions, for example for a registry or a cloud, because added steps may need them. Not for the plan, which runs before
 * the approval.
 */
function permissions({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const theirs = now.permissions;
  if (!isMap(theirs)) return violation('permissions', `are ${show(theirs)}, which breaks the guarantee that each job has only the permissions that it needs`, 'List each permission that your steps need, and the delivery\'s');
  const ours = Object.entries(job.permissions ?? {}).map(([name, level]) => [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(level)] as const);
  const lost = ours.find(([name, level]) => LEVELS.indexOf(String(theirs[name])) < LEVELS.indexOf(level));
  if (lost?.[0] === 'id-token') return violation('permissions', 'lack \'id-token: write\', which breaks the guarantee that the job can sign in', 'Put it back; more may be added');
  if (lost) return violation('permissions', `lack ${show(lost.join(': '))}, which breaks the guarantee that the result of a deployment is recorded in the ledger`, 'Put it back; more may be added');
  // a login changes nothing
  const writes = Object.keys(theirs).find((name) => theirs[name] === 'write' && name !== 'id-token' && !ours.some((one) => one[0] === name && one[1] === 'write'));
  if (writes === undefined) return undefined;
  if (mainStep === 'comment' || mainStep === 'changes') {
    return violation('permissions', `say ${show(`${writes}: write`)}, which breaks the guarantee that a pull request changes nothing but its comment`, 'Give it to a job of your own');
  }
  if (mainStep === 'preview') {
    return violation('permissions', `say ${show(`${writes}: write`)}, which breaks the guarantee that code that nobody reviewed has no token that writes`, 'Give it to a job of your own');
  }
  if (mainStep !== 'plan') return undefined;
  return violation('permissions', `say ${show(`${writes}: write`)}, which breaks the guarantee that the plan, which runs before the approval, changes nothing`, 'Give it to the deploy job, or to a job of your own');
}

/** These run before anything is approved or changed, so they may wait or be cancelled. */
const CHANGES_NOTHING = ['plan', ...ARTIFACT_JOBS];

function queue({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  if (isDeepStrictEqual(now.concurrency, job.concurrency)) return undefined;
  // a separate group is harmless
  const group = isMap(now.concurrency) ? now.concurrency.group : now.concurrency;
  if (job.concurrency === undefined && CHANGES_NOTHING.includes(mainStep) && !/^\s*delivery-/i.test(String(group))) return undefined;
  return violation('concurrency', `is ${show(now.concurrency)}, which breaks the guarantee that `
    + `${job.concurrency === undefined ? 'this job never waits for another run' : 'the deployments of an environment run one at a time, and none is cancelled'}`, KEEP);
}

function place({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  if (job.environment === undefined && ARTIFACT_JOBS.includes(mainStep)) return undefined;
  const { name, deployment } = environmentOf(now.environment);
  const ours = environmentOf(job.environment);
  // GitHub ignores the letter case
  if (String(name).toLowerCase() !== String(ours.name).toLowerCase()) {
    return violation('environment', `is ${show(name)}, which breaks the guarantee that ${ours.name === undefined
      ? 'this job needs no approval and gets no secrets of an environment'
      : `approval and secrets are those of ${show(ours.name)}`}`, ours.name === undefined ? KEEP : `Set ${show(ours.name)} again; its url may differ`);
  }
  if (deployment === ours.deployment) return undefined;
  return violation('environment', 'no longer has deployment: false, which breaks the guarantee that the ledger records what is deployed: GitHub would record the job\'s result instead',
    'Put it back, or set the delivery\'s compatibility: { withoutDeploymentFalse: true }');
}

function environmentOf(environment: unknown): { readonly name?: unknown; readonly deployment?: unknown } {
  return isMap(environment) ? environment : { name: environment };
}

function time({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const minutes = now['timeout-minutes'];
  // a plan or a build that times out has changed nothing
  const least = CHANGES_NOTHING.includes(mainStep) ? 1 : job.timeoutMinutes ?? 0;
  if (typeof minutes === 'number' && minutes >= least) return undefined;
  return violation('timeout-minutes', `is ${show(minutes)}, which breaks the guarantee that nothing hangs, and that there is time to roll back`, `Set ${least} or more`);
}

/** GitHub's default for the steps that run after a cancellation. */
const CANCEL_MINUTES = 5;

function timeToRecover({ mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const minutes = now['cancel-timeout-minutes'];
  if (minutes === undefined || CHANGES_NOTHING.includes(mainStep) || (typeof minutes === 'number' && minutes >= CANCEL_MINUTES)) return undefined;
  return violation('cancel-timeout-minutes', `is ${show(minutes)}, which breaks the guarantee that a job that was cut off finishes what it left open`, `Take it out, or set ${CANCEL_MINUTES} or more`);
}

/** The main steps of jobs that bring a good release back, or find that it must come back. */
const EMERGENCY = ['hold', 'rollback', 'recover', 'monitor'];

/** Synthesis does not know which environments have reviewers or a timer. */
function waitsForNobody({ job, mainStep }: DeliveryJob, now: WrittenJob, { jobs = {} }: WrittenWorkflow): Violation | undefined {
  if (!EMERGENCY.includes(mainStep)) return undefined;
  const visited = new Set(job.needs ?? []);
  const added: string[] = [];
  const visit = (id: string) => {
    if (visited.has(id)) return;
    visited.add(id);
    added.push(id);
    [jobs[id]?.needs ?? []].flat().forEach((need) => visit(String(need)));
  };
  [now.needs ?? []].flat().forEach((need) => visit(String(need)));
  const asking = added.find((id) => environmentOf(jobs[id]?.environment).name !== undefined);
  return asking === undefined ? undefined : violation('needs', `lead to ${show(asking)}, which asks for the approval of its environment, which breaks the guarantee that a rollback waits for nobody`,
    `Let ${asking} run without an environment, or behind this job`);
}

function onceAndHonestly({ job }: DeliveryJob, now: WrittenJob): Violation | undefined {
  if (!isDeepStrictEqual(now.strategy, job.strategy)) {
    return violation('strategy', 'runs the job several times, which breaks the guarantee that a release is deployed once, with however many versions it was tested', 'Give the matrix to a job of your own, and name that in needs');
  }
  if (now['continue-on-error'] === undefined || now['continue-on-error'] === false) return undefined;
  return violation('continue-on-error', `is ${show(now['continue-on-error'])}, which breaks the guarantee that a run that rolled back ends red`, 'Take it out');
}

function outputs({ job }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const theirs = isMap(now.outputs) ? now.outputs : {};
  const lost = Object.entries(job.outputs ?? {}).find(([name, { stepId, outputName }]) => theirs[name] !== `\${{ steps.${stepId}.outputs.${outputName} }}`);
  return lost && violation('outputs', `lack ${show(lost[0])} as it was, which breaks the guarantee that the jobs after it know how far the release came`, 'Put it back; more may be added');
}

function context({ job }: DeliveryJob, now: WrittenJob, { defaults }: WrittenWorkflow): Violation | undefined {
  const guarantee = 'breaks the guarantee that the delivery\'s commands run as they are written';
  if (job.defaults === undefined && changesRunDefaults(defaults)) {
    return violation('defaults', `are those of the whole workflow, ${show(defaults)}, which ${guarantee}`,
      'Set them in your own jobs, or before new Delivery(...), whose jobs then have their own');
  }
  if (!isDeepStrictEqual(now.defaults, job.defaults && RUN_DEFAULTS_WRITTEN)) return violation('defaults', `are ${show(now.defaults)}, which ${guarantee}`, 'Set them in your own steps');
  return reserved(now.env, job.env) ?? reservedOfContainer(now.container);
}

