/** An instant vector selector of PromQL: `http_requests_total{job="shop", code=~"5.."}`. */
export interface PrometheusSelector {
  /** Absent if a matcher of `__name__` names the metric. */
  readonly metric?: string;
  readonly matchers: readonly LabelMatcher[];
}

export interface LabelMatcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  /** The text, without its quotes and escapes. */
  readonly value: string;
}

const METRIC = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*/;
const MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`[^`]*`)\s*(,|(?=\}))/;
const ESCAPES: Readonly<Record<string, string>> = { 'n': '\n', 't': '\t', '\\': '\\', '"': '"', '\'': '\'' };

/** Returns undefined for anything else: a function, a range, an offset, an escape other than `\\`, `\n`, `\t` and quotes. */
export function selectorIn(text: string): PrometheusSelector | undefined {
  const [head, metric] = METRIC.exec(text)!;
  let rest = text.slice(head.length);
  if (rest === '') return metric === undefined ? undefined : { metric, matchers: [] };
  if (!rest.startsWith('{')) return undefined;
  rest = rest.slice(1);
  const matchers: LabelMatcher[] = [];
  while (!/^\s*\}\s*$/.test(rest)) {
    const [all, label, operator, literal] = MATCHER.exec(rest) ?? [];
    const value = literal === undefined ? undefined : textOf(literal);
    if (value === undefined) return undefined;
    matchers.push({ label: label!, operator: operator as LabelMatcher['operator'], value });
    rest = rest.slice(all!.length);
  }
  return { metric, matchers };
}

/** As PromQL. */
export function showSelector({ matchers, metric = '' }: PrometheusSelector): string {
  if (matchers.length === 0) return metric;
  return `${metric}{${matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`).join(',')}}`;
}

/** The name of the metric, if the selector is of one. */
export function metricOf({ matchers, metric }: PrometheusSelector): string | undefined {
  return metric ?? matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value;
}

function textOf(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  let isKnown = true;
  const text = inner.replace(/\\([^])/g, (_, letter: string) => {
    isKnown &&= letter in ESCAPES;
    return ESCAPES[letter] ?? '';
  });
  return isKnown ? text : undefined;
}
