/** The type of an expression. */
export type PromqlType = 'scalar' | 'vector' | 'range' | 'text';

export interface PromqlFunction {
  readonly parameters: readonly PromqlType[];
  /** The number of required parameters. */
  readonly least: number;
  /** Whether the last parameter may be repeated. */
  readonly isOpen: boolean;
  readonly result: PromqlType;
}

/**
 * The functions that every Prometheus since 2.42 has, by their parameters: `v`ector, `r`ange, `s`calar, `t`ext. `?` follows an optional
 * parameter, `*` one that may be repeated. All of them return a vector, except `SCALARS`.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/
 */
const SIGNATURES: Record<string, string> = {
  'v': 'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_count histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc '
    + 'sqrt tan tanh timestamp',
  'v?': 'day_of_month day_of_week day_of_year days_in_month hour minute month year',
  'vs?': 'round',
  'vs': 'clamp_max clamp_min',
  'vss': 'clamp',
  'vtttt': 'label_replace',
  'vttt*': 'label_join',
  'r': 'absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time min_over_time present_over_time rate '
    + 'resets stddev_over_time stdvar_over_time sum_over_time',
  'rs': 'predict_linear',
  's': 'vector',
  'sr': 'quantile_over_time',
  'sv': 'histogram_quantile',
  'ssv': 'histogram_fraction',
  '': 'pi time',
};

const SCALARS: readonly string[] = ['pi', 'scalar', 'time'];

const TYPES: Record<string, PromqlType> = { v: 'vector', r: 'range', s: 'scalar', t: 'text' };

export const FUNCTIONS: ReadonlyMap<string, PromqlFunction> = new Map(Object.entries(SIGNATURES).flatMap(([signature, names]) => {
  const parameters = [...signature.replace(/[?*]/g, '')].map((letter) => TYPES[letter]!);
  const isOpen = signature.endsWith('*');
  const least = parameters.length - (isOpen || signature.endsWith('?') ? 1 : 0);
  return names.split(' ').map((name) => [name, { parameters, least, isOpen, result: SCALARS.includes(name) ? 'scalar' : 'vector' }]);
}));

/** The aggregations, by their parameters before the vector. */
export const AGGREGATIONS: ReadonlyMap<string, readonly PromqlType[]> = new Map<string, readonly PromqlType[]>([
  ...['avg', 'count', 'group', 'max', 'min', 'stddev', 'stdvar', 'sum'].map((name) => [name, []] as const),
  ...['bottomk', 'quantile', 'topk'].map((name) => [name, ['scalar']] as const),
  ['count_values', ['text']],
]);
