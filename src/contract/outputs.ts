/** The outputs of steps that later jobs read. */

/** Of `plan`. */
export const PLAN_OUTPUTS = ['go', 'release', 'sha', 'stable', 'url', 'config'] as const;

/** Of `plan`, where the target prepares changes for the approval: what the deployment executes. */
export const REVIEW = 'review';

/** Of `deploy`, `rollback` and `drill`: the state that the release reached. */
export const STATE = 'state';

/** Of `deploy` and `rollback`, where the target has outputs: the environment's URL, and all outputs as JSON. */
export const URL_OUTPUT = 'url';
export const OUTPUTS = 'outputs';

/**
 * Of `monitor`: the number of the attempt that left nothing open. A job that is lost in a re-run keeps the outputs of its earlier attempt.
 */
export const COMPLETED_ATTEMPT = 'completed_attempt';

/** Of `hold`: the commit of the release to restore. Of the job that keeps the release's files: the name of the release. */
export const RELEASE = 'release';

/** Of the jobs that keep the release's files. */
export const ARTIFACT_ID = 'artifact-id';
export const DIGEST = 'digest';

/** Of the job that builds an image beside the files: the digest of the image. */
export const IMAGE_DIGEST = 'image-digest';

/**
 * Of `plan-merge`: the comment on the pull request, where the branch that it goes to has the command that writes it. Of `preview`,
 * `finish-preview` and `remove-preview`: the comment.
 */
export const COMMENT = 'comment';

/** Of `preview`: the commit to deploy, and the attempt of the run that recorded it. Absent where nothing is to be deployed. */
export const COMMIT = 'commit';
export const BEGUN_ATTEMPT = 'begun_attempt';

/** Of `plan-changes`: what a release would change in the engine of one environment, as one line of JSON. */
export const CHANGES = 'changes';

/** Of `watch`: whether everything was healthy. */
export const VERDICT = 'verdict';

/** Of `watch`: what the status page needs. */
export const MEASURED = 'measured';
export const PAGE_RUN = 'page_run';
export const PAGE_ARTIFACT = 'page_artifact';
