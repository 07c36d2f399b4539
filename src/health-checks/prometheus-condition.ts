import { PrometheusCheckManifest } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/**
 * The condition that each series of a Prometheus query must meet.
 */
export class PrometheusCondition {
  /**
   * Requires a value less than this one.
   *
   * @param value a number in the unit of the query
   */
  public static below(value: number): PrometheusCondition {
    return new PrometheusCondition('below', '<', value);
  }

  /**
   * Requires a value less than or equal to this one.
   *
   * @param value a number in the unit of the query
   */
  public static atMost(value: number): PrometheusCondition {
    return new PrometheusCondition('atMost', '<=', value);
  }

  /**
   * Requires a value greater than this one.
   *
   * @param value a number in the unit of the query
   */
  public static above(value: number): PrometheusCondition {
    return new PrometheusCondition('above', '>', value);
  }

  /**
   * Requires a value greater than or equal to this one.
   *
   * @param value a number in the unit of the query
   */
  public static atLeast(value: number): PrometheusCondition {
    return new PrometheusCondition('atLeast', '>=', value);
  }

  /** @internal */
  public readonly _manifest: Pick<PrometheusCheckManifest, 'operator' | 'value'>;

  private constructor(name: string, operator: PrometheusCheckManifest['operator'], value: number) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      invalid(`PrometheusCondition.${name}`, `${show(value)} is not a finite number`, 'Write a finite number, for example 0.01');
    }
    this._manifest = { operator, value };
  }
}
