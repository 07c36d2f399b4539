/** The value below which `share` (0 to 1) of the values lie: of an even number the lower one in the middle, never an invented one. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no values, so no quantile');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The straight line that fits best, and how well: 1 is exactly. */
export interface Line {
  readonly slope: number;
  readonly offset: number;
  readonly r2: number;
}

/** Least squares. */
export function fitLine(points: readonly (readonly [number, number])[]): Line {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const sum = (term: (x: number, y: number) => number) => points.reduce((total, [x, y]) => total + term(x - meanX, y - meanY), 0);
  const slope = sum((x, y) => x * y) / sum((x) => x * x);
  const r2 = sum((x, y) => x * y) ** 2 / (sum((x) => x * x) * sum((_, y) => y * y));
  return { slope, offset: meanY - slope * meanX, r2 };
}

/** Clopper and Pearson's interval for a probability that showed itself `hits` times in `trials`: exact, and never too narrow. */
export function binomialInterval(hits: number, trials: number, confidence: number): [number, number] {
  const tail = (1 - confidence) / 2;
  const low = hits === 0 ? 0 : bisect((p) => 1 - atMostChance(hits - 1, trials, p) < tail);
  const high = hits === trials ? 1 : bisect((p) => atMostChance(hits, trials, p) > tail);
  return [low, high];
}

/** Where, between 0 and 1, a condition stops to hold. */
function bisect(holds: (value: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The chance of at most `hits` in `trials`. */
function atMostChance(hits: number, trials: number, probability: number): number {
  let term = trials * Math.log1p(-probability);
  let sum = Math.exp(term);
  for (let count = 1; count <= hits; count += 1) {
    term += Math.log(((trials - count + 1) / count) * (probability / (1 - probability)));
    sum += Math.exp(term);
  }
  return sum;
}
