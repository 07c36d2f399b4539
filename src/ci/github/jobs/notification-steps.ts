import { github } from 'projen';
import { expression } from './conditions';
import { JobEnvironment } from './job-environment';
import { jobEnvironmentIfAny } from './job-settings';
import { andAlso, checkoutAll, runtime, WorkflowContext } from './steps';
import { withIdSuffix } from './target-steps';
import { commandWords } from '../../../contract/command-line';
import { Environment } from '../../../delivery/environment';

type Step = github.workflows.JobStep;

/** Enough for all notifications. */
const NOTIFY_MINUTES = 3;

/**
 * The last steps of a job that may end a deployment: they send notifications whatever the result. They never fail the job, and no other
 * step gets the channels' secrets.
 *
 * @param isReady whether the job has set up the project's commands, and not only its probes
 */
export function notificationSteps(workflowContext: WorkflowContext, subject: JobEnvironment, isReady: boolean): Step[] {
  const { name, words } = subject;
  const alerts = alertsOf(workflowContext, subject);
  if (alerts.length === 0) return [];
  const secrets = subject.secrets((environment) => alertsFor(workflowContext, environment).flatMap(({ _secrets }) => _secrets));
  return [
    ...(!isReady && alerts.some(({ _runsCommand }) => _runsCommand) ? preparation(workflowContext, subject) : []),
    { ...runtime('notify', `notify about ${name}`, commandWords('notify', { environment: words }), {}, secrets), if: expression('always()'), continueOnError: true, timeoutMinutes: NOTIFY_MINUTES },
  ];
}

/** Sets up the project's commands, unless a health check that is a command has done so. */
function preparation(workflowContext: WorkflowContext, subject: JobEnvironment): Step[] {
  const isMissing = ({ probesWithCommands }: Environment) => !probesWithCommands;
  if (!subject.some(isMissing)) return [];
  const only = subject.only(isMissing);
  const steps = only === '' ? [{ ...checkoutAll(workflowContext, false), id: 'checkout-project' }, ...workflowContext.toolchainSteps] : withIdSuffix(workflowContext.toolchainSteps, '-notify');
  return steps.map((step) => ({ ...step, if: andAlso(`always() && ${only}`, step.if), continueOnError: true }));
}

/** The additional permissions of notifications. */
export function notificationPermissions(workflowContext: WorkflowContext, subject: JobEnvironment): github.workflows.JobPermissions {
  const { WRITE } = github.workflows.JobPermission;
  return alertsOf(workflowContext, subject).some(({ _writesIssues }) => _writesIssues) ? { issues: WRITE } : {};
}

/** Where a job that only looks signs in, and reads the secrets of headers and channels from, if it needs any; the channels' may be the repository's. */
export function notificationEnvironment(workflowContext: WorkflowContext, subject: JobEnvironment): ReturnType<typeof jobEnvironmentIfAny> {
  return jobEnvironmentIfAny(workflowContext, subject.text((environment) => {
    const needsIt = environment.looksFromEnvironment || alertsFor(workflowContext, environment).some(({ _secrets }) => _secrets.length > 0);
    return needsIt ? environment.monitorEnvironment : undefined;
  }));
}

function alertsOf({ alerts }: WorkflowContext, subject: JobEnvironment) {
  return alerts.filter((alert) => subject.some(({ name }) => alert._notifies(name)));
}

function alertsFor({ alerts }: WorkflowContext, { name }: Environment) {
  return alerts.filter((alert) => alert._notifies(name));
}
