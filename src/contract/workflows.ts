import { WorkflowKind } from './manifest';

/** The workflows that belong to a delivery alone. */
export const WORKFLOW = {
  DEPLOY: 'deploy',
  ROLLBACK: 'rollback',
  DRILL: 'drill',
  MONITOR: 'monitor',
  PLAN: 'plan',
  PREVIEW: 'preview',
} as const satisfies Record<string, WorkflowKind>;

/** The inputs of rollback.yml, drill.yml and preview.yml. */
export const INPUT = {
  ENVIRONMENT: 'environment',
  ACTION: 'action',
  RELEASE: 'release',
  REASON: 'reason',
  SLOT: 'slot',
  EVEN_IF_IRREVERSIBLE: 'even_if_irreversible',
  FROM_DEPLOYMENT: 'from_deployment',
  FROM: 'from',
  PULL_REQUEST: 'number',
  COMMIT: 'commit',
  /** An id by which the command line finds the run that it started. */
  REQUEST: 'request',
} as const;

export type InputName = typeof INPUT[keyof typeof INPUT];

/** The actions of rollback.yml; the first is the default. */
export const ROLLBACK_ACTIONS = ['rollback', 'unblock', 'adopt', 'resolve', 'unfreeze'] as const;

export type RollbackAction = typeof ROLLBACK_ACTIONS[number];

/**
 * The actions of preview.yml; the first is the default. `removeIfDue`: the sweep starts it, and nothing is removed while the pull request may have
 * a preview.
 */
export const PREVIEW_ACTION = { REMOVE: 'remove', REMOVE_IF_DUE: 'removeIfDue', DEPLOY_FORK: 'deployFork' } as const;

/** The values of the input `slot`. */
export const SLOTS = ['blue', 'green'] as const;
