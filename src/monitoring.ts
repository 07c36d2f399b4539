import { MonitorExport } from './monitor-export';
import { refuse, show } from './refusal';

/**
 * How the environments are watched after a deployment.
 */
export interface MonitoringOptions {
  /**
   * So many bad answers in a row make an alert fire.
   *
   * @default 3
   */
  readonly firesAfter?: number;

  /**
   * So many healthy answers in a row resolve an alert.
   *
   * @default 2
   */
  readonly resolvesAfter?: number;

  /**
   * Configuration for monitoring systems of your own, from the same health checks.
   *
   * @default - none
   */
  readonly exports?: MonitorExport[];
}

/** What can be wrong with it alone. */
export function checkMonitoring({ firesAfter, resolvesAfter, exports: list = [] }: MonitoringOptions): void {
  for (const [name, value] of [['firesAfter', firesAfter], ['resolvesAfter', resolvesAfter]] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 1000)) {
      refuse(`Delivery monitoring ${name}`, `${show(value)} is out of range`, 'Give a whole number from 1 to 1000');
    }
  }
  const odd = list.find((one) => one?._engine === undefined);
  if (list.length > 0 && odd !== undefined || list.includes(undefined as never)) {
    refuse('Delivery monitoring exports', `${show(odd)} is not a MonitorExport`, 'Write MonitorExport.gatus(), .blackbox() or .argoAnalysis()');
  }
}
