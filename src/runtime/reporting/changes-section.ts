import { escapeMarkdown, markdownTable } from './markdown';
import { changeRows } from './table';
import type { PlannedChanges } from '../targets/planned-changes';

/**
 * What the engine would change, as GitHub's Markdown. Its names are untrusted.
 *
 * @param left how many changes are not among them
 */
export function changesSection(changes: PlannedChanges, left = 0): string {
  if (changes.kind === 'unknown') return `Changes of the engine: unknown (${escapeMarkdown(changes.why, 500)})`;
  const { more, rows } = changeRows(changes.changes);
  if (rows.length === 0) return 'Changes of the engine: none';
  const table = markdownTable(['Change', 'Type', 'Resource', 'Properties'], rows.map((row) => row.map((cell) => escapeMarkdown(cell, 200))));
  return more + left === 0 ? table : `${table}\n\nand ${more + left} more`;
}
