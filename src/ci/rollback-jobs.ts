import { github } from 'projen';
import { Environment } from '../environment';
import { commandJob } from './command-job';
import { chosen, expression, heldCondition, notInFork } from './conditions';
import { carrierPermissions, DECISION_PERMISSIONS, outputsOf, runsOn } from './job-parts';
import { artifactEnv, checkoutRuntime, lookSteps, runtime, Workplace } from './steps';
import { tellPermissions, tellPlace, tellSteps } from './telling';
import { PLAN_MINUTES, timeouts } from './timeouts';

type Job = github.workflows.Job;
type Step = github.workflows.JobStep;

/** What people wrote reaches a command through the step's environment, and as one word of its own. Empty counts as not given. */
const RELEASE = '--release="$DELIVERY_INPUT_RELEASE"';
const REASON = '--reason="$DELIVERY_INPUT_REASON"';
const SLOT = '--slot="$DELIVERY_INPUT_SLOT"';
const EVEN_IF_IRREVERSIBLE = '${DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE:+--even-if-irreversible}';

const REASON_ENV = { DELIVERY_INPUT_REASON: expression('inputs.reason') };
const RELEASE_ENV = { DELIVERY_INPUT_RELEASE: expression('inputs.release') };

/** In no group, so that it waits for nobody: from then on a deploy that waits in the queue does not replace what is restored. */
export function holdJob(workplace: Workplace, environment: Environment): Job {
  const { name, title, words } = environment;
  const evenIf = evenIfIrreversible(environment);
  return {
    name: `hold ${title}`,
    if: notInFork(chosen(name, 'inputs.action == \'rollback\'')),
    ...runsOn(workplace, environment),
    timeoutMinutes: PLAN_MINUTES,
    permissions: DECISION_PERMISSIONS,
    outputs: outputsOf('hold', ['release']),
    steps: [
      checkoutRuntime(),
      runtime('hold', `hold ${name}`, [`hold ${words} ${RELEASE} ${REASON}`, ...evenIf.words].join(' '), { ...RELEASE_ENV, ...REASON_ENV, ...evenIf.env }, []),
    ],
  };
}

/** Goes to the release that the hold named. */
export function rollbackByHandJob(workplace: Workplace, environment: Environment): Job {
  const { id, name, title, words } = environment;
  const limits = timeouts(environment);
  const release = { DELIVERY_INPUT_RELEASE: expression(`needs.hold_${id}.outputs.release`) };
  const evenIf = evenIfIrreversible(environment);
  return commandJob(workplace, environment, {
    name: `roll back ${title}`,
    needs: [`hold_${id}`],
    condition: heldCondition(environment),
    place: environment.rollbackEnvironment ?? name,
    queue: 'rollback',
    minutes: limits.rollback,
    // Stable's are for what another run left open: that they are gone must not keep the release that was asked for away
    artifacts: { command: `plan ${words} --artifacts ${RELEASE}`, env: release, which: ['release', 'stable'], dispensable: 'stable' },
    env: artifactEnv(workplace),
    step: {
      id: 'rollback',
      name: `roll back ${name}`,
      command: [`rollback ${words} ${RELEASE} ${REASON}`, ...evenIf.words].join(' '),
      env: { ...release, ...REASON_ENV, ...evenIf.env },
      minutes: limits.rollbackStep,
    },
  });
}

/** The one option that is a flag: it is a word of the line or it is not. */
function evenIfIrreversible({ migrates }: Environment): { readonly words: string[]; readonly env: Record<string, string> } {
  if (!migrates) return { words: [], env: {} };
  return { words: [EVEN_IF_IRREVERSIBLE], env: { DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE: expression('inputs.even_if_irreversible && \'true\' || \'\'') } };
}

/** Writes what was decided into the ledger; changes nothing, and verifies what is live where that is claimed. */
export function decideJob(workplace: Workplace, environment: Environment): Job {
  const { name, title, words, probeSecrets, strategy } = environment;
  const slot = strategy.kind === 'blueGreen';
  const slotEnv: Record<string, string> = slot ? { DELIVERY_INPUT_SLOT: expression('inputs.slot != \'unknown\' && inputs.slot || \'\'') } : {};
  const step = (action: string, options: string[], env: Record<string, string>, secrets: string[]): Step => ({
    ...runtime(action, `${action} ${name}`, [action, words, ...options, REASON].join(' '), { ...env, ...REASON_ENV }, secrets),
    if: expression(`inputs.action == '${action}'`),
  });
  return {
    name: `decide on ${title}`,
    if: notInFork(chosen(name, 'inputs.action != \'rollback\'')),
    ...runsOn(workplace, environment),
    timeoutMinutes: timeouts(environment).decide,
    permissions: { ...carrierPermissions(workplace), ...tellPermissions(workplace, environment) },
    ...tellPlace(workplace, environment),
    steps: [
      ...lookSteps(workplace, environment, true),
      step('unblock', [RELEASE], RELEASE_ENV, []),
      step('adopt', [RELEASE, ...(slot ? [SLOT] : [])], { ...RELEASE_ENV, ...slotEnv }, probeSecrets),
      step('resolve', [], {}, probeSecrets),
      step('unfreeze', [], {}, []),
      ...tellSteps(workplace, environment, false),
    ],
  };
}
