import type { MetricContext } from './metric-source';
import { NoDataError } from './no-data';
import { sendRequest } from '../http/http-exchange';
import { onDemand } from '../lazily';
import { networkFault } from '../probing/network-fault';
import { ownHeaders } from '../probing/probe';

/** The limit of a response. */
const LIMIT_BYTES = 8 * 1024 * 1024;

export interface TextRequest {
  /** For messages: `Prometheus`. */
  readonly source: string;
  readonly url: URL;
  /** Header name -> name of the variable in the process environment that holds its value. */
  readonly secretRequestHeaders: Readonly<Record<string, string>>;
  readonly useProxy?: boolean;
  readonly signal: AbortSignal;
}

export interface TextResponse {
  readonly status: number;
  readonly text: string;
}

/** Requests a text. Redirects are not followed: the secrets are for this server. Rejects with `NoDataError`, or with the signal's reason. */
export async function fetchText(request: TextRequest, { ca, processEnv }: Pick<MetricContext, 'ca' | 'processEnv'>): Promise<TextResponse> {
  const { secretRequestHeaders, signal, source, url, useProxy } = request;
  const headers = { ...ownHeaders(), ...secretHeaders(secretRequestHeaders, processEnv) };
  try {
    const { body, cut, status } = await sendRequest({
      url, headers, wantsBody: () => true, bodyLimitBytes: LIMIT_BYTES, useProxy, addressAttemptMs: 1_000, ca, signal,
    });
    if (cut) throw new NoDataError(`the response of ${source} is longer than ${LIMIT_BYTES / 1024 / 1024} MiB: select less`);
    return { status, text: body.toString('utf8') };
  } catch (error) {
    if (error instanceof NoDataError || signal.aborted) throw error;
    throw new NoDataError(`${source} does not respond (${networkFault(error).saw})`);
  }
}

function secretHeaders(names: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): Record<string, string> {
  const { validateHeaderValue } = onDemand.http();
  return Object.fromEntries(Object.entries(names).map(([name, variable]) => {
    const value = env[variable]?.trim();
    if (!value) throw new NoDataError(`the secret ${variable} has no value`);
    try {
      validateHeaderValue(name, value);
    } catch {
      throw new NoDataError(`the secret ${variable} holds characters that HTTP does not allow in a header`);
    }
    return [name.toLowerCase(), value];
  }));
}
