import { github } from 'projen';
import { invalid, show } from '../validation/validation-error';

/** Where the jobs stand, as the user said it. */
export type WorkflowPlace =
  | { readonly kind: 'own' }
  | { readonly kind: 'build' }
  | { readonly kind: 'release' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'existing'; readonly workflow: github.GithubWorkflow };

/**
 * Which workflow an environment's jobs (environment, deploy, monitor, rollback) are in. Rollbacks by hand and drills always have one of their own.
 *
 * A workflow that the project has already keeps its jobs as they are: ours are added to it, wait for them, and its `push` (and
 * `workflow_dispatch`) begin to start it for what the environments' triggers name as well.
 */
export class Workflow {
  /**
   * One of its own: `deploy.yml`.
   */
  public static own(): Workflow {
    return new Workflow({ kind: 'own' });
  }

  /**
   * The project's build workflow, which projen synthesizes for Node projects. Nothing is deployed unless its jobs succeeded.
   * A subproject that has none of its own joins its parent's.
   *
   * From now on it also runs on pushes to the branches and tags that deploy. Without such a workflow: an error.
   *
   * @see https://projen.io/docs/integrations/github/build/
   */
  public static ofBuild(): Workflow {
    return new Workflow({ kind: 'build' });
  }

  /**
   * The project's release workflows, one for each release branch that deploys: what was released is deployed in the same run. For
   * environments with `Trigger.release()`, and those after them. A subproject must be released by itself: its parent's release is not its own.
   *
   * A release workflow that projen does not write (`release: false`, `ReleaseTrigger.manual()`), or that releases nothing
   * (`publishDryRun`, `githubRelease: false`) is an error.
   *
   * projen lets one run of a release workflow go on at a time: the next release waits until this one is deployed.
   *
   * @see https://projen.io/docs/publishing/releases/
   */
  public static ofRelease(): Workflow {
    return new Workflow({ kind: 'release' });
  }

  /**
   * A workflow that the repository has already, by its name. Nothing is deployed unless its jobs succeeded, or those in `needs`, where
   * given. A name that no workflow has is an error, and so is a release workflow of projen's, which is `Workflow.ofRelease()`.
   *
   * @param name as in `new github.GithubWorkflow(project.github, name)`
   */
  public static named(name: string): Workflow {
    if (typeof name !== 'string' || name === '') {
      invalid('Workflow.named name', `${show(name)} is no name of a workflow`, 'Write the name it was made with, for example Workflow.named(\'ci\')');
    }
    return new Workflow({ kind: 'named', name });
  }

  /**
   * A workflow that was made already. Nothing is deployed unless its jobs succeeded, or those in `needs`, where given. A release workflow
   * of projen's is an error: that is `Workflow.ofRelease()`.
   *
   * @param workflow of the same repository
   */
  public static existing(workflow: github.GithubWorkflow): Workflow {
    if (!(workflow instanceof github.GithubWorkflow)) {
      invalid('Workflow.existing workflow', `${show(workflow)} is no GithubWorkflow`, 'Give what new github.GithubWorkflow(...) made, or say Workflow.named(name)');
    }
    return new Workflow({ kind: 'existing', workflow });
  }

  /** @internal */
  public readonly _place: WorkflowPlace;

  private constructor(place: WorkflowPlace) {
    this._place = place;
  }
}
