/** A stack as CloudFormation describes it. */
export interface StackState {
  /** For example `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly reason: string;
  readonly isProtected: boolean;
  /** When its last operation began, or when it was created. */
  readonly updatedAt: string;
}

/** The next step before the stack can be deployed. */
export type StackStep =
  | { readonly step: 'ready' }
  | { readonly step: 'wait' | 'cancel' | 'rollBack' | 'continueRollback'; readonly why: string }
  | { readonly step: 'fail'; readonly why: string; readonly fix: string };

export interface StackSituation {
  readonly stackName: string;
  /** Undefined if there is no such stack. */
  readonly state?: StackState;
  /** Stable is restored: what prevents it is cleared away. */
  readonly isRestore: boolean;
  /** How often this process began a rollback of the stack. */
  readonly rollbacks: number;
}

const READY = /^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/;

/** Whether CloudFormation is at work on the stack. A stack that waits for its first change set is not changed. */
export function isChanging({ status }: StackState): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
}

/** Whether the last operation succeeded. */
export function isComplete({ status }: StackState): boolean {
  return /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status);
}

/** Whether CloudFormation refused to remove an export, because another stack imports it. */
export function isExportInUse(message: string): boolean {
  return /export \S+ cannot be (deleted|updated|removed) as it is in use by/i.test(message);
}

/** CloudFormation rolls back at most so often for one command: what failed twice needs a person. */
const ROLLBACKS = 2;

/** Decides what must happen before `cdk deploy` can run. */
export function stackStep({ isRestore, rollbacks, stackName, state }: StackSituation): StackStep {
  if (state === undefined) return { step: 'ready' };
  const { isProtected, reason, status } = state;
  const why = `the stack ${stackName} is ${status}${reason === '' ? '' : ` (${reason})`}`;
  // the CDK replaces an empty stack that waits for its first change set
  if (READY.test(status) || status === 'REVIEW_IN_PROGRESS') return { step: 'ready' };
  // only an update can be cancelled; a creation ends by itself
  if (status === 'UPDATE_IN_PROGRESS' && isRestore) return { step: 'cancel', why };
  if (isChanging(state)) return { step: 'wait', why };
  const unprotect = `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stackName}, then `;
  const deleteFix = `Delete it: ${isProtected ? unprotect : ''}aws cloudformation delete-stack --stack-name ${stackName}`;
  // its creation failed: the CDK deletes what is left, and creates it again
  if (status === 'ROLLBACK_COMPLETE' && !isProtected) return { step: 'ready' };
  if (status === 'ROLLBACK_COMPLETE') return { step: 'fail', why: `${why}: its creation failed, and termination protection keeps the CDK from creating it again`, fix: deleteFix };
  if (['ROLLBACK_FAILED', 'DELETE_FAILED'].includes(status)) return { step: 'fail', why, fix: `${deleteFix}. Look at the resources that it keeps` };
  const isContinued = status === 'UPDATE_ROLLBACK_FAILED';
  if (isRestore && rollbacks < ROLLBACKS && (isContinued || /^(CREATE|UPDATE)_FAILED$/.test(status))) {
    return { step: isContinued ? 'continueRollback' : 'rollBack', why };
  }
  return {
    step: 'fail',
    why,
    fix: isContinued
      ? `Repair what its events name, then: aws cloudformation continue-update-rollback --stack-name ${stackName}`
      : `Roll it back: cdk rollback, or aws cloudformation rollback-stack --stack-name ${stackName}`,
  };
}
