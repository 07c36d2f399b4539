/** Kayenta's Mann-Whitney U test, with its confidence interval of the shift. Re-implemented from its description; the tests repeat its published values. */

export interface Shift {
  readonly lower: number;
  readonly upper: number;
  readonly estimate: number;
}

/** Bisection ends at a relative width of 2^-40. */
const STEPS = 40;

/**
 * Returns the Hodges-Lehmann estimate of how much larger `experiment` is than `control`, with its confidence interval. `z` is the
 * normal quantile of the level: 1.959964 for 95 %.
 *
 * @see https://github.com/spinnaker/kayenta/blob/a69573be9d8fededacf80817e4151a2c8df41276/kayenta-mannwhitney/src/main/scala/com/netflix/kayenta/mannwhitney/MannWhitney.scala
 */
export function shiftBetween(experiment: readonly number[], control: readonly number[], z: number): Shift {
  const low = Math.min(...experiment) - Math.max(...control);
  const high = Math.max(...experiment) - Math.min(...control);
  const where = (quantile: number) => {
    let [from, to] = [low, high];
    if (shiftStatistic(experiment, control, from) <= quantile) return from;
    if (shiftStatistic(experiment, control, to) >= quantile) return to;
    for (let step = 0; step < STEPS; step += 1) {
      const middle = (from + to) / 2;
      if (shiftStatistic(experiment, control, middle) > quantile) from = middle;
      else to = middle;
    }
    return (from + to) / 2;
  };
  return { lower: where(z), upper: where(-z), estimate: where(0) };
}

/** The standardized rank sum of `experiment` less `shift`, with the corrections for ties and for continuity. Falls as the shift grows. */
export function shiftStatistic(experiment: readonly number[], control: readonly number[], shift: number): number {
  const [m, n] = [experiment.length, control.length];
  const values = Float64Array.from([...experiment.map((value) => value - shift), ...control]);
  const all = Float64Array.from(values).sort();
  let [ranks, ties] = [0, 0];
  const own = values.subarray(0, m).slice().sort();
  for (let index = 0, next = 0; index < all.length;) {
    let end = index + 1;
    while (end < all.length && all[end] === all[index]) end += 1;
    const size = end - index;
    ties += size ** 3 - size;
    for (; next < m && own[next] === all[index]; next += 1) ranks += (index + end + 1) / 2;
    index = end;
  }
  const difference = ranks - m * (m + 1) / 2 - m * n / 2;
  const deviation = Math.sqrt(m * n / 12 * (m + n + 1 - ties / ((m + n) * (m + n - 1))));
  if (deviation === 0) throw new Error('all observations are tied');
  return (difference - Math.sign(difference) * 0.5) / deviation;
}
