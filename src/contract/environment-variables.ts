/** The environment variables of jobs, the runtime and the project's commands. */

/** The prefix of the delivery's variables, which users cannot set. */
export const VARIABLE_PREFIX = 'DELIVERY_';

/** Set by jobs for the runtime. */
export const JOB_VARIABLE = {
  /** The artifact of the release that this run built. */
  ARTIFACT_ID: 'DELIVERY_ARTIFACT_ID',
  ARTIFACT_DIGEST: 'DELIVERY_ARTIFACT_DIGEST',
  /** The digest of the image beside the files of the release. */
  IMAGE_DIGEST: 'DELIVERY_IMAGE_DIGEST',
  /** The release of this run. */
  RELEASE: 'DELIVERY_RELEASE',
  /** The result and state of the job that changed something. */
  DEPLOYED: 'DELIVERY_DEPLOYED',
  STATE: 'DELIVERY_STATE',
  /** What the plan prepared for the approval, and the deployment executes. */
  REVIEW: 'DELIVERY_REVIEW',
  /** GitHub's id of the job, for the lock. */
  JOB: 'DELIVERY_JOB',
  /** Measurements for the status page, one line for each job that watches. */
  MEASURED: 'DELIVERY_MEASURED',
  /** What the merge would change in the engines, one line for each environment. */
  CHANGES: 'DELIVERY_CHANGES',
  /** The comment on the pull request. */
  COMMENT: 'DELIVERY_COMMENT',
  /** The number of the pull request of a preview. */
  PULL_REQUEST: 'DELIVERY_PULL_REQUEST',
  /** The commit of a preview: the head of the pull request, or the one that a person approved. */
  COMMIT: 'DELIVERY_COMMIT',
  /** Whether the event gives the shared preview to this pull request: `true`. */
  TAKES_PREVIEW: 'DELIVERY_TAKES_PREVIEW',
} as const;

/** A person's input in a workflow's form, for shell lines. */
export const INPUT_VARIABLE = {
  ENVIRONMENT: 'DELIVERY_INPUT_ENVIRONMENT',
  RELEASE: 'DELIVERY_INPUT_RELEASE',
  REASON: 'DELIVERY_INPUT_REASON',
  SLOT: 'DELIVERY_INPUT_SLOT',
  FROM_DEPLOYMENT: 'DELIVERY_INPUT_FROM_DEPLOYMENT',
  FROM: 'DELIVERY_INPUT_FROM',
  EVEN_IF_IRREVERSIBLE: 'DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE',
  PREVIEW: 'DELIVERY_INPUT_PREVIEW',
  IF_DUE: 'DELIVERY_INPUT_IF_DUE',
} as const;

/** Set by a person for the runtime. */
export const USER_VARIABLE = {
  /** A file that is used as the ledger. */
  LEDGER: 'DELIVERY_LEDGER',
  /** Prints where an error comes from. */
  DEBUG: 'DELIVERY_DEBUG',
} as const;

/** Set for the project's commands. */
export const COMMAND_VARIABLE = {
  ENVIRONMENT: 'DEPLOY_ENV',
  VERSION: 'DELIVERY_VERSION',
  SHA: 'DELIVERY_SHA',
  ROLLBACK_FROM: 'DELIVERY_ROLLBACK_FROM',
  STABLE_VERSION: 'DELIVERY_STABLE_VERSION',
  SLOT: 'DELIVERY_SLOT',
  /** In per cent, for `setWeight`. */
  WEIGHT: 'DELIVERY_WEIGHT',
  /** The image by its digest: `ghcr.io/acme/shop@sha256:...`. */
  IMAGE: 'DELIVERY_IMAGE',
  RESULT: 'DELIVERY_RESULT',
  URL: 'DELIVERY_URL',
  /** The number of the pull request, in a preview. */
  PREVIEW: 'DELIVERY_PREVIEW',
  PREVIEW_URL: 'DELIVERY_PREVIEW_URL',
} as const;

/** Set for the command that builds and pushes an image. */
export const IMAGE_BUILD_VARIABLE = {
  REPOSITORY: 'DELIVERY_IMAGE_REPOSITORY',
  /** A tag that no other build uses. */
  TAG: 'DELIVERY_IMAGE_TAG',
  /** The file that the command writes the digest of the pushed image into. */
  DIGEST_FILE: 'DELIVERY_IMAGE_DIGEST_FILE',
} as const;

/** Set for an alert's command in addition. */
export const NOTIFICATION_VARIABLE = {
  EVENT: 'DELIVERY_EVENT',
  TITLE: 'DELIVERY_TITLE',
  TEXT: 'DELIVERY_TEXT',
  RUN_URL: 'DELIVERY_RUN_URL',
  /** All of it as JSON. */
  NOTIFICATION: 'DELIVERY_NOTIFICATION',
} as const;
