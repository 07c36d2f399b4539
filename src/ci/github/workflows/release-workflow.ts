import { github, Project, release } from 'projen';
import { DeliveryWorkflow } from './delivery-workflow';
import { branchesOf, ReleaseBranch, takesFrom } from './release-branches';
import { TriggerManifest } from '../../../contract/manifest';
import { invalid, show } from '../../../validation/validation-error';
import { LAST_PUBLISHER } from '../jobs/release-job';

/** Private in projen. */
interface ReleaseParts {
  readonly releaseTrigger?: release.ReleaseTrigger;
  readonly publisher: { readonly dryRun?: boolean };
}

/** A projen release workflow that the delivery joins: one for each release branch. */
class ReleaseWorkflow extends DeliveryWorkflow {
  /** A cancelled waiting release loses nothing: the next release includes its changes. */
  constructor(private readonly branch: ReleaseBranch, workflow: github.GithubWorkflow, option: string) {
    super(workflow, option, { isOwn: false, env: {}, losesNothingThatWaits: true });
  }

  public takes(root: TriggerManifest): boolean {
    return takesFrom(root, this.branch);
  }

  protected starts(): github.workflows.Triggers {
    return {};
  }

  public check(needs: readonly string[]): void {
    if (!this.workflow.getJob(LAST_PUBLISHER)) {
      invalid(this.option, `the workflow ${show(this.workflow.name)} has no job ${LAST_PUBLISHER}, so projen gives the release no tag, and every release would be called alike`,
        'Leave githubRelease: false out of the project\'s options');
    }
    super.check(needs);
  }
}

/** Returns the project's release, if projen writes workflows for it. */
export function releaseOf(project: Project, option: string): release.Release {
  const found = release.Release.of(project);
  if (!found) {
    const above = project.parent && release.Release.of(project.root);
    const others = above ? `, and its root's releases what the root builds into ${show(above.artifactsDirectory)}` : '';
    invalid(option, `the project ${show(project.name)} has no release workflow${others}`, 'Set release: true in its options (then Node projects have one), or use Workflow.own() with Trigger.tag(...)');
  }
  const { releaseTrigger, publisher } = found as unknown as ReleaseParts;
  if (releaseTrigger?.isManual) {
    invalid(option, `the project ${show(project.name)} is released by hand (ReleaseTrigger.manual()), for which projen writes no workflow`,
      'Set releaseTrigger: ReleaseTrigger.workflowDispatch() or another one that is not manual, or use Workflow.own() with Trigger.tag(...)');
  }
  if (publisher.dryRun) invalid(option, 'the project\'s options contain publishDryRun: true, so nothing is ever released', 'Remove publishDryRun');
  return found;
}

/** Returns one for each release branch so far. */
export function releaseWorkflows(found: release.Release, option: string): ReleaseWorkflow[] {
  return branchesOf(found).flatMap((branch) => (branch.workflow ? [new ReleaseWorkflow(branch, branch.workflow, option)] : []));
}
