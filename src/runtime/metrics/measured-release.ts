import { fillPlaceholders } from '../../contract/metric-placeholders';
import { PrometheusSelector } from '../../contract/prometheus-selector';
import { Release } from '../release';

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
