import { github } from 'projen';
import { actionOf, brokenInputs, checksOutOver, DONE, otherValue, SIGNED_IN } from './action-inputs';
import { changedCondition } from './condition-invariant';
import { givenToLaterSteps, reserved } from './variables';
import { Violation, violation, isMap, DeliveryJob } from './violation';
import { RUNTIME_LINE } from '../../../contract/command-line';
import { show } from '../../../validation/validation-error';
import { COMMAND_STEPS, LOGIN_STEP, OUR_STEPS } from '../jobs/steps';
import { WrittenJob, WrittenStep } from '../workflows/written-workflow';

type Step = github.workflows.JobStep;

/** Checks the delivery's steps and their order. Other steps may be added anywhere, and users own the set-up steps. */
export function violatedSteps({ job, mainStep }: DeliveryJob, now: WrittenJob): Violation | undefined {
  const ids = COMMAND_STEPS.includes(mainStep) ? COMMAND_STEPS : OUR_STEPS;
  const theirs = (Array.isArray(now.steps) ? now.steps : []) as WrittenStep[];
  const ours = job.steps.filter(({ id, run }) => ids.includes(id ?? '') || run?.startsWith(RUNTIME_LINE));
  let last = -1;
  for (const one of ours) {
    const at = theirs.findIndex(({ id }) => id === one.id);
    if (at < 0) return violation('steps', `lack ${show(one.id)}, which breaks the guarantee that ${GUARANTEES[one.id!] ?? DONE}`, 'Put it back; others may stand before and behind it');
    if (at < last) return violation('steps', `have ${show(one.id)} too early, which breaks the guarantee that ${ORDER}`, 'Put it back where it was');
    last = at;
    const wrong = brokenStep(one, theirs[at]) ?? leavesTooLittle(one, theirs[at], job, now);
    if (wrong) return violation(`steps ${show(one.id)} ${wrong.key}`, wrong.fault, wrong.fix);
  }
  return disturbing(theirs, new Set(ours.map(({ id }) => id)));
}

const ORDER = 'all that a rollback needs is on the machine before anything is changed';
const GUARANTEES: Record<string, string> = {
  recover: 'a job that was cut off finishes what it left open',
  [LOGIN_STEP]: SIGNED_IN,
  notify: 'people are notified of what became of a deployment',
};

const DOES = ['run', 'shell', 'working-directory'] as const;
/** The keys of the delivery's steps. */
const KEYS = [...DOES, 'id', 'name', 'if', 'uses', 'with', 'env', 'timeout-minutes', 'continue-on-error'];

function brokenStep(ours: Step, now: WrittenStep): Violation | undefined {
  const as: WrittenStep = { 'run': ours.run, 'shell': ours.shell, 'working-directory': ours.workingDirectory };
  const key = DOES.find((one) => now[one] !== as[one]);
  if (key) return violation(key, `is ${show(now[key])}, which breaks the guarantee that ${GUARANTEES[ours.id!] ?? DONE}`, LEAVE);
  const added = Object.keys(now).find((one) => !KEYS.includes(one));
  if (added !== undefined) return violation(added, `is ${show((now as Record<string, unknown>)[added])}, which breaks the guarantee that our steps run one after the other`, 'Take it out');
  if (changedCondition(ours.if, now.if)) return violation('if', `is ${show(now.if)}, which breaks the guarantee that ${GUARANTEES[ours.id!] ?? DONE}`, LEAVE);
  if (actionOf(now.uses) !== actionOf(ours.uses)) {
    return violation('uses', `is ${show(now.uses)}, which breaks the guarantee that ${DONE}`, `Use github.actions.set(${show(actionOf(ours.uses))}, ...) for another version or a copy of it`);
  }
  if ((now['continue-on-error'] ?? false) !== (ours.continueOnError ?? false)) {
    return violation('continue-on-error', `is ${show(now['continue-on-error'])}, which breaks the guarantee that a run that rolled back, or could not, ends red`, 'Leave it as it was');
  }
  return brokenEnv(ours.env, now.env) ?? reserved(now.env, ours.env) ?? brokenInputs(ours, now);
}

function brokenEnv(ours: Record<string, unknown> = {}, now: unknown): Violation | undefined {
  const lost = Object.keys(ours).find((name) => !isMap(now) || now[name] !== ours[name]);
  return lost === undefined ? undefined : otherValue('env', lost, ours[lost]);
}

const LEAVE = 'Leave it as it was, and add a step before or behind it';

/** The step that recovers needs the rest of the job's time. */
function leavesTooLittle({ timeoutMinutes: ours }: Step, { 'timeout-minutes': now }: WrittenStep, job: { timeoutMinutes?: number }, whole: WrittenJob): Violation | undefined {
  if (now === ours) return undefined;
  const rest = (job.timeoutMinutes ?? 0) - (ours ?? 0);
  if (ours !== undefined && typeof now === 'number' && now >= ours && Number(whole['timeout-minutes']) - now >= rest) return undefined;
  return violation('timeout-minutes', `is ${show(now)}, which breaks the guarantee that there is time to roll back`,
    ours === undefined ? 'Take it out' : `Set ${ours} or more, and add as much to the job, so that ${rest} minutes are left`);
}

/** Rejects another component's step that visibly changes what the delivery's steps use. */
function disturbing(steps: WrittenStep[], ours: ReadonlySet<string | undefined>): Violation | undefined {
  const isOurs = ({ id }: WrittenStep) => ours.has(id as string);
  const first = steps.findIndex(isOurs);
  for (const [at, step] of steps.entries()) {
    if (isOurs(step)) continue;
    const where = `steps ${show(step.id ?? step.name ?? at + 1)}`;
    if (at > first && steps.slice(at).some(isOurs) && checksOutOver(step)) {
      return violation(`${where} with`, 'checks out over what the delivery checked out, which breaks the guarantee that the release that is recorded is the one that is deployed', 'Give it a path of its own: with: { path: \'other\' }');
    }
    const said = givenToLaterSteps(step);
    if (said !== undefined) return violation(where, `gives ${said} to the steps behind it, which breaks the guarantee that only the ledger and the run determine what is deployed`, 'Give your variable another name, or set it for your steps alone');
  }
  return undefined;
}
