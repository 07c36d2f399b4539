import { github } from 'projen';
import { commandJob } from './command-job';
import { expression, heldCondition, input, notInFork } from './conditions';
import { JobEnvironment } from './job-environment';
import { carrierPermissions, holdPermissions, outputsOf, queue, runsOnFor } from './job-settings';
import { loginPermissions, loginSteps } from './login-steps';
import { notificationPermissions, notificationEnvironment, notificationSteps } from './notification-steps';
import { checkoutRuntime, lockEnv, probeSteps, probeSecrets, runtime, WorkflowContext } from './steps';
import { PLAN_MINUTES, timeoutsOf } from './timeouts';
import { CommandName, commandWords, CommandWords, OPTION } from '../../../contract/command-line';
import { INPUT_VARIABLE } from '../../../contract/environment-variables';
import { JOB, jobName } from '../../../contract/jobs';
import { RELEASE as RELEASE_OUTPUT } from '../../../contract/outputs';
import { INPUT, RollbackAction } from '../../../contract/workflows';

type Job = github.workflows.Job;
type Step = github.workflows.JobStep;

type Words = NonNullable<CommandWords['options']>;

/** A person's input reaches a command as one word, through the step's environment. Empty means not set. */
const RELEASE: Words = { [OPTION.RELEASE]: word(INPUT_VARIABLE.RELEASE) };
const REASON: Words = { [OPTION.REASON]: word(INPUT_VARIABLE.REASON) };
const SLOT: Words = { [OPTION.SLOT]: word(INPUT_VARIABLE.SLOT) };
const FROM: Words = { [OPTION.FROM]: word(INPUT_VARIABLE.FROM) };
const FROM_DEPLOYMENT: Words = { [OPTION.FROM_DEPLOYMENT]: word(INPUT_VARIABLE.FROM_DEPLOYMENT) };
/** A flag: present or absent. */
const EVEN_IF_IRREVERSIBLE = `\${${INPUT_VARIABLE.EVEN_IF_IRREVERSIBLE}:+--${OPTION.EVEN_IF_IRREVERSIBLE}}`;

const REASON_ENV = { [INPUT_VARIABLE.REASON]: expression(input(INPUT.REASON)) };
const FROM_ENV = { [INPUT_VARIABLE.FROM]: expression(input(INPUT.FROM)) };
const FROM_DEPLOYMENT_ENV = { [INPUT_VARIABLE.FROM_DEPLOYMENT]: expression(input(INPUT.FROM_DEPLOYMENT)) };
const RELEASE_ENV = { [INPUT_VARIABLE.RELEASE]: expression(input(INPUT.RELEASE)) };

/** The choice of a person who does not know which slot is live. */
export const UNKNOWN_SLOT = 'unknown';

function isAction(operator: '==' | '!=', action: RollbackAction): string {
  return `${input(INPUT.ACTION)} ${operator} '${action}'`;
}

function word(variable: string): string {
  return `"$${variable}"`;
}

/**
 * Records the hold. It has no concurrency group, so it does not wait: a deploy that waits in the queue then cannot replace the restored
 * release. It names no release if the deployment to roll back is no longer the newest one.
 */
export function holdJob(workflowContext: WorkflowContext, subject: JobEnvironment): Job {
  const { name, title, words } = subject;
  const evenIf = evenIfIrreversible(subject);
  return {
    name: jobName(JOB.HOLD, title),
    if: notInFork(isAction('==', 'rollback')),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: PLAN_MINUTES,
    permissions: holdPermissions(workflowContext),
    outputs: outputsOf('hold', [RELEASE_OUTPUT]),
    steps: [
      checkoutRuntime(),
      runtime('hold', `hold ${name}`, [commandWords('hold', { environment: words, options: { ...RELEASE, ...REASON, ...FROM_DEPLOYMENT } }), ...evenIf.words].join(' '), {
        ...RELEASE_ENV, ...REASON_ENV, ...FROM_DEPLOYMENT_ENV, ...evenIf.env,
      }, {}),
    ],
  };
}

