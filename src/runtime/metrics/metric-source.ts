import { fillPlaceholders } from '../../contract/metric-manifest';
import { PrometheusSelector } from '../../contract/prometheus-selector';
import { Scrape } from '../analysis/counters';
import { RuntimeContext } from '../context';
import { Release } from '../release';

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

/** One of the two releases that are compared. */
export interface MeasuredRelease {
  readonly release: Release;
  readonly slot?: string;
}

/** Puts the release's own facts into a text. */
export function textFor({ release, slot }: MeasuredRelease, text: string): string {
  return fillPlaceholders(text, (name) => (name === 'slot' ? slot ?? '' : release[name]));
}

/** The same for a selector: in a pattern, a fact stands for itself. */
export function selectorFor({ release, slot }: MeasuredRelease, { matchers, metric }: PrometheusSelector): PrometheusSelector {
  const fact = (name: 'slot' | 'version' | 'sha') => (name === 'slot' ? slot ?? '' : release[name]);
  return {
    metric,
    matchers: matchers.map(({ label, operator, value }) => {
      const isPattern = operator.endsWith('~');
      return { label, operator, value: fillPlaceholders(value, (name) => (isPattern ? literally(fact(name)) : fact(name))) };
    }),
  };
}

/** As a pattern of RE2. */
function literally(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
