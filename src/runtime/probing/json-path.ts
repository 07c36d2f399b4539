/**
 * Returns the value at a dotted path: `checks.database`, `nodes.0.state` or `nodes[0].state`.
 * Finds only values of the document, never built-in properties (`length`, `constructor`).
 */
export function atPath(document: unknown, path: string): unknown {
  const steps = path.replace(/\[(\d+)\]/g, '.$1').split('.').filter((step, index) => step !== '' || index > 0);
  return steps.reduce<unknown>((value, step) => within(value, step), document);
}

function within(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) return (value as Record<string, unknown>)[step];
  return undefined;
}
