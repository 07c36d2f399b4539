import { build, github, Project, Task } from 'projen';
import { show } from '../../../validation/validation-error';

/** Returns its own, or the nearest parent's: by default projen writes none for a subproject. */
export function buildWorkflowOf({ components, parent }: Project): build.BuildWorkflow | undefined {
  const own = components.find((one): one is build.BuildWorkflow => one instanceof build.BuildWorkflow);
  return own ?? (parent && buildWorkflowOf(parent));
}

export function isBuildWorkflow({ root }: Project, workflow: github.GithubWorkflow): boolean {
  return root.node.findAll().some((one) => one instanceof build.BuildWorkflow && one.workflow === workflow);
}

/**
 * Returns whether the project's tests run in its build workflow only.
 *
 * @param builds the tasks by which the release is built; where one runs the tests, nothing is deployed that they find bad
 */
export function hasTestsElsewhere(project: Project, builds: readonly (string | Task)[]): boolean {
  if (!buildWorkflowOf(project) || project.testTask.steps.length === 0) return false;
  return !builds.some((task) => runs(project, typeof task === 'string' ? task : task.name, project.testTask.name));
}

function runs(project: Project, name: string, wanted: string, seen = new Set<string>()): boolean {
  if (name === wanted) return true;
  if (seen.has(name)) return false;
  seen.add(name);
  const steps = project.tasks.tryFind(name)?.steps ?? [];
  return steps.some(({ spawn }) => spawn !== undefined && runs(project, spawn, wanted, seen));
}

/** @param areFiltered whether pushes are filtered by path, which joined workflows do not do */
export function untestedWarning(environments: readonly string[], { name }: github.GithubWorkflow, areFiltered: boolean): string {
  const fix = areFiltered
    ? 'Test in the job that builds (artifact: { buildTask: \'build\', ... }), or add a job that tests: delivery.workflow.addJob(\'test\', { ... })'
    : 'Set workflow: Workflow.ofBuild()';
  return `deployments to ${environments.map(show).join(', ')} do not wait for any tests: those run in the workflow ${show(name)}. ${fix}, or say needs: [] if that is meant`;
}
