import { Draw } from './draw';
import {
  DnsRecordType, Duration, HealthCheck, HealthCheckOptions, HealthCheckUse, HttpHealthCheckOptions, InsufficientData, PrometheusCondition,
  ReleaseIdentity,
} from '../../src';

export interface ChecksOptions {
  /** Where the service is. */
  readonly host: string;
  /** Whether a schedule watches the environment. */
  readonly isWatched: boolean;
  /** Whether there is an environment that holds the secrets of probes. */
  readonly hasSecrets: boolean;
  /** Whether the jobs that probe can read alarms: they are signed in to AWS, or a runner has credentials of its own. */
  readonly readsAlarms: boolean;
}

/** Every deployment probes the first one, on a candidate, too. */
export function drawChecks(draw: Draw, options: ChecksOptions): HealthCheck[] {
  const kinds = draw.random.shuffled(KINDS).slice(0, draw.random.below(4));
  draw.note(`checks: http ${kinds.map(([name]) => name).join(' ')}`);
  const more = kinds.flatMap(([name, make]) => make(draw, options, { ...times(draw), name }) ?? []);
  return [HealthCheck.http(`https://${options.host}/health`, http(draw, options, { name: 'health' })), ...more];
}

type Make = (draw: Draw, options: ChecksOptions, common: HealthCheckOptions) => HealthCheck | undefined;

const KINDS: readonly (readonly [string, Make])[] = [
  ['search', (draw, options, common) => HealthCheck.http(`https://${options.host}/search?q=a%20b`, http(draw, options, { ...common, ...used(draw, options) }))],
  ['tcp', (draw, { host }, common) => HealthCheck.tcp(`${host}:5432`, {
    ...common, ...draw.maybe(0.3, () => ({ send: 'PING\r\n', expect: '^\\+PONG' })), ...draw.maybe(0.3, () => ({ candidate: '{slot}.internal.example.com:5432' })),
  })],
  ['command', (draw, options, common) => HealthCheck.command('curl --fail "$DELIVERY_URL/ok" && ./smoke-test.sh', {
    ...common, ...used(draw, options), ...draw.maybe(0.3, () => ({ output: '^ok$' })), ...(options.hasSecrets ? draw.maybe(0.4, () => ({ secrets: ['SMOKE_TOKEN'] })) : {}),
  })],
  ['task', (draw, options, common) => HealthCheck.task('restore', { ...common, ...used(draw, options) })],
  ['prometheus', (draw, options, common) => HealthCheck.prometheus('https://prometheus.example.com', 'sum(rate(http_requests_total{code="500"}[5m]))', draw.oneOf([
    PrometheusCondition.below(1), PrometheusCondition.atMost(0.5), PrometheusCondition.above(0), PrometheusCondition.atLeast(-1),
  ]), { ...common, ...used(draw, options), ...(options.hasSecrets ? draw.maybe(0.3, () => ({ secretRequestHeaders: { authorization: 'PROMETHEUS_TOKEN' } })) : {}) })],
  ['dns', (draw, { host }, common) => HealthCheck.dns(host, { ...common, ...draw.maybe(0.4, () => ({ type: DnsRecordType.CNAME, records: ['lb.example.com'] })) })],
  ['certificate', (_, { host, isWatched }, common) => (isWatched ? HealthCheck.certificate(host, common) : undefined)],
  ['alarm', (draw, options, common) => (options.readsAlarms ? HealthCheck.cloudWatchAlarm(draw.oneOf(['shop-errors', 'Shop errors (5xx)', 'a/b:c']), {
    name: common.name,
    ...used(draw, options),
    ...draw.maybe(0.3, () => ({ region: 'us-east-1' })),
    ...draw.maybe(0.3, () => ({ insufficientData: draw.oneOf(Object.values(InsufficientData)) })),
    ...draw.maybe(0.3, () => ({ recovery: Duration.minutes(2) })),
    ...draw.maybe(0.2, () => ({ createdByDeployment: true })),
  }) : undefined)],
  ['group', (draw, { host }, common) => HealthCheck[draw.oneOf(['allOf', 'anyOf'] as const)](
    [HealthCheck.http(`https://${host}/one`), HealthCheck.http(`https://${host}/two`, { release: ReleaseIdentity.header('x-release') })],
    { name: common.name, ...draw.maybe(0.3, () => ({ interval: Duration.seconds(5) })) },
  )],
];

function used(draw: Draw, { isWatched }: ChecksOptions): HealthCheckOptions {
  return draw.maybe(0.3, () => ({ use: isWatched ? draw.oneOf(Object.values(HealthCheckUse)) : HealthCheckUse.GATE }));
}

function times(draw: Draw): HealthCheckOptions {
  return {
    ...draw.maybe(0.3, () => ({ interval: Duration.seconds(draw.oneOf([1, 3, 10])), timeout: Duration.seconds(draw.oneOf([1, 5, 20])) })),
    ...draw.maybe(0.2, () => ({ successThreshold: 2, failureThreshold: 5, deadline: Duration.minutes(3) })),
  };
}

function http(draw: Draw, { hasSecrets }: ChecksOptions, common: HealthCheckOptions): HttpHealthCheckOptions {
  return {
    ...common,
    ...draw.maybe(0.7, () => ({ release: draw.chance(0.7) ? ReleaseIdentity.json('build.version') : ReleaseIdentity.header('x-release', { propagation: Duration.seconds(20) }) })),
    ...draw.maybe(0.2, () => ({ status: [200, 204] })),
    ...draw.maybe(0.1, () => ({ statusRanges: [{ first: 200, last: 399 }], maxRedirects: 0 })),
    ...draw.maybe(0.2, () => ({ bodyPattern: 'it\'s "up"|fine' })),
    ...draw.maybe(0.2, () => ({ json: [{ path: 'checks.database', value: draw.oneOf(['ok', 1, true]) }] })),
    ...draw.maybe(0.1, () => ({ headers: [{ name: 'x-powered-by', pattern: '^$' }] })),
    ...draw.maybe(0.1, () => ({ maxLatency: Duration.seconds(0.5), certificateExpiry: Duration.days(7) })),
    ...draw.maybe(0.2, () => ({ requestHeaders: { 'accept': 'application/json', 'x-note': '${HOME} `id` $(id) \'"' } })),
    ...(hasSecrets ? draw.maybe(0.5, () => ({ secretRequestHeaders: { authorization: 'PROBE_TOKEN' } })) : {}),
    ...draw.maybe(0.1, () => ({ useProxy: draw.chance(0.5) })),
  };
}
