/** Splits a dotted path as the runtime does: `nodes.0.state` equals `nodes[0].state`. */
export function jsonSteps(path: string): (string | number)[] {
  return path.replace(/\[(\d+)\]/g, '.$1').split('.')
    .filter((step, i) => step !== '' || i > 0)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
