import { github } from 'projen';
import { JobEnvironment } from './job-environment';
import { andAlso } from './steps';

type Step = github.workflows.JobStep;

/** The set-up steps of the targets of a job's environments. A job for several environments runs those of the chosen one. */
export function targetSteps(subject: JobEnvironment): Step[] {
  const different = subject.all(({ setupSteps }) => (setupSteps.length > 0 ? [JSON.stringify(setupSteps)] : []));
  return different.flatMap((text, i) => {
    const only = subject.only(({ setupSteps }) => JSON.stringify(setupSteps) === text);
    const steps = JSON.parse(text) as Step[];
    const own = different.length > 1 ? withIdSuffix(steps, `-${i + 1}`) : steps;
    return own.map((step) => (only === '' ? step : { ...step, if: andAlso(only, step.if) }));
  });
}

/** Makes the ids of steps that a job contains more than once unique, with the references between them. */
export function withIdSuffix(steps: Step[], suffix: string): Step[] {
  const ids = steps.flatMap(({ id }) => id ?? []);
  const renamed = (text: string) => ids.reduce((all, id) => all.replaceAll(`steps.${id}.`, `steps.${id}${suffix}.`), text);
  return steps.map(({ id, ...step }) => ({ ...JSON.parse(renamed(JSON.stringify(step))) as Step, ...(id !== undefined && { id: `${id}${suffix}` }) }));
}

/** The permissions that targets add to the jobs that deploy or roll back. */
export function targetPermissions(subject: JobEnvironment): github.workflows.JobPermissions[] {
  return subject.all(({ target }) => [target.permissions]);
}

/** Merges permissions; the higher level wins. */
export function mergedPermissions(all: readonly github.workflows.JobPermissions[]): github.workflows.JobPermissions {
  const merged: Record<string, github.workflows.JobPermission> = {};
  for (const [name, value] of all.flatMap((one) => Object.entries(one) as [string, github.workflows.JobPermission | undefined][])) {
    if (value !== undefined && merged[name] !== github.workflows.JobPermission.WRITE) merged[name] = value;
  }
  return merged;
}
