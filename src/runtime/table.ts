// NOTE to the engineer of the leaf modules: the lead wrote this while you were thinking and builds on it. Keep the exported shape; improve the inside where yours is better, write its tests, delete this line.
/** A table for a terminal: columns as wide as their widest cell, two spaces between. No headers: no rule. */
export function renderTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = headers.length > 0 ? [headers, ...rows] : rows;
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i]))).join('  ').trimEnd();
  const body = rows.map(line);
  return (headers.length > 0 ? [line(headers), widths.map((width) => '-'.repeat(width)).join('  '), ...body] : body).join('\n');
}
