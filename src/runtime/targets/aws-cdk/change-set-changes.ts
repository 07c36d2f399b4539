import { ChangeSet, ResourceChange } from './change-set-api';
import { classOf, IGNORED_TYPES, pathsIn } from './template-changes';
import { PlannedChange } from '../target-driver';

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
