import { Project, release } from 'projen';
import { projenReleaseTag } from './projen-release-tags';
import { Environment } from '../../../delivery/environment';
import { invalid, show } from '../../../validation/validation-error';
import { LAST_PUBLISHER } from '../jobs/release-job';
import { branchesOf, ReleaseBranch } from '../workflows/release-branches';
import { writtenWorkflow, WrittenStep, WrittenWorkflow } from '../workflows/written-workflow';

/** A tag of projen that starts no workflow. */
interface UnseenTag {
  readonly tag: string;
  /** The released project. */
  readonly project: Project;
  readonly branch: ReleaseBranch;
  /** The place of the token in the workflow. */
  readonly token: string;
}

/** The GitHub CLI uses the first that is set. */
const TOKENS = ['GH_TOKEN', 'GITHUB_TOKEN'];

/** The token of the run itself, alone: beside another one it may be the second choice. */
const OWN_TOKEN = /^\s*\$\{\{\s*(?:secrets\.GITHUB_TOKEN|secrets\[\s*'GITHUB_TOKEN'\s*\]|github\.token|github\[\s*'token'\s*\])\s*\}\}\s*$/i;

/**
 * Rejects an environment that waits for tags which projen makes with the GITHUB_TOKEN of its release workflow: GitHub starts no workflow for
 * such a tag, so nothing would ever be deployed. Looks at the release job as it will be written, for its token may have been replaced.
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
 */
export function checkTagsAreSeen(project: Project, environments: readonly Environment[]): void {
  for (const environment of environments) {
    const unseen = unseenTag(environment, project);
    if (unseen) rejectUnseen(environment, unseen, project);
  }
}

/** Looks at the project's release, and at those of its parents, whose tags the trigger may follow. */
function unseenTag(environment: Environment, project: Project): UnseenTag | undefined {
  const { trigger } = environment;
  if (trigger.kind !== 'tag') return undefined;
  const branches = arePushedByPeople(trigger.pattern, project) ? [] : releaseBranches(project);
  for (const branch of branches) {
    const tag = projenReleaseTag(trigger, branch, branches[0].tagPrefix ?? '');
    const token = tag === undefined ? undefined : ownToken(branch);
    if (tag !== undefined && token !== undefined) return { tag, project, branch, token };
  }
  return project.parent && unseenTag(environment, project.parent);
}

/** Returns the branches for which projen writes a workflow that tags. */
function releaseBranches(project: Project): readonly ReleaseBranch[] {
  const found = release.Release.of(project);
  const isTrial = (found?.publisher as { readonly dryRun?: boolean } | undefined)?.dryRun;
  return found && !isTrial ? branchesOf(found) : [];
}

/** With `ReleaseTrigger.tagged` a person pushes the tag before the release. */
function arePushedByPeople(pattern: string, project: Project): boolean {
  const { releaseTrigger } = (release.Release.of(project) ?? {}) as { readonly releaseTrigger?: release.ReleaseTrigger };
  const [beginning] = pattern.split('*');
  return (releaseTrigger?.tags ?? []).some((filter) => {
    const [known] = filter.split(/[*?+[!]/);
    return known.startsWith(beginning) || beginning.startsWith(known);
  });
}

/** Returns the place where the release job sets the run's own token; undefined if it uses another. */
function ownToken({ workflow }: ReleaseBranch): string | undefined {
  if (!workflow?.file || !workflow.getJob(LAST_PUBLISHER)) return undefined;
  const written = writtenWorkflow(workflow.file);
  const { steps } = written.jobs?.[LAST_PUBLISHER] ?? {};
  const index = Array.isArray(steps) ? steps.findIndex(isTagging) : -1;
  if (index < 0) return undefined;
  const env = environmentOf((steps as WrittenStep[])[index], written);
  const name = TOKENS.find((one) => env[one] !== undefined);
  return name !== undefined && OWN_TOKEN.test(String(env[name])) ? `jobs.${LAST_PUBLISHER}.steps.${index}.env.${name}` : undefined;
}

/** A new release creates its tag. */
function isTagging({ run }: WrittenStep): boolean {
  return typeof run === 'string' && /\bgh\s+release\s+create\b/.test(run);
}

function environmentOf(step: WrittenStep, { env, jobs }: WrittenWorkflow): Record<string, unknown> {
  return { ...(env as object), ...(jobs?.[LAST_PUBLISHER]?.env as object), ...(step.env as object) };
}

function rejectUnseen({ name }: Environment, { tag, project, branch, token }: UnseenTag, own: Project): never {
  const several = releaseBranches(project).length > 1;
  const options = [...(several ? [`branches: [${show(branch.name)}]`] : []), ...(branch.prerelease ? ['prereleases: true'] : [])];
  const trigger = `Trigger.release(${options.length > 0 ? `{ ${options.join(', ')} }` : ''})`;
  const follow = project === own ? `Use ${trigger}, with workflow: Workflow.ofRelease()` : `Let a delivery of ${show(project.name)} deploy it: ${trigger}`;
  invalid(`environment ${show(name)} trigger`,
    `projen tags the releases of ${show(project.name)} (${show(tag)} for example) with GITHUB_TOKEN, and GitHub starts no workflow for such a tag, so they would never be deployed`,
    `${follow}; or give the release another token, a GitHub App's for example, at ${token} of the workflow ${show(branch.workflow?.name)}`);
}
