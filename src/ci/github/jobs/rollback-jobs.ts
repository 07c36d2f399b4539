import { github } from 'projen';
import { commandJob } from './command-job';
import { expression, heldCondition, notInFork } from './conditions';
import { JobEnvironment } from './job-environment';
import { carrierPermissions, DECISION_PERMISSIONS, outputsOf, queue, runsOnFor } from './job-settings';
import { notificationPermissions, notificationEnvironment, notificationSteps } from './notification-steps';
import { checkoutRuntime, lockEnv, probeSteps, probeSecrets, runtime, WorkflowContext } from './steps';
import { PLAN_MINUTES, timeoutsOf } from './timeouts';

type Job = github.workflows.Job;
type Step = github.workflows.JobStep;

/** What people wrote reaches a command through the step's environment, and as one word of its own. Empty counts as not given. */
const RELEASE = '--release="$DELIVERY_INPUT_RELEASE"';
const REASON = '--reason="$DELIVERY_INPUT_REASON"';
const SLOT = '--slot="$DELIVERY_INPUT_SLOT"';
const FROM_DEPLOYMENT = '--from-deployment="$DELIVERY_INPUT_FROM_DEPLOYMENT"';
const EVEN_IF_IRREVERSIBLE = '${DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE:+--even-if-irreversible}';

const REASON_ENV = { DELIVERY_INPUT_REASON: expression('inputs.reason') };
const FROM_DEPLOYMENT_ENV = { DELIVERY_INPUT_FROM_DEPLOYMENT: expression('inputs.from_deployment') };
const RELEASE_ENV = { DELIVERY_INPUT_RELEASE: expression('inputs.release') };

/**
 * In no group, so that it waits for nobody: from then on a deploy that waits in the queue does not replace what is restored. It names no
 * release where the deployment to take back is not the newest one any more.
 */
export function holdJob(workflowContext: WorkflowContext, subject: JobEnvironment): Job {
  const { name, title, words } = subject;
  const evenIf = evenIfIrreversible(subject);
  return {
    name: `hold ${title}`,
    if: notInFork('inputs.action == \'rollback\''),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: PLAN_MINUTES,
    permissions: DECISION_PERMISSIONS,
    outputs: outputsOf('hold', ['release']),
    steps: [
      checkoutRuntime(),
      runtime('hold', `hold ${name}`, [`hold ${words} ${RELEASE} ${REASON} ${FROM_DEPLOYMENT}`, ...evenIf.words].join(' '), {
        ...RELEASE_ENV, ...REASON_ENV, ...FROM_DEPLOYMENT_ENV, ...evenIf.env,
      }, {}),
    ],
  };
}

/**
 * Goes to the release that the hold named.
 *
 * @param hold the id of the job that holds
 */
export function rollbackByHandJob(workflowContext: WorkflowContext, subject: JobEnvironment, hold: string): Job {
  const { title, words } = subject;
  const limits = timeoutsOf(subject);
  const release = { DELIVERY_INPUT_RELEASE: expression(`needs.${hold}.outputs.release`) };
  const evenIf = evenIfIrreversible(subject);
  return commandJob(workflowContext, subject, {
    name: `roll back ${title}`,
    needs: [hold],
    condition: heldCondition(hold),
    place: subject.text(({ name, rollbackEnvironment }) => rollbackEnvironment ?? name)!,
    queue: 'rollback',
    minutes: limits.rollback,
    env: {},
    step: {
      id: 'rollback',
      name: `roll back ${subject.name}`,
      command: [`rollback ${words} ${RELEASE} ${REASON} ${FROM_DEPLOYMENT}`, ...evenIf.words].join(' '),
      env: { ...release, ...REASON_ENV, ...FROM_DEPLOYMENT_ENV, ...evenIf.env },
      minutes: limits.rollbackStep,
    },
  });
}

/** The one option that is a flag: it is a word of the line or it is not. Where nothing is migrated it changes nothing. */
function evenIfIrreversible(subject: JobEnvironment): { readonly words: string[]; readonly env: Record<string, string> } {
  if (!subject.some(({ migrates }) => migrates)) return { words: [], env: {} };
  return { words: [EVEN_IF_IRREVERSIBLE], env: { DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE: expression('inputs.even_if_irreversible && \'true\' || \'\'') } };
}

/**
 * Writes what was decided into the ledger; changes nothing, and verifies what is live where that is claimed. It waits for a rollback that
 * is at work: what is live then is not what will be.
 */
export function decideJob(workflowContext: WorkflowContext, subject: JobEnvironment): Job {
  const { name, title, words } = subject;
  // where there are no slots, the command ignores it
  const slot = subject.some(({ strategy }) => strategy.kind === 'blueGreen');
  const slotEnv: Record<string, string> = slot ? { DELIVERY_INPUT_SLOT: expression('inputs.slot != \'unknown\' && inputs.slot || \'\'') } : {};
  const step = (action: string, options: string[], env: Record<string, string>, secrets: Record<string, string>): Step => ({
    ...runtime(action, `${action} ${name}`, [action, words, ...options, REASON].join(' '), { ...lockEnv(workflowContext), ...env, ...REASON_ENV }, secrets),
    if: expression(`inputs.action == '${action}'`),
  });
  return {
    name: `decide on ${title}`,
    if: notInFork('inputs.action != \'rollback\''),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: timeoutsOf(subject).decide,
    permissions: { ...carrierPermissions(workflowContext), ...notificationPermissions(workflowContext, subject) },
    ...notificationEnvironment(workflowContext, subject),
    concurrency: queue(workflowContext, 'rollback', subject),
    steps: [
      ...probeSteps(workflowContext, subject, true),
      step('unblock', [RELEASE], RELEASE_ENV, {}),
      step('adopt', [RELEASE, ...(slot ? [SLOT] : [])], { ...RELEASE_ENV, ...slotEnv }, probeSecrets(subject)),
      step('resolve', [], {}, probeSecrets(subject)),
      step('unfreeze', [], {}, {}),
      ...notificationSteps(workflowContext, subject, false),
    ],
  };
}
