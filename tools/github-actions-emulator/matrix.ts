/** The values of one leg. */
export type Leg = Record<string, unknown>;

/**
 * The legs of a matrix: every combination, less `exclude`, then `include`: an entry of it is added to every leg whose original
 * values it would not overwrite; where there is none, it becomes a leg of its own.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
 */
export function legsOf(matrix: Record<string, unknown>): Leg[] {
  const { include = [], exclude = [], ...lists } = matrix as Record<string, unknown[]>;
  const combinations = Object.keys(lists).length === 0 ? [] : Object.entries(lists).reduce<Leg[]>(
    (legs, [name, values]) => legs.flatMap((leg) => values.map((value) => ({ ...leg, [name]: value }))),
    [{}],
  );
  const original = combinations.filter((leg) => !(exclude as Leg[]).some((pattern) => agrees(leg, pattern)));
  const legs = original.map((leg) => ({ ...leg }));
  const own: Leg[] = [];
  for (const extra of include as Leg[]) {
    const fitting = legs.filter((_, i) => agrees(original[i], Object.fromEntries(Object.entries(extra).filter(([name]) => name in original[i]))));
    if (fitting.length === 0) own.push({ ...extra });
    fitting.forEach((leg) => Object.assign(leg, extra));
  }
  return [...legs, ...own];
}

function agrees(leg: Leg, pattern: Leg): boolean {
  return Object.entries(pattern).every(([name, value]) => JSON.stringify(leg[name]) === JSON.stringify(value));
}
