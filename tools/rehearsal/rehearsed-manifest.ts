import { OwnEnvironment } from './own-commands';
import { RehearsalError } from './scenario';
import { ServiceCall } from './service';
import { formatDuration } from '../../src/contract/duration-text';
import {
  AlertManifest, CommandManifest, EnvironmentManifest, HealthCheckManifest, HttpCheckManifest, Manifest, StrategyManifest, TargetManifest,
} from '../../src/contract/manifest';

/** Where the local service of an environment is reached. */
export interface ServiceAddresses {
  /** What users reach: `http://127.0.0.1:<port>`. */
  readonly users: string;
  readonly candidate: string;
  /** Takes the calls of commands, and notifications. */
  readonly control: string;
}

export interface RehearsedManifest {
  readonly manifest: Manifest;
  /** Health checks by their paths at the local service. */
  readonly checks: ReadonlyMap<string, HttpCheckManifest>;
  /** What of the delivery is not rehearsed as it is, in plain words. */
  readonly notes: readonly string[];
}

/** Waits of a rehearsal, in milliseconds. */
export const TIMES = { bake: 400, step: 300, interval: 60, propagation: 100, slowResponse: 5000 } as const;

/** How long checks wait, in milliseconds. */
export interface Patience {
  readonly timeout: number;
  readonly deadline: number;
}

/** Checks wait longer than a good local service ever takes, also on a busy machine. */
export const PATIENT: Patience = { timeout: 10_000, deadline: 60_000 };
/** For a release that never becomes healthy: its deployment ends with the deadline. */
export const IMPATIENT: Patience = { timeout: 3000, deadline: 8000 };

/** A body that no error page has. */
const BODY = '"rehearsed":true';
export const HEADER_VALUE = 'rehearsed';

export interface RehearsedManifestOptions {
  readonly addresses: (environment: string) => ServiceAddresses;
  /** Takes notifications. */
  readonly control: string;
  readonly patience: Patience;
  /** The environment whose own commands are executed. @default - none */
  readonly own?: OwnEnvironment;
}

/** Returns a copy of the manifest whose commands, health checks and channels lead to the local service, with shorter waits. */
export function rehearsedManifest(manifest: Manifest, { addresses, control, own, patience }: RehearsedManifestOptions): RehearsedManifest {
  if (manifest.image) throw new RehearsalError('a container image is built by this delivery (image), and rehearsals have no registry. Rehearse a delivery with files.');
  const checks = new Map<string, HttpCheckManifest>();
  const notes = new Set<string>(own?.notes);
  const environments = manifest.environments.map((one) => (
    own?.environment.name === one.name ? own.environment : rehearsedEnvironment(one, addresses(one.name), { checks, notes, patience })
  ));
  return {
    manifest: { ...manifest, environments, ...(manifest.alerts && { alerts: manifest.alerts.map((alert) => rehearsedAlert(alert, control)) }) },
    checks,
    notes: [...notes],
  };
}

interface Findings {
  readonly checks: Map<string, HttpCheckManifest>;
  readonly notes: Set<string>;
  readonly patience: Patience;
}

function rehearsedEnvironment(
  environment: EnvironmentManifest, { candidate, control, users }: ServiceAddresses, findings: Findings,
): EnvironmentManifest {
  const { beforeDeploy, afterPromote, controlUrl, freezes, login, name, outputs, watchChecks, ...rest } = environment;
  const call = (kind: ServiceCall): CommandManifest => callOf(`${control}/call/${encodeURIComponent(name)}/${kind}`);
  if (freezes.length > 0) findings.notes.add(`${name}: its freezes are ignored`);
  if (controlUrl) findings.notes.add(`${name}: its control URL is not probed`);
  return {
    ...rest,
    name,
    url: users,
    variables: Object.fromEntries(Object.entries(environment.variables).map(([key, value]) => [key, value.replace(/\{output:[^}]*\}/g, 'rehearsed')])),
    strategy: rehearsedStrategy(environment, candidate, findings),
    target: rehearsedTarget(environment.target, call),
    ...(beforeDeploy && { beforeDeploy: call('beforeDeploy') }),
    ...(afterPromote && { afterPromote: call('afterPromote') }),
    healthChecks: environment.healthChecks.map((check) => rehearsedCheck(check, { name, users, ...findings })),
    freezes: [],
  };
}

/** Runs a command of the local service. It passes on what a command of the target gets, and fails if the service says so. */
function callOf(url: string): CommandManifest {
  const script = [
    "const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DELIVERY_')));",
    "require('node:http').request(process.argv[1], { method: 'POST' }, (response) => {",
    '  process.exitCode = response.statusCode === 200 ? 0 : 1;',
    '  response.pipe(process.stdout);',
    '}).end(JSON.stringify(variables));',
  ].join('\n');
  return { kind: 'exec', argv: [process.execPath, '-e', script, url] };
}

