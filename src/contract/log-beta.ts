/**
 * The coefficients of Stirling's series, B(2k) / (2k (2k - 1)). From 10 on, five terms are more exact than a double.
 *
 * @see https://dlmf.nist.gov/5.11.E1
 */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];
const LARGE = 10;

/** Returns the logarithm of the beta function of two positive numbers. Stays exact to 10^9 and beyond: large terms cancel before they are added. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (small < LARGE) return logGamma(small) + logGammaRatio(large, small);
  // Stirling's series for all three gamma functions
  const share = small / (small + large);
  return 0.5 * Math.log(2 * Math.PI) + (small - 0.5) * Math.log(share) + large * Math.log1p(-share) - 0.5 * Math.log(large)
    + remainder(small) + remainder(large) - remainder(small + large);
}

/** Returns the logarithm of the gamma function of a positive number. */
export function logGamma(x: number): number {
  if (x < LARGE) return logGamma(x + 1) - Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + remainder(x);
}

/** ln Γ(x) - ln Γ(x + added), for a small `added`: the difference of two large numbers. */
function logGammaRatio(x: number, added: number): number {
  if (x < LARGE) return logGammaRatio(x + 1, added) + Math.log1p(added / x);
  return -(x + added - 0.5) * Math.log1p(added / x) - added * Math.log(x) + added + remainder(x) - remainder(x + added);
}

function remainder(x: number): number {
  return STIRLING.reduceRight((sum, coefficient) => sum / (x * x) + coefficient, 0) / x;
}
