import { MeasuredRelease } from './measured-release';
import { Scrape } from '../analysis/counters';
import { RuntimeContext } from '../context';

/** Reads the counters of Canary and Stable. One instance serves a whole canary: it may keep what it saw before. */
export interface MetricSource {
  /**
   * Reads once, within the source's timeout. What is wrong with the source or its data is `problem` of the scrape. After a change of the
   * weight, a scrape whose `measuredAtMs` is older is about the weight before.
   *
   * Rejects only with `InterruptedError`, when the signal aborts.
   */
  scrape(signal: AbortSignal): Promise<Scrape>;
}

export interface MetricContext extends Pick<RuntimeContext, 'clock' | 'environment' | 'execute' | 'interrupted' | 'processEnv'> {
  readonly log: Pick<RuntimeContext['log'], 'line'>;
  readonly canary: MeasuredRelease;
  readonly stable: MeasuredRelease;
  /** Certificates (PEM) to trust instead of Node's own. */
  readonly ca?: string;
}
