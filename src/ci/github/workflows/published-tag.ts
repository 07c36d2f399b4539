import { github, javascript, Project } from 'projen';
import { Environment } from '../../../delivery/environment';
import { invalid, show } from '../../../validation/validation-error';

/** projen's job that publishes to a registry of npm. */
const PUBLISHER = 'release_npm';

/** Rejects a release workflow that publishes under the tag by which users install: they would get each release before it is tested. */
export function checkPublishedTag(project: Project, workflow: github.GithubWorkflow, environments: readonly Pick<Environment, 'name' | 'target'>[]): void {
  const published = publishedTag(workflow);
  for (const { name, target: { driver } } of environments) {
    if (driver?.kind !== 'npm' || driver.distTag !== published?.tag || !driver.registry.includes(`//${published.registry}/`)) continue;
    if (project instanceof javascript.NodeProject && project.package.packageName !== driver.packageName) continue;
    invalid(`environment ${show(name)} Target.npm distTag`,
      `the workflow ${show(workflow.name)} publishes under ${show(driver.distTag)}, so users would get each release before it is tested`,
      `Set npmDistTag: ${show(driver.candidateTag)} in the options of the project (for a release branch in its options in releaseBranches)`);
  }
}

function publishedTag(workflow: github.GithubWorkflow): { readonly tag: string; readonly registry: string } | undefined {
  const job = workflow.getJob(PUBLISHER);
  const steps = job && 'steps' in job ? job.steps : [];
  const { NPM_DIST_TAG: tag, NPM_REGISTRY: registry = 'registry.npmjs.org' } = steps.find(({ env }) => env?.NPM_DIST_TAG !== undefined)?.env ?? {};
  return tag === undefined ? undefined : { tag, registry: registry.replace(/\/$/, '') };
}