function rehearsedTarget(
  { migrate, noRollback, promote, rollback, setWeight, warmUp }: TargetManifest, call: (kind: ServiceCall) => CommandManifest,
): TargetManifest {
  return {
    deploy: call('deploy'),
    ...(migrate && { migrate: call('migrate') }),
    ...(promote && { promote: call('promote') }),
    ...(setWeight && { setWeight: call('setWeight') }),
    ...(rollback && { rollback: call('rollback') }),
    ...(warmUp && { warmUp: call('warmUp') }),
    ...(noRollback !== undefined && { noRollback }),
  };
}

function rehearsedStrategy({ name, strategy }: EnvironmentManifest, candidate: string, { notes }: Findings): StrategyManifest {
  const { analysis, weights, ...rest } = strategy;
  if (analysis) notes.add(`${name}: the analysis of the canary is not rehearsed; its health checks alone decide`);
  return {
    ...rest,
    bakeMs: TIMES.bake,
    ...((rest.candidateUrl !== undefined || rest.kind === 'blueGreen') && { candidateUrl: `${candidate}/slot-{slot}` }),
    ...(weights && { weights: weights.map(({ percent }) => ({ percent, atLeastMs: TIMES.step })) }),
  };
}

interface CheckPlace extends Findings {
  readonly name: string;
  readonly users: string;
}

function rehearsedCheck(check: HealthCheckManifest, place: CheckPlace): HealthCheckManifest {
  if ('checks' in check) return { ...check, ...timesOf(check, place), checks: check.checks.map((member) => rehearsedCheck(member, place)) };
  const path = `/check/${place.checks.size}`;
  const own = check.kind === 'http' ? check : standInFor(check, place);
  const { allowInsecure, certificateExpiryMs, bodyPattern, maxLatencyMs, headers, secretRequestHeaders, useProxy, ...rest } = own;
  if (certificateExpiryMs !== undefined) place.notes.add(`${place.name}: ${check.name}: its certificate is not rehearsed`);
  const rehearsed: HttpCheckManifest = {
    ...rest,
    ...timesOf(check, place),
    url: `${place.users}${path}`,
    headers: headers.map((one) => ({ ...one, pattern: `^${HEADER_VALUE}$` })),
    secretRequestHeaders: {},
    useProxy: false,
    ...(bodyPattern !== undefined && { bodyPattern: BODY }),
    ...(maxLatencyMs !== undefined && { maxLatencyMs: place.patience.timeout }),
  };
  place.checks.set(path, rehearsed);
  return rehearsed;
}

/** A check that is no HTTP request becomes one of the local service. */
function standInFor(
  check: Exclude<HealthCheckManifest, HttpCheckManifest | { readonly checks: unknown }>, { name, notes }: CheckPlace,
): HttpCheckManifest {
  notes.add(`${name}: ${check.name} (${check.kind}) is not rehearsed as it is: an HTTP request to the local service takes its place`);
  const { gateOnly, intervalMs, timeoutMs, successThreshold, failureThreshold, deadlineMs, propagationMs, liveOnly } = check;
  return {
    kind: 'http',
    name: check.name,
    url: check.url,
    intervalMs,
    timeoutMs,
    successThreshold,
    failureThreshold,
    deadlineMs,
    ...(gateOnly !== undefined && { gateOnly }),
    ...(propagationMs !== undefined && { propagationMs }),
    ...(liveOnly && { liveOnly }),
    status: [{ first: 200, last: 299 }],
    json: [],
    headers: [],
    requestHeaders: {},
    secretRequestHeaders: {},
    maxRedirects: 0,
  };
}

function timesOf({ propagationMs }: HealthCheckManifest, { patience: { deadline, timeout } }: CheckPlace) {
  return {
    intervalMs: TIMES.interval,
    timeoutMs: timeout,
    deadlineMs: deadline,
    ...(propagationMs !== undefined && { propagationMs: TIMES.propagation }),
  };
}

/** Each channel posts the notification to the local receiver. Issues go to the stand-in of GitHub's API. */
function rehearsedAlert(alert: AlertManifest, control: string): AlertManifest {
  if (alert.kind === 'githubIssue') return alert;
  const { environments, name, on, secrets } = alert;
  return { name, on, secrets, ...(environments && { environments }), kind: 'command', command: callOf(`${control}/notification/${encodeURIComponent(name)}`) };
}

/** What differs from the waits in production, in one line. */
export function shorterWaits({ healthChecks, strategy }: EnvironmentManifest, { deadline, timeout }: Patience): string {
  const [check] = healthChecks;
  const waits = [
    `bake ${formatDuration(strategy.bakeMs, 'exact')} -> ${TIMES.bake} ms`,
    ...(check ? [`interval of checks ${formatDuration(check.intervalMs, 'exact')} -> ${TIMES.interval} ms`, `deadline ${formatDuration(check.deadlineMs, 'exact')} -> ${deadline / 1000} s`, `timeout ${formatDuration(check.timeoutMs, 'exact')} -> ${timeout / 1000} s`] : []),
    ...(strategy.weights?.length ? [`each weight -> ${TIMES.step} ms`] : []),
  ];
  return waits.join(', ');
}
