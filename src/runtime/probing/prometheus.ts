import { isObject, isText, parseJson } from '../json-value';
import { networkFault } from './network-fault';
import { ownHeaders, ProbeTarget, ProbeResponse } from './probe';
import { PrometheusCheckManifest } from '../../contract/manifest';
import { sendRequest } from '../http/http-exchange';
import { safeLine } from '../reporting/untrusted-text';

/** A failure of Prometheus says nothing about the service. */
function blind(why: string): ProbeResponse {
  return { outcome: 'blind', saw: `cannot probe: ${why}` };
}

/**
 * Runs an instant query.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
export async function probePrometheus(check: PrometheusCheckManifest, { ca, env }: ProbeTarget, signal: AbortSignal): Promise<ProbeResponse> {
  const secret = Object.values(check.secretRequestHeaders).find((name) => !env[name]?.trim());
  if (secret !== undefined) return blind(`the secret ${secret} has no value`);
  const headers = Object.entries(check.secretRequestHeaders).map(([name, variable]) => [name.toLowerCase(), env[variable]!.trim()]);
  try {
    const { body, status } = await sendRequest({
      url: urlOf(check),
      headers: { ...ownHeaders(), ...Object.fromEntries(headers) as Record<string, string> },
      wantsBody: () => true,
      useProxy: check.useProxy,
      addressAttemptMs: Math.max(250, check.timeoutMs / 4),
      ca,
      signal,
    });
    return evaluate(check, status, parsed(body.toString('utf8')));
  } catch (error) {
    if (signal.aborted) return blind('Prometheus does not respond in time');
    return blind(`Prometheus does not respond (${networkFault(error).saw})`);
  }
}

function urlOf({ query, timeoutMs, url }: PrometheusCheckManifest): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v1/query`;
  address.search = new URLSearchParams({ query, timeout: `${timeoutMs}ms` }).toString();
  return address;
}

function evaluate(check: PrometheusCheckManifest, status: number, response: PrometheusResponse | undefined): ProbeResponse {
  if (response?.status === 'error') return blind(`Prometheus says "${safeLine(response.error ?? '', 80)}" (${status})`);
  if (status !== 200 || response?.status !== 'success') return blind(`no valid response of Prometheus (${status})`);
  const values = valuesOf(response.data);
  if (typeof values === 'string') return blind(values);
  const numbers = values.map(({ text }) => numberOf(text));
  const bad = values.filter((_, i) => !Number.isNaN(numbers[i]) && !holds(check, numbers[i]));
  const wish = `${check.operator} ${check.value}`;
  const more = bad.length > 3 ? ` and ${bad.length - 3} more` : '';
  if (bad.length > 0) return { outcome: 'unhealthy', saw: `${bad.map(show).slice(0, 3).join(', ')}${more}, not ${wish}` };
  if (values.length === 0) return blind('no data');
  const good = values.filter((_, i) => !Number.isNaN(numbers[i]));
  if (good.length === 0) return blind('NaN: nothing was counted');
  const rest = good.length === values.length ? '' : `, ${values.length - good.length} series NaN`;
  return { outcome: 'healthy', saw: `${good.length === 1 ? `${show(good[0]!)} ${wish}` : `${good.length} series, all ${wish}`}${rest}` };
}

function holds({ operator, value }: PrometheusCheckManifest, number: number): boolean {
  switch (operator) {
    case '<': return number < value;
    case '<=': return number <= value;
    case '>': return number > value;
    case '>=': return number >= value;
  }
}

/** The parts of Prometheus' response that are read. It is untrusted. */
interface PrometheusResponse {
  readonly status?: unknown;
  readonly error?: string;
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown };
}

function parsed(text: string): PrometheusResponse | undefined {
  const response = parseJson(text);
  return isObject(response) ? { ...response, error: isText(response.error) ? response.error : undefined } : undefined;
}

interface Series {
  readonly metric?: Record<string, unknown>;
  readonly value?: unknown;
}

interface Value {
  readonly labels: string;
  readonly text: string;
}

/** Returns one value per series, or why there is none. */
function valuesOf(data: PrometheusResponse['data']): Value[] | string {
  if (data?.resultType === 'scalar') return [{ labels: '', text: textOf(data.result) }];
  if (data?.resultType !== 'vector' || !Array.isArray(data.result)) return `the query returns a ${safeLine(String(data?.resultType), 20)}, not with numbers`;
  return (data.result as (Series | null)[]).map((series) => ({ labels: labelsOf(series?.metric), text: textOf(series?.value) }));
}

/** `[1435781451.781, "1"]`; a series of histograms has none. */
function textOf(pair: unknown): string {
  return Array.isArray(pair) && typeof pair[1] === 'string' ? pair[1] : 'NaN';
}

function labelsOf(metric: Record<string, unknown> = {}): string {
  const labels = Object.entries(metric).filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${String(value)}`);
  return labels.length === 0 ? '' : `{${labels.slice(0, 3).join(', ')}} `;
}

function numberOf(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return text.trim() === '' ? NaN : Number(text);
}

function show({ labels, text }: Value): string {
  return `${labels}${text}`;
}
