import { GithubWorkflow, isGithubWorkflow } from '../ci/github-types';
import { invalid, show } from '../validation/validation-error';

/** The user's choice of a workflow. */
export type WorkflowPlace =
  | { readonly kind: 'own' }
  | { readonly kind: 'build' }
  | { readonly kind: 'release' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'existing'; readonly workflow: GithubWorkflow };

/**
 * Selects the workflow that contains the jobs of the environments (environment, deploy, monitor, rollback). Rollbacks by hand and drills
 * always have workflows of their own.
 *
 * An existing workflow keeps its jobs unchanged. The delivery's jobs are added and wait for them, and its `push` (and
 * `workflow_dispatch`) events are extended by what the environments' triggers need.
 */
export class Workflow {
  /**
   * Writes a separate workflow: `deploy.yml`.
   */
  public static own(): Workflow {
    return new Workflow({ kind: 'own' });
  }

  /**
   * Joins the project's build workflow, which projen synthesizes for Node projects. Nothing is deployed unless its jobs succeed. A
   * subproject without its own build workflow joins its parent's.
   *
   * The workflow then also runs on pushes to the branches and tags that deploy. A project without a build workflow is an error.
   *
   * @see https://projen.io/docs/integrations/github/build/
   */
  public static ofBuild(): Workflow {
    return new Workflow({ kind: 'build' });
  }

  /**
   * Joins the project's release workflows, one for each release branch that deploys: a release is deployed in the same run. For
   * environments with `Trigger.release()` and those after them. A subproject must have its own release; it cannot join its parent's.
   *
   * A release workflow that projen does not write (`release: false`, `ReleaseTrigger.manual()`), or that releases nothing
   * (`publishDryRun`, `githubRelease: false`) is an error.
   *
   * projen runs one release workflow at a time: the next release waits until this one is deployed.
   *
   * @see https://projen.io/docs/publishing/releases/
   */
  public static ofRelease(): Workflow {
    return new Workflow({ kind: 'release' });
  }

  /**
   * Joins an existing workflow by its name. Nothing is deployed unless its jobs succeed, or those listed in `needs`. An unknown name is
   * an error, and so is a release workflow of projen: use `Workflow.ofRelease()`.
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
   * Joins an existing workflow object. Nothing is deployed unless its jobs succeed, or those listed in `needs`. A release workflow of
   * projen is an error: use `Workflow.ofRelease()`.
   *
   * @param workflow a workflow of the same repository
   */
  public static existing(workflow: GithubWorkflow): Workflow {
    if (!isGithubWorkflow(workflow)) {
      invalid('Workflow.existing workflow', `${show(workflow)} is not a GithubWorkflow`, 'Pass what new github.GithubWorkflow(...) returns, or use Workflow.named(name)');
    }
    return new Workflow({ kind: 'existing', workflow });
  }

  /** @internal */
  public readonly _place: WorkflowPlace;

  private constructor(place: WorkflowPlace) {
    this._place = place;
  }
}
