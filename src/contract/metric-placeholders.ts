/** What stands for a fact of the release in an option of a metric source: `{slot}`. */
export const METRIC_PLACEHOLDERS = ['slot', 'version', 'sha'] as const;

export type MetricPlaceholder = typeof METRIC_PLACEHOLDERS[number];

const PLACEHOLDER = new RegExp(`\\{(${METRIC_PLACEHOLDERS.join('|')})\\}`, 'g');

/** Puts values in the place of placeholders. */
export function fillPlaceholders(text: string, valueOf: (name: MetricPlaceholder) => string): string {
  return text.replace(PLACEHOLDER, (_, name: MetricPlaceholder) => valueOf(name));
}

/** Returns whether the text is another one for each release. */
export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) >= 0;
}
