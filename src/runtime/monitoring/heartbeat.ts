import { isLoopback } from '../../contract/deployment-outputs';
import { HealthCheckManifest, HeartbeatManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';

const TIMEOUT_MS = 5_000;

/**
 * Sends the heartbeat: an external service raises an alarm if it stops. It is requested like a health check, so it is bounded and its
 * response cannot do harm. True if the response was healthy.
 */
export async function sendHeartbeat({ interrupted, log, processEnv, probe }: RuntimeContext, heartbeat: HeartbeatManifest): Promise<boolean> {
  const { secret = '' } = heartbeat;
  const url = heartbeat.url ?? processEnv[secret]?.trim();
  const where = heartbeat.url === undefined ? secret : new URL(heartbeat.url).host;
  if (url === undefined || !isAddress(url)) {
    log.warning('The heartbeat was not sent', `${where} ${url ? 'is no https URL' : 'has no value'}. Set it as a secret of the repository.`);
    return false;
  }
  const { outcome, saw } = await probe(checkOf(url), { release: { version: '', sha: '' } }, interrupted);
  // what was seen may contain the address, which is a secret
  const why = heartbeat.url !== undefined ? saw : 'see what the receiver says';
  if (outcome !== 'healthy') log.warning('The heartbeat was not received', `${where}: ${why}. The findings are not affected.`);
  return outcome === 'healthy';
}

function isAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(new URL(url)));
}

function checkOf(url: string): HealthCheckManifest {
  return {
    kind: 'http',
    name: 'heartbeat',
    url,
    intervalMs: TIMEOUT_MS,
    timeoutMs: TIMEOUT_MS,
    successThreshold: 1,
    failureThreshold: 1,
    deadlineMs: TIMEOUT_MS,
    status: [{ first: 200, last: 299 }],
    json: [],
    headers: [],
    requestHeaders: {},
    secretRequestHeaders: {},
    maxRedirects: 2,
  };
}
