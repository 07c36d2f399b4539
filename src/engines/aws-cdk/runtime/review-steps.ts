import { ChangeSet, ResourceChange } from './change-set-api';
import { ReviewedStack } from './review';
import { isChanging, StackState } from './stack-steps';
import { classOf, IGNORED_TYPES, pathsIn } from './template-changes';
import { PlannedChange } from '../../../runtime/targets/target-driver';

export interface PreparationProblem {
  readonly why: string;
  readonly fix: string;
}

/** Why the plan cannot prepare a change set without a change of the stack; undefined if it can. */
export function unpreparable(stackName: string, state: StackState | undefined, isProtectedLater: boolean): PreparationProblem | undefined {
  if (state?.status === 'ROLLBACK_COMPLETE') {
    return {
      why: `the creation of the stack ${stackName} failed, and cdk would delete it before anyone approves`,
      fix: `Delete it: aws cloudformation delete-stack --stack-name ${stackName}`,
    };
  }
  if (state === undefined || state.status === 'REVIEW_IN_PROGRESS' || state.isProtected === isProtectedLater) return undefined;
  const [set, option] = isProtectedLater ? ['sets', '--enable-termination-protection'] : ['removes', '--no-enable-termination-protection'];
  return {
    why: `the release ${set} the termination protection of the stack ${stackName}, and cdk would do so before anyone approves`,
    fix: `Do it by hand: aws cloudformation update-termination-protection ${option} --stack-name ${stackName}`,
  };
}

/** What became of a change set that the CDK was called for. */
export interface Preparation {
  /** Undefined if there is none. */
  readonly changeSet?: ChangeSet;
  /** Why the CDK failed. */
  readonly failure?: string;
  /** Stacks before this one that are deployed first, and change. */
  readonly waitsFor: readonly string[];
  /** Whether the stack has the template already. */
  readonly isServed: boolean;
}

export type PreparationStep =
  | { readonly step: 'wait' | 'changeSet' | 'unchanged' }
  | { readonly step: 'later' | 'fail'; readonly why: string };

/** CloudFormation makes an empty change set fail. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;
/** What is missing only as long as another stack is not deployed. */
const MISSING = /No export named|export .* (not found|does not exist)|cannot find export|Unable to fetch parameters|Parameters: \[.*\] (cannot be|not) found|ParameterNotFound|GetStackOutput/i;

/** Decides from what CloudFormation has: it goes on with a change set whose process was killed. */
export function preparationStep({ changeSet, failure, isServed, waitsFor }: Preparation): PreparationStep {
  if (changeSet && /^CREATE_(PENDING|IN_PROGRESS)$/.test(changeSet.status)) return { step: 'wait' };
  if (changeSet?.status === 'CREATE_COMPLETE' && changeSet.executionStatus === 'AVAILABLE') return { step: 'changeSet' };
  if (changeSet && NO_CHANGES.test(changeSet.reason)) return { step: 'unchanged' };
  // the CDK makes none for a template that the stack has already
  if (!changeSet && failure === undefined && isServed) return { step: 'unchanged' };
  const why = changeSet ? changeSet.reason || `it is ${changeSet.status}, ${changeSet.executionStatus}` : failure ?? 'cdk made none, though the template differs';
  return waitsFor.length > 0 && MISSING.test(`${changeSet?.reason ?? ''} ${failure ?? ''}`) ? { step: 'later', why } : { step: 'fail', why };
}

/** A stack as it is now, beside what was reviewed. */
export interface ReviewedSituation {
  readonly reviewed: ReviewedStack;
  /** Undefined if there is no such stack. */
  readonly state?: StackState;
  /** That of the review; undefined if it is gone. */
  readonly changeSet?: ChangeSet;
  /** The digest of the template that would be deployed. */
  readonly template: string | undefined;
}

/** Why the stack is not what was reviewed; undefined if it is. */
export function movedSince({ changeSet, reviewed, state, template }: ReviewedSituation): string | undefined {
  const { kind, stackName } = reviewed;
  if (template !== reviewed.template) return `the template of ${stackName} is not the one that was reviewed`;
  if (!isSame(reviewed, state)) {
    const now = state === undefined ? 'there is no such stack' : `it is ${state.status} since ${state.updatedAt}`;
    const before = reviewed.status === undefined ? 'there was none' : `it was ${reviewed.status} since ${reviewed.updatedAt}`;
    return `the stack ${stackName} has changed since the plan: ${now}, and ${before}`;
  }
  if (kind !== 'changeSet') return undefined;
  if (!changeSet || !changeSet.arn.endsWith(`/${reviewed.id}`)) return `the change set of ${stackName} that was reviewed is gone: someone deleted it, or executed another one`;
  if (changeSet.executionStatus === 'AVAILABLE') return undefined;
  return `the change set of ${stackName} that was reviewed is ${changeSet.executionStatus}${changeSet.reason === '' ? '' : ` (${changeSet.reason})`}`;
}

export interface Execution extends ReviewedSituation {
  /** Whether this process requested the execution. */
  readonly hasAsked: boolean;
}

export type ExecutionStep = { readonly step: 'execute' | 'wait' | 'ended' } | { readonly step: 'refuse'; readonly why: string };

/** Decides how to go on with the execution of a change set. A request whose result is unknown may have begun it. */
export function executionStep({ hasAsked, ...situation }: Execution): ExecutionStep {
  const { changeSet, reviewed, state } = situation;
  const moved = movedSince(situation);
  if (moved === undefined) return { step: 'execute' };
  if (!hasAsked) return { step: 'refuse', why: moved };
  if (state && isChanging(state)) return { step: 'wait' };
  // what the stack became says whether it was this change set
  if (!isSame(reviewed, state)) return { step: 'ended' };
  // the stack was read before it began
  const isRunning = /^EXECUTE_(IN_PROGRESS|COMPLETE)$/.test(changeSet?.executionStatus ?? '');
  return isRunning ? { step: 'wait' } : { step: 'refuse', why: moved };
}

function isSame({ status, updatedAt }: ReviewedStack, state: StackState | undefined): boolean {
  return status === state?.status && updatedAt === state?.updatedAt;
}

const STACK = 'AWS::CloudFormation::Stack';

/** What a change set does, for the plan. `template` is the one that it deploys: it says where the resources are in the app. */
export function changesIn(stackName: string, { changes }: Pick<ChangeSet, 'changes'>, template: unknown): PlannedChange[] {
  const paths = pathsIn(template);
  const shown = changes.filter(({ type }) => !IGNORED_TYPES.includes(type)).map((change) => ({
    kind: kindOf(change), what: `${stackName}: ${paths.get(change.id) ?? change.id}`, type: change.type, ...classOf(change.type), properties: change.properties,
  }));
  // CloudFormation lists resources only, and executes the rest as well
  return shown.length > 0 ? shown : [{ kind: 'changed', what: `${stackName}: no resource, but outputs, tags or metadata`, type: STACK, ...classOf(STACK), properties: [] }];
}

function kindOf({ action, policy, replacement }: ResourceChange): PlannedChange['kind'] {
  if (action === 'Add' || action === 'Import') return 'added';
  if (action === 'Remove') return policy.startsWith('Retain') ? 'orphaned' : 'removed';
  if (replacement === 'True') return 'replaced';
  return action === 'Dynamic' || replacement === 'Conditional' ? 'changedPerhapsReplaced' : 'changed';
}
