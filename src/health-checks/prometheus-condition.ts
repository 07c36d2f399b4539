import { PrometheusCheckManifest } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

/**
 * What each series that a Prometheus query answers with must be.
 */
export class PrometheusCondition {
  /**
   * Less than this.
   *
   * @param value a number in the query's own unit
   */
  public static below(value: number): PrometheusCondition {
    return new PrometheusCondition('below', '<', value);
  }

  /**
   * This or less.
   *
   * @param value a number in the query's own unit
   */
  public static atMost(value: number): PrometheusCondition {
    return new PrometheusCondition('atMost', '<=', value);
  }

  /**
   * More than this.
   *
   * @param value a number in the query's own unit
   */
  public static above(value: number): PrometheusCondition {
    return new PrometheusCondition('above', '>', value);
  }

  /**
   * This or more.
   *
   * @param value a number in the query's own unit
   */
  public static atLeast(value: number): PrometheusCondition {
    return new PrometheusCondition('atLeast', '>=', value);
  }

  /** @internal */
  public readonly _manifest: Pick<PrometheusCheckManifest, 'operator' | 'value'>;

  private constructor(name: string, operator: PrometheusCheckManifest['operator'], value: number) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      invalid(`PrometheusCondition.${name}`, `${show(value)} is not a number that a series can be compared with`, 'Give a finite number, for example 0.01');
    }
    this._manifest = { operator, value };
  }
}
