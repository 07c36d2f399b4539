import { ANALYSIS_OPTIONS, AnalysisOptions, betweenZeroAndOne, requestsPerSecondOf, settingsOf } from './analysis-options';
import { Metric } from './metric';
import { AnalyzedMetricManifest, DEFAULT_ERROR_RATES, ExpectedTraffic } from '../contract/analysis-manifest';
import { DEFAULT_ERROR_ANALYSIS } from '../contract/metric-analysis';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Options for the analysis of a canary's errors: how strict it is, and what is expected of the traffic.
 */
export interface ErrorAnalysisOptions extends AnalysisOptions {
  /**
   * Whether the balancer draws the side anew for each request, so that the retries of one client are spread over both releases. Then each
   * error counts by itself, a bad release is seen sooner, and a last look at the end of the canary finds small regressions. Leave it out where
   * connections or clients are split (TCP, cookies), and where one instance of the canary may cause many errors at once. Excludes `block`.
   *
   * @default false
   * @see https://github.com/projen-delivery/projen-delivery/blob/main/docs/canary-analysis.md#if-each-request-gets-a-side-of-its-own
   */
  readonly splitsByRequest?: boolean;

  /**
   * The requests per second of Canary and Stable together, when there are few. Synthesis and the plan then say how soon a bad release is
   * seen, and a canary that cannot see one within its time is rejected.
   *
   * @default - not known: a step without a verdict at its end is halted, unless `withoutVerdict` says otherwise
   */
  readonly expectedRequestsPerSecond?: number;

  /**
   * The error rate of Stable, as a share of its requests. Between 0 and 1.
   *
   * @default 0.001
   */
  readonly expectedErrorRate?: number;

  /**
   * The error rate of a bad release that the canary must find within its time, as a share of its requests. Larger than the tolerated one.
   *
   * @default 0.05
   */
  readonly badErrorRate?: number;
}

const OPTIONS: OptionNames<ErrorAnalysisOptions> = {
  ...ANALYSIS_OPTIONS, splitsByRequest: 'boolean', expectedRequestsPerSecond: true, expectedErrorRate: true, badErrorRate: true,
};
const OF = 'Analysis.errors';

export function errorAnalysis(metric: Metric, options: ErrorAnalysisOptions): AnalyzedMetricManifest {
  optionsOf(OF, options, OPTIONS, '{ expectedRequestsPerSecond: 100 }');
  if (options.splitsByRequest && options.block !== undefined) {
    invalid(`${OF} block`, 'it has no effect with splitsByRequest, where each error counts by itself', 'Remove one of them');
  }
  const settings = settingsOf(OF, options, DEFAULT_ERROR_ANALYSIS);
  const errors = options.splitsByRequest ? { ...settings, blockMs: 0 } : settings;
  return { metric: metric._manifest, errors, ...expectedOf(options, errors.tolerance) };
}

function expectedOf(options: ErrorAnalysisOptions, tolerance: number): { readonly expected?: ExpectedTraffic } {
  const requestsPerSecond = requestsPerSecondOf(OF, options.expectedRequestsPerSecond);
  const stableErrorRate = betweenZeroAndOne(`${OF} expectedErrorRate`, options.expectedErrorRate ?? DEFAULT_ERROR_RATES.stableErrorRate, '0.001');
  const canaryErrorRate = betweenZeroAndOne(`${OF} badErrorRate`, options.badErrorRate ?? DEFAULT_ERROR_RATES.canaryErrorRate, '0.05');
  const tolerated = stableErrorRate * (1 + tolerance);
  if (canaryErrorRate <= tolerated) {
    invalid(`${OF} badErrorRate`, `${canaryErrorRate} is tolerated: expectedErrorRate is ${stableErrorRate}, and tolerance ${tolerance}`, 'Set a rate that only a bad release has');
  }
  if (requestsPerSecond === undefined) {
    const lonely = (['expectedErrorRate', 'badErrorRate'] as const).find((name) => options[name] !== undefined);
    if (lonely) invalid(`${OF} ${lonely}`, 'it has no effect without expectedRequestsPerSecond', 'Set expectedRequestsPerSecond, or remove it');
    return {};
  }
  return { expected: { requestsPerSecond, stableErrorRate, canaryErrorRate } };
}
