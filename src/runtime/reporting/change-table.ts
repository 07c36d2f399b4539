import { PlannedChange } from '../targets/target-driver';

const SHOWN: Record<PlannedChange['kind'], string> = {
  added: 'added', changed: 'changed', changedPerhapsReplaced: 'changed, may be replaced', orphaned: 'left out of the stack, kept', removed: 'removed', replaced: 'REPLACED',
};

/** Most rows of a table: what comes first is what matters. */
export const SHOWN_CHANGES = 50;

/** The changes as cells: change, type, resource, properties. */
export function changeRows(changes: readonly PlannedChange[]): { readonly rows: readonly (readonly string[])[]; readonly more: number } {
  const rows = changes.slice(0, SHOWN_CHANGES).map(({ isSecurity, kind, properties, type, what }) => [
    `${SHOWN[kind]}${isSecurity ? ' (permissions)' : ''}`, type, what, properties.slice(0, 8).join(', '),
  ]);
  return { rows, more: Math.max(0, changes.length - SHOWN_CHANGES) };
}