/**
 * Rolls back to the release that the hold output.
 *
 * @param hold the id of the hold job
 */
export function rollbackByHandJob(workflowContext: WorkflowContext, subject: JobEnvironment, hold: string): Job {
  const { title, words } = subject;
  const limits = timeoutsOf(subject);
  const release = { [INPUT_VARIABLE.RELEASE]: expression(`needs.${hold}.outputs.${RELEASE_OUTPUT}`) };
  const evenIf = evenIfIrreversible(subject);
  return commandJob(workflowContext, subject, {
    name: jobName(JOB.ROLLBACK, title),
    needs: [hold],
    condition: heldCondition(hold),
    place: subject.text(({ name, rollbackEnvironment }) => rollbackEnvironment ?? name)!,
    queue: 'rollback',
    minutes: limits.rollback,
    env: {},
    step: {
      id: 'rollback',
      name: `rollback ${subject.name}`,
      command: [commandWords('rollback', { environment: words, options: { ...RELEASE, ...REASON, ...FROM_DEPLOYMENT } }), ...evenIf.words].join(' '),
      env: { ...release, ...REASON_ENV, ...FROM_DEPLOYMENT_ENV, ...evenIf.env },
      minutes: limits.rollbackStep,
    },
  });
}

/** Empty without migrations. */
function evenIfIrreversible(subject: JobEnvironment): { readonly words: string[]; readonly env: Record<string, string> } {
  if (!subject.some(({ migrates }) => migrates)) return { words: [], env: {} };
  return { words: [EVEN_IF_IRREVERSIBLE], env: { [INPUT_VARIABLE.EVEN_IF_IRREVERSIBLE]: expression(`${input(INPUT.EVEN_IF_IRREVERSIBLE)} && 'true' || ''`) } };
}

/**
 * Records a person's decision in the ledger. It changes nothing, and verifies the live release if the decision depends on it. It waits for a
 * rollback in progress, because that changes the live release.
 */
export function decisionJob(workflowContext: WorkflowContext, subject: JobEnvironment): Job {
  const { name, title, words } = subject;
  const slot = subject.some(({ strategy }) => strategy.slots.length > 0);
  const slotEnv: Record<string, string> = slot ? { [INPUT_VARIABLE.SLOT]: expression(`${input(INPUT.SLOT)} != '${UNKNOWN_SLOT}' && ${input(INPUT.SLOT)} || ''`) } : {};
  const step = (action: RollbackAction & CommandName, options: Words, env: Record<string, string>, secrets: Record<string, string>): Step => ({
    ...runtime(action, `${action} ${name}`, commandWords(action, { environment: words, options: { ...options, ...REASON } }), { ...lockEnv(workflowContext), ...env, ...REASON_ENV }, secrets),
    if: expression(isAction('==', action)),
  });
  return {
    name: jobName(JOB.DECISION, title),
    if: notInFork(isAction('!=', 'rollback')),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: timeoutsOf(subject).decision,
    permissions: { ...carrierPermissions(workflowContext), ...notificationPermissions(workflowContext, subject), ...loginPermissions(subject, 'read') },
    ...notificationEnvironment(workflowContext, subject),
    concurrency: queue(workflowContext, 'rollback', subject),
    steps: [
      ...probeSteps(workflowContext, subject, true),
      ...loginSteps(subject, 'read'),
      step('unblock', RELEASE, RELEASE_ENV, {}),
      step('adopt', { ...RELEASE, ...(slot ? SLOT : {}), ...FROM }, { ...RELEASE_ENV, ...slotEnv, ...FROM_ENV }, probeSecrets(subject)),
      step('resolve', {}, {}, probeSecrets(subject)),
      step('unfreeze', {}, {}, {}),
      ...notificationSteps(workflowContext, subject, false),
    ],
  };
}
