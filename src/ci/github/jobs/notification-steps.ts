import { github } from 'projen';
import { expression } from './conditions';
import { Subject } from './job-environment';
import { placeIfAny } from './job-settings';
import { checkoutAll, runtime, Workplace } from './steps';
import { Environment } from '../../../delivery/environment';

type Step = github.workflows.JobStep;

/** Longer than telling ever takes, the ledger included. */
const TELL_MINUTES = 3;

/**
 * The last steps of a job that may end a deployment: whatever came of it, people are told. Nothing of it makes a job red, and no other
 * step gets the channels' secrets.
 *
 * @param isReady whether the job has what the project's commands need; else it has what looking at its environments needs
 */
export function tellSteps(workplace: Workplace, subject: Subject, isReady: boolean): Step[] {
  const { name, words } = subject;
  const alerts = alertsOf(workplace, subject);
  if (alerts.length === 0) return [];
  const secrets = subject.secrets((environment) => heardBy(workplace, environment).flatMap(({ _secrets }) => _secrets));
  return [
    ...(!isReady && alerts.some(({ _runsCommand }) => _runsCommand) ? preparation(workplace, subject) : []),
    { ...runtime('tell', `tell what became of ${name}`, `tell ${words}`, {}, secrets), if: expression('always()'), continueOnError: true, timeoutMinutes: TELL_MINUTES },
  ];
}

/** What the project's commands need, as far as the job does not have it because a health check is a command. */
function preparation(workplace: Workplace, subject: Subject): Step[] {
  const isMissing = ({ looksWithCommands }: Environment) => !looksWithCommands;
  if (!subject.some(isMissing)) return [];
  const only = subject.only(isMissing);
  const steps = only === '' ? [{ ...checkoutAll(workplace, false), id: 'checkout-project' }, ...workplace.toolchainSteps] : again(workplace.toolchainSteps);
  return steps.map((step) => ({ ...step, if: whatever(step.if, only), continueOnError: true }));
}

/** Steps that stand in the job already, for other environments: with ids of their own, by which they name each other. */
function again(steps: Step[]): Step[] {
  const ids = steps.flatMap(({ id }) => id ?? []);
  const renamed = (text: string) => ids.reduce((all, id) => all.replaceAll(`steps.${id}.`, `steps.${id}-tell.`), text);
  return steps.map(({ id, ...step }) => ({ ...JSON.parse(renamed(JSON.stringify(step))) as Step, ...(id !== undefined && { id: `${id}-tell` }) }));
}

/** What telling needs beside what the job has. */
export function tellPermissions(workplace: Workplace, subject: Subject): github.workflows.JobPermissions {
  const { WRITE } = github.workflows.JobPermission;
  return alertsOf(workplace, subject).some(({ _writesIssues }) => _writesIssues) ? { issues: WRITE } : {};
}

/** Where a job that only looks reads the secrets of headers and channels from, if it needs any; the channels' may be the repository's. */
export function tellPlace(workplace: Workplace, subject: Subject): ReturnType<typeof placeIfAny> {
  return placeIfAny(workplace, subject.text((environment) => {
    const needsSecrets = environment.probeSecrets.length > 0 || heardBy(workplace, environment).some(({ _secrets }) => _secrets.length > 0);
    return needsSecrets ? environment.monitorEnvironment : undefined;
  }));
}

function alertsOf({ alerts }: Workplace, subject: Subject) {
  return alerts.filter((alert) => subject.some(({ name }) => alert._hears(name)));
}

function heardBy({ alerts }: Workplace, { name }: Environment) {
  return alerts.filter((alert) => alert._hears(name));
}

/**
 * Also after a step that failed; a condition of the step's own stays.
 *
 * @param only what must hold as well, with `&&` behind it
 */
function whatever(condition: string | undefined, only: string): string {
  const own = condition?.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1').trim();
  return expression(own ? `always() && ${only}(${own})` : `always() && ${only}`.replace(/ && $/, ''));
}
