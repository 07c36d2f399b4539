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
