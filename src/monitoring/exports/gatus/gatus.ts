import { certificateEndpoint } from './certificate';
import { dnsEndpoint } from './dns';
import { Endpoint, withVariables } from './endpoint';
import { httpEndpoint } from './http';
import { tcpEndpoint } from './tcp';
import { distinct } from '../distinct';
import { differencesOf, Engine, Json, Kinds, leftOut, mapChecks, MappedCheck, Watched } from '../engine';
import { goDuration } from '../go-duration';

/** What Gatus is told beside the health checks. */
export interface GatusSettings {
  readonly intervalMs: number;
  /** Types of alerts, as Gatus calls them. */
  readonly alerts: string[];
}

/** How each kind of health check is put to Gatus. */
const KINDS: Kinds<Endpoint, GatusSettings> = {
  http: httpEndpoint,
  tcp: tcpEndpoint,
  dns: dnsEndpoint,
  certificate: certificateEndpoint,
  command: () => leftOut('command', 'Gatus runs no commands'),
  prometheus: () => leftOut('prometheus', 'Gatus compares whole numbers, and of one series'),
  anyOf: () => leftOut('anyOf', 'Gatus takes an endpoint for itself'),
};

/**
 * One file with an endpoint for each health check. Providers of alerts, storage and the rest of Gatus' configuration stand in files of the
 * user's beside it: Gatus merges all that are in a folder.
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
        'Gatus merges all files of the folder that GATUS_CONFIG_PATH names: put alerting, storage and ui into one of your own beside this.',
        ...(settings.alerts.length > 0 ? [] : ['Nobody is alerted: say MonitorExport.gatus({ alerts: [\'slack\'] }), and configure that provider.']),
        'Redirects are followed without a limit but the timeout, whatever maxRedirects says, unless it says 0. Connections are kept open, so a new',
        'certificate or address is seen once the server closes them. A JSON body that is one bare value passes for that value at any path.',
      ],
      content: (watched) => content(settings, watched),
      finish: withVariables,
    }],
  };
}

function content(settings: GatusSettings, watched: Watched) {
  const mapped = mapChecks(watched, KINDS, settings);
  const made = mapped.filter(({ made: endpoint }) => endpoint !== undefined);
  const group = ({ environment }: MappedCheck<Endpoint>) => shown(`${watched.project} ${environment.name}`);
  const names = distinct(made, (one) => `${group(one)}\n${shown(one.check.name)}`, key);
  const endpoints = made.map((one, i): Json => ({
    name: names[i].split('\n')[1],
    group: group(one),
    interval: goDuration(settings.intervalMs),
    ...one.made,
    ...(settings.alerts.length > 0 ? { alerts: settings.alerts.map((type) => alert(type, one, watched)) } : {}),
  }));
  return { document: { endpoints }, differences: differencesOf(mapped), checks: made.length };
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

/** Gatus refuses these in a name, and in a description. */
function shown(text: string): string {
  return text.replaceAll('"', '\'').replaceAll('\\', '/');
}

/** What Gatus makes of group and name to tell endpoints apart. */
function key(name: string): string {
  return name.trim().toLowerCase().replace(/[/_., #+&]/g, '-');
}
