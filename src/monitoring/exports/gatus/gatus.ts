import { certificateEndpoint, dnsEndpoint, Endpoint, httpEndpoint, tcpEndpoint, withVariables } from './endpoints';
import { differencesOf, distinct, Engine, Json, Kinds, leftOut, mapChecks, MappedCheck, supportedOf, Watched } from '../engine';
import { goDuration } from '../notation';

/** Settings that do not come from the health checks. */
interface GatusSettings {
  readonly intervalMs: number;
  /** Types of alerts, with the names that Gatus uses. */
  readonly alerts: string[];
}

const KINDS: Kinds<Endpoint, GatusSettings> = {
  http: httpEndpoint,
  tcp: tcpEndpoint,
  dns: dnsEndpoint,
  certificate: certificateEndpoint,
  command: () => leftOut('command', 'Gatus runs no commands'),
  cloudWatchAlarm: () => leftOut('cloudWatchAlarm', 'Gatus cannot sign requests to AWS; let the alarm itself notify people (its actions)'),
  prometheus: () => leftOut('prometheus', 'Gatus compares whole numbers only, and only one series'),
  anyOf: () => leftOut('anyOf', 'Gatus alerts for each endpoint separately'),
};

/**
 * Writes one file with an endpoint per health check. The user configures alert providers and storage in other files: Gatus merges all
 * files of a folder.
 *
 * @see https://github.com/TwiN/gatus#configuration
 */
export function gatus(settings: GatusSettings): Engine {
  return {
    name: 'Gatus',
    isGate: false,
    files: [{
      base: 'gatus',
      isPerEnvironment: false,
      introduction: [
        'Endpoints for Gatus 5, from the health checks of this project\'s delivery.',
        'Gatus merges all files of the folder in GATUS_CONFIG_PATH: configure alerting, storage and ui in a file of your own in that folder.',
        ...(settings.alerts.length > 0 ? [] : ['No alerts are sent: set MonitorExport.gatus({ alerts: [\'slack\'] }), and configure that provider.']),
        'Redirects are followed until the timeout, unless maxRedirects is 0. Connections stay open, so a new certificate or address takes effect',
        'when the server closes them. A JSON body that is a single value passes for that value at any path.',
      ],
      content: (watched) => content(settings, watched),
      finish: withVariables,
    }],
  };
}

function content(settings: GatusSettings, watched: Watched) {
  const mapped = mapChecks(watched, KINDS, settings);
  const supported = supportedOf(mapped);
  const group = ({ environment }: MappedCheck<Endpoint>) => shown(`${watched.project} ${environment.name}`);
  const names = distinct(supported, (one) => `${group(one)}\n${shown(one.check.name)}`, key);
  const endpoints = supported.map((one, i): Json => ({
    name: names[i].split('\n')[1],
    group: group(one),
    interval: goDuration(settings.intervalMs),
    ...one.config,
    ...(settings.alerts.length > 0 ? { alerts: settings.alerts.map((type) => alert(type, one, watched)) } : {}),
  }));
  return { document: { endpoints }, differences: differencesOf(mapped), checks: supported.length };
}

function alert(type: string, { environment, check }: MappedCheck<Endpoint>, { project, firesAfter, resolvesAfter }: Watched): Json {
  return {
    'type': type,
    'failure-threshold': firesAfter,
    'success-threshold': resolvesAfter,
    'send-on-resolved': true,
    'description': shown(`${project} ${environment.name}: ${check.name} is not healthy. Users are at ${environment.url}`),
  };
}

/** Replaces characters that Gatus rejects in names and descriptions. */
function shown(text: string): string {
  return text.replaceAll('"', '\'').replaceAll('\\', '/');
}

/** Returns the key that Gatus derives from group and name. It must be unique. */
function key(name: string): string {
  return name.trim().toLowerCase().replace(/[/_., #+&]/g, '-');
}
