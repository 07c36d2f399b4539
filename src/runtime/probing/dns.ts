import type { ProbeResponse } from './probe';
import { DnsCheckManifest } from '../../contract/manifest';
import { onDemand } from '../lazily';

/** Responses that mean that the name or record does not exist. */
const NOTHING: Record<string, string> = { ENOTFOUND: 'no such name', ENODATA: 'no such record' };

/** Queries once, bypassing the machine's cache and hosts file. */
export async function probeDns(check: DnsCheckManifest, signal: AbortSignal): Promise<ProbeResponse> {
  const { host, resolver: server, timeoutMs, type } = check;
  const resolver = new (onDemand.dns().Resolver)({ timeout: timeoutMs, tries: 1 });
  if (server !== undefined) resolver.setServers([server]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return evaluate(check, (await resolver.resolve(host, type) as unknown[]).map(asText));
  } catch (error) {
    if (signal.aborted && server !== undefined) throw signal.reason;
    return fault(error as NodeJS.ErrnoException, check);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function evaluate({ records, type }: DnsCheckManifest, found: string[]): ProbeResponse {
  const missing = records.find((record) => !found.some((one) => same(one, record, type)));
  const saw = `${type} ${found.join(', ')}`;
  if (found.length === 0) return { outcome: 'unhealthy', saw: 'no such record' };
  return missing === undefined ? { outcome: 'healthy', saw } : { outcome: 'unhealthy', saw: `${saw}, not ${missing}` };
}

/** A failure of the machine's own resolvers is the runner's fault; a failure of the resolver that the check names is the service's. */
function fault({ code = '', message }: NodeJS.ErrnoException, { resolver }: DnsCheckManifest): ProbeResponse {
  if (code in NOTHING) return { outcome: 'unhealthy', saw: `${NOTHING[code]} (${code})` };
  if (resolver === undefined) return { outcome: 'blind', saw: `cannot probe: the resolver failed (${code || message})` };
  const isResponse = ['ESERVFAIL', 'EREFUSED', 'EFORMERR', 'ENOTIMP', 'EBADRESP'].includes(code);
  return { outcome: isResponse ? 'unhealthy' : 'unreachable', saw: isResponse ? `the resolver responds ${code.slice(1)}` : `the resolver does not respond (${code || message})` };
}

/** Formats MX as `10 mail.example.com`, and joins the parts of TXT. */
function asText(record: unknown): string {
  if (Array.isArray(record)) return record.join('');
  if (typeof record !== 'object' || record === null) return String(record);
  const { exchange, priority } = record as { exchange: string; priority: number };
  return `${priority} ${exchange}`;
}

function same(a: string, b: string, type: DnsCheckManifest['type']): boolean {
  if (type === 'TXT') return a === b;
  return canonical(a, type) === canonical(b, type);
}

function canonical(record: string, type: DnsCheckManifest['type']): string {
  // a URL normalizes the spelling of an IPv6 address
  if (type === 'AAAA' && URL.canParse(`http://[${record}]`)) return new URL(`http://[${record}]`).hostname;
  return record.toLowerCase().replace(/\.$/, '');
}
