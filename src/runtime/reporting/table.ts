import { safeLine } from './untrusted-text';
import { lazily } from '../lazily';
import { PlannedChange } from '../targets/target-driver';

/** A cell is never cut for the table's sake, only where it is absurd. */
const MAX_CELL = 2000;

/** A table for a terminal: columns as wide as their widest cell, two spaces between. No headers: no rule. */
export function renderTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [...(headers.length > 0 ? [headers] : []), ...rows].map((row) => row.map((cell) => safeLine(cell, MAX_CELL)));
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ''))));
  const lines = all.map((row) => row.map((cell, column) => pad(cell, widths[column])).join('  ').trimEnd());
  if (headers.length === 0) return lines.join('\n');
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(width - displayWidth(cell));
}

// takes 5 ms to make, and few tables need it
const segments = lazily(() => new Intl.Segmenter('en'));
const WIDE = /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

/** How many columns a terminal gives it: what a person takes for one character counts once, wide ones twice. */
function displayWidth(text: string): number {
  // nearly every cell is plain, and then each character is one column
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...segments().segment(text)].reduce((width, { segment }) => width + (WIDE.test(segment) ? 2 : 1), 0);
}

const SHOWN: Record<PlannedChange['kind'], string> = {
  added: 'added', changed: 'changed', changedPerhapsReplaced: 'changed, may be replaced', orphaned: 'left out, kept', removed: 'removed', replaced: 'REPLACED',
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
