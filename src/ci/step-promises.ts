import { github } from 'projen';
import { show } from '../refusal';
import { Broken, broken, isMap, OurJob, reserved } from './broken-promise';
import { COMMAND_STEPS, OUR_STEPS } from './steps';
import { WrittenJob, WrittenStep } from './written-workflow';

type Step = github.workflows.JobStep;

/** Our steps, in our order; others may stand before, between and behind them. Those that set up are the user's. */
export function brokenSteps({ job, mainStep }: OurJob, now: WrittenJob): Broken | undefined {
  const ids = COMMAND_STEPS.includes(mainStep) ? COMMAND_STEPS : OUR_STEPS;
  const theirs = (Array.isArray(now.steps) ? now.steps : []) as WrittenStep[];
  let last = -1;
  for (const ours of job.steps.filter(({ id }) => ids.includes(id ?? ''))) {
    const at = theirs.findIndex(({ id }) => id === ours.id);
    if (at < 0) return broken('steps', `lack ${show(ours.id)}, which breaks the promise that ${PROMISES[ours.id!] ?? DONE}`, 'Put it back; others may stand before and behind it');
    if (at < last) return broken('steps', `have ${show(ours.id)} too early, which breaks the promise that ${ORDER}`, 'Put it back where it was');
    last = at;
    const wrong = brokenStep(ours, theirs[at]!) ?? leavesTooLittle(ours, theirs[at]!, job, now);
    if (wrong) return broken(`steps ${show(ours.id)} ${wrong.key}`, wrong.fault, wrong.mend);
  }
  return undefined;
}

const DONE = 'what the delivery says is what is done';
const ORDER = 'all that a rollback needs is on the machine before anything is changed';
const PROMISES: Record<string, string> = {
  settle: 'a job that was cut off finishes what it left open',
};

/** What a step does. */
const DOES = ['run', 'if', 'shell', 'working-directory'] as const;

function brokenStep(ours: Step, now: WrittenStep): Broken | undefined {
  const as: WrittenStep = { 'run': ours.run, 'if': ours.if, 'shell': ours.shell, 'working-directory': ours.workingDirectory };
  const key = DOES.find((one) => now[one] !== as[one]);
  if (key) return broken(key, `is ${show(now[key])}, which breaks the promise that ${PROMISES[ours.id!] ?? DONE}`, 'Leave it as it was, and add a step before or behind it');
  if (actionOf(now.uses) !== actionOf(ours.uses)) {
    return broken('uses', `is ${show(now.uses)}, which breaks the promise that ${DONE}`, `Say github.actions.set(${show(actionOf(ours.uses))}, ...) for another version or a copy of it`);
  }
  if ((now['continue-on-error'] ?? false) !== (ours.continueOnError ?? false)) {
    return broken('continue-on-error', `is ${show(now['continue-on-error'])}, which breaks the promise that a run that rolled back, or could not, ends red`, 'Take it out');
  }
  return brokenValues('env', ours.env, now.env) ?? brokenValues('with', ours.with, now.with) ?? reserved(now.env, ours.env) ?? elsewhere(ours, now);
}

/** Another version of an action is the user's to choose. */
function actionOf(uses: unknown): unknown {
  return typeof uses === 'string' ? uses.split('@')[0] : uses;
}

function brokenValues(key: string, ours: Record<string, unknown> = {}, now: unknown): Broken | undefined {
  const lost = Object.keys(ours).find((name) => !isMap(now) || now[name] !== ours[name]);
  return lost === undefined ? undefined : broken(key, `has another ${show(lost)}, which breaks the promise that ${DONE}`, `Put it back: ${lost}: ${show(ours[lost])}`);
}

/** What is checked out must be what is deployed. */
function elsewhere({ uses, with: ours }: Step, now: WrittenStep): Broken | undefined {
  if (actionOf(uses) !== 'actions/checkout' || !isMap(now.with)) return undefined;
  const { with: inputs } = now;
  const added = ['ref', 'repository', 'path'].find((name) => name in inputs && !(name in (ours ?? {})));
  return added === undefined ? undefined : broken('with', `says ${added}, which breaks the promise that the release that is recorded is the one that is deployed`, 'Check the other one out in a step of your own, with a path');
}

/** What is left of the job's time belongs to settling. */
function leavesTooLittle({ timeoutMinutes: ours }: Step, { 'timeout-minutes': now }: WrittenStep, job: { timeoutMinutes?: number }, whole: WrittenJob): Broken | undefined {
  if (now === ours) return undefined;
  const rest = (job.timeoutMinutes ?? 0) - (ours ?? 0);
  if (ours !== undefined && typeof now === 'number' && now >= ours && Number(whole['timeout-minutes']) - now >= rest) return undefined;
  return broken('timeout-minutes', `is ${show(now)}, which breaks the promise that there is time to take a bad release back`,
    ours === undefined ? 'Take it out' : `Say ${ours} or more, and as much more to the job, so that ${rest} minutes are left`);
}
