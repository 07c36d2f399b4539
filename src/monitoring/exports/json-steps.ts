/** The steps of a dotted path, as the runtime takes it: `nodes.0.state` and `nodes[0].state` are the same. */
export function jsonSteps(path: string): (string | number)[] {
  return path.replace(/\[(\d+)\]/g, '.$1').split('.')
    .filter((step, i) => step !== '' || i > 0)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
