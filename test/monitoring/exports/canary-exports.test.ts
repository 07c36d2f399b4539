/** The canary of an environment as configuration for Argo Rollouts and Flagger: fixed thresholds, and what is lost. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { Project } from 'projen';
import { parse } from 'yaml';
import { ARGO_RESOURCES, FLAGGER_RESOURCES } from './canary-resources';
import { Analysis, CanaryOptions, CanaryStep, Duration, Metric, MonitorExport, NamedEnvironment, PrometheusMetricOptions, Strategy, Target, Trigger } from '../../../src';
import { typeOfQuery } from '../../../src/health-checks/promql/parser';
import { deliver, environment, plainProject, synthesize, warningsOf } from '../../test-project';

const BOTH = [MonitorExport.argoCanary(), MonitorExport.flagger()];
const FILES = ['monitoring/argo-canary/production.yml', 'monitoring/flagger/production.yml'] as const;
const SELECTORS = {
  requests: 'http_requests_total{job="shop", slot="{slot}"}',
  errors: 'http_requests_total{job="shop", slot="{slot}", code=~"5.."}',
  latencyBuckets: 'http_request_duration_seconds_bucket{job="shop", slot="{slot}"}',
};
const STEPS = [CanaryStep.weight(5, { atLeast: Duration.minutes(2) }), CanaryStep.weight(25)];

const prometheus = (options: Partial<PrometheusMetricOptions> = {}) => Metric.prometheus({ url: 'https://prometheus.example.com/base', canary: SELECTORS, ...options });

function canary(analysis: Analysis[], options: Partial<CanaryOptions> = {}): NamedEnvironment {
  return environment('production', { strategy: Strategy.canary({ steps: STEPS, candidateUrl: 'https://{slot}.example.com', analysis, ...options }) });
}

function project(environments: NamedEnvironment[], exports = BOTH): Project {
  const made = plainProject();
  deliver(made, { target: Target.commands({ deploy: './deploy', setWeight: './set-weight' }), environments, monitoring: { schedule: false, exports } });
  return made;
}

function exported(analysis: Analysis[], options: Partial<CanaryOptions> = {}, exports = BOTH) {
  const made = project([canary(analysis, options)], exports);
  const warnings = warningsOf(made).filter((text) => /Argo Rollouts|Flagger/.test(text));
  const [argo, flagger] = FILES.map((path) => readFileSync(join(made.outdir, path), 'utf8'));
  return { argo: argo!, flagger: flagger!, warnings };
}

/** What the tests read of a resource. */
interface Resource {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly provider?: { readonly secretRef: object };
    readonly service?: object;
    readonly targetRef?: { readonly name: string };
    readonly metrics: readonly { readonly name: string; readonly provider: { readonly prometheus: { readonly query: string } } }[];
    readonly query?: string;
    readonly args: readonly object[];
    readonly strategy: { readonly canary: { readonly steps: readonly object[] } };
    readonly analysis?: { readonly metrics: readonly { readonly thresholdRange: { readonly max: number } }[] };
  };
}

const itemsOf = (text: string) => (parse(text) as { items: Resource[] }).items;
const threshold = (text: string) => itemsOf(text).flatMap(({ spec }) => spec.analysis?.metrics ?? []).map(({ thresholdRange }) => thresholdRange.max);

const ERRORS = Analysis.errors(prometheus(), { expectedRequestsPerSecond: 100 });
const LATENCY = Analysis.latency(prometheus(), { quantile: 0.999 });

describe.each<[string, Analysis[], Partial<CanaryOptions>]>([
  ['errors', [ERRORS], {}],
  ['errors and a latency', [ERRORS, LATENCY], { maxDuration: Duration.minutes(15) }],
  ['a token, and sides of their own', [Analysis.errors(prometheus({
    canary: { requests: 'requests_total{track="canary"}', errors: 'errors_total{track="canary"}' },
    stable: { requests: 'requests_total{track="stable"}', errors: 'errors_total{track="stable"}' },
    secretRequestHeaders: { authorization: 'PROMETHEUS_TOKEN' },
    maxAge: Duration.millis(90_500),
  }))], {}],
])('of %s', (_, analysis, options) => {
  const { argo, flagger, warnings } = exported(analysis, options);

  it.each<[string, object, string, string[]]>([
    ['Argo Rollouts', ARGO_RESOURCES, argo, ['AnalysisTemplate', 'Rollout']],
    ['Flagger', FLAGGER_RESOURCES, flagger, [...analysis.map(() => 'MetricTemplate'), 'Canary']],
  ])('%s gets a list of resources that it knows', (__, schemas, text, kinds) => {
    const { apiVersion, kind, items } = parse(text);
    expect([apiVersion, kind, items.map((item: { kind: string }) => item.kind)]).toEqual(['v1', 'List', kinds]);
    for (const item of items) {
      const validate = new Ajv({ strict: false, validateFormats: false }).compile((schemas as Record<string, object>)[item.kind]!);
      validate(item);
      expect([item.kind, validate.errors]).toEqual([item.kind, null]);
    }
  });

  it('the queries are PromQL, and give one number', () => {
    const ofArgo = itemsOf(argo)[0]!.spec.metrics.map(({ provider }) => provider.prometheus.query);
    const queries = [...ofArgo, ...itemsOf(flagger).flatMap(({ spec }) => (spec.query ? [spec.query] : []))];
    expect(queries).toHaveLength(2 * analysis.length);
    for (const query of queries) expect([query, typeOfQuery(query).type]).toEqual([query, 'vector']);
  });

  it('no warning is necessary', () => {
    expect(warnings).toEqual([]);
  });
});

/** The increase of a counter over a window. */
const increase = (selector: string, window: string) => `sum(increase(${selector}[${window}]))`;
/** The rate of errors of the canary, less that of Stable. */
const difference = (errors: [string, string], requests: [string, string], window: string) => [0, 1]
  .map((i) => `(${increase(errors[i]!, window)} or vector(0)) / ${increase(requests[i]!, window)}`).join(' - ');

describe('the metrics of a canary', () => {
  const { argo, flagger } = exported([ERRORS, LATENCY], { maxDuration: Duration.minutes(15) });
  const slots = (metric: string, [one, other]: [string, string], more = ''): [string, string] => [
    `${metric}{job="shop",slot="${one}"${more}}`, `${metric}{job="shop",slot="${other}"${more}}`,
  ];
  const errors = (of: [string, string]) => difference(slots('http_requests_total', of, ',code=~"5.."'), slots('http_requests_total', of), '60s');
  const latency = (of: [string, string]) => slots('http_request_duration_seconds_bucket', of)
    .map((selector) => `histogram_quantile(0.999, sum by (le) (increase(${selector}[60s])))`).join(' / ');

  it('in Argo: one failed window may pass, and no data is waited for as long as the steps last', () => {
    const hashes: [string, string] = ['{{args.canary-hash}}', '{{args.stable-hash}}'];
    const metric = (name: string, limit: number, query: string) => ({
      name,
      initialDelay: '60s',
      interval: '60s',
      successCondition: `len(result) > 0 && !isNaN(result[0]) && result[0] <= ${limit}`,
      failureCondition: `len(result) > 0 && !isNaN(result[0]) && result[0] > ${limit}`,
      failureLimit: 1,
      inconclusiveLimit: 31,
      consecutiveErrorLimit: 31,
      provider: { prometheus: { address: 'https://prometheus.example.com/base', query, timeout: 5 } },
    });
    const [template, rollout] = itemsOf(argo);
    expect(template!.spec.metrics).toEqual([metric('errors', 0.0118, errors(hashes)), metric('latency-p99-9', 1.58, latency(hashes))]);
    expect(rollout!.spec).toMatchObject({
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'plain' },
      strategy: {
        canary: {
          analysis: {
            templates: [{ templateName: 'plain-production-canary' }],
            startingStep: 1,
            args: [
              { name: 'canary-hash', valueFrom: { podTemplateHashValue: 'Latest' } },
              { name: 'stable-hash', valueFrom: { podTemplateHashValue: 'Stable' } },
            ],
          },
        },
      },
    });
  });

  it('in Flagger: the canary has the name of the Deployment, and Stable that of its copy', () => {
    const deployments: [string, string] = ['{{ target }}', '{{ target }}-primary'];
    const [first, second, made] = itemsOf(flagger);
    expect([first!.spec.query, second!.spec.query]).toEqual([errors(deployments), latency(deployments)]);
    expect(made!.spec.targetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'plain' });
    expect(made!.spec.analysis).toMatchObject({
      metrics: [
        { name: 'errors', templateRef: { name: 'plain-production-errors' }, thresholdRange: { max: 0.0118 }, interval: '60s' },
        { name: 'latency-p99-9', templateRef: { name: 'plain-production-latency-p99-9' }, thresholdRange: { max: 1.58 }, interval: '60s' },
      ],
    });
  });

  it('with selectors of one\'s own are these, over windows as old as samples may be', () => {
    const metric = prometheus({
      canary: { requests: 'requests_total{track="canary"}', errors: 'errors_total{track="canary"}' },
      stable: { requests: 'requests_total{track="stable"}', errors: 'errors_total{track="stable"}' },
      secretRequestHeaders: { authorization: 'PROMETHEUS_TOKEN' },
      maxAge: Duration.millis(90_500),
    });
    const own = exported([Analysis.errors(metric)]);
    const query = difference(['errors_total{track="canary"}', 'errors_total{track="stable"}'], ['requests_total{track="canary"}', 'requests_total{track="stable"}'], '91s');
    const [template, rollout] = itemsOf(own.argo);
    expect(template!.spec.metrics[0]!.provider.prometheus).toMatchObject({ query, headers: [{ key: 'authorization', value: '{{args.PROMETHEUS_TOKEN}}' }] });
    // nothing tells the sides apart but the selectors
    expect(template!.spec.args).toEqual([{ name: 'PROMETHEUS_TOKEN', valueFrom: { secretKeyRef: { name: 'plain-monitoring', key: 'PROMETHEUS_TOKEN' } } }]);
    expect(rollout!.spec.strategy.canary).not.toHaveProperty('analysis.args');
    expect(itemsOf(own.flagger)[0]!.spec.query).toBe(query);
  });
});

it('the schemas reject what the controllers do not know', () => {
  const check = (schema: object, value: object) => new Ajv({ strict: false, validateFormats: false }).validate(schema, value);
  const [template] = itemsOf(exported([ERRORS]).argo);
  expect(check(ARGO_RESOURCES.AnalysisTemplate, template!)).toBe(true);
  expect(check(ARGO_RESOURCES.AnalysisTemplate, { ...template, spec: { ...template!.spec, threshold: 1 } })).toBe(false);
  const steps = itemsOf(exported([ERRORS]).flagger).at(-1)!;
  expect(check(FLAGGER_RESOURCES.Canary, { ...steps, spec: { ...steps.spec, analysis: { ...steps.spec.analysis, interval: '1h' } } })).toBe(false);
});

it('the threshold of the errors lies where a good and a bad release are equally likely, and follows what is expected', () => {
  // (0.05 - 0.0011) / ln(0.05 / 0.0011) - 0.001
  expect(threshold(exported([ERRORS]).flagger)).toEqual([0.0118]);
  expect(threshold(exported([Analysis.errors(prometheus())]).flagger)).toEqual([0.0118]);
  const strict = Analysis.errors(prometheus(), { expectedRequestsPerSecond: 1000, expectedErrorRate: 0.01, badErrorRate: 0.02, tolerance: 0 });
  expect(threshold(exported([strict]).flagger)).toEqual([0.00443]);
  expect(exported([strict]).argo).toContain('result[0] > 0.00443');
});

it('the threshold of a latency lies between what is tolerated and what is excluded', () => {
  expect(threshold(exported([Analysis.latency(prometheus(), { tolerance: 0.28, detect: 2 })]).flagger)).toEqual([1.6]);
});

it('Argo holds each step for its longest time, and Flagger for one interval', () => {
  const { argo, flagger } = exported([ERRORS], { maxDuration: Duration.minutes(15) });
  expect(itemsOf(argo)[1]!.spec.strategy.canary.steps).toEqual([{ setWeight: 5 }, { pause: { duration: '900s' } }, { setWeight: 25 }, { pause: { duration: '900s' } }]);
  expect(itemsOf(flagger).at(-1)!.spec.analysis).toMatchObject({ interval: '120s', stepWeights: [5, 25], maxWeight: 25, threshold: 1 });
});

it.each([FILES[0], FILES[1]])('%s says at its top what is lost', (path) => {
  const { argo, flagger } = exported([ERRORS]);
  const text = path === FILES[0] ? argo : flagger;
  expect(text).toMatch(/# What is lost in (Argo Rollouts|Flagger):\n/);
  for (const lost of ['alpha, missRate', 'block', 'maxDuration', 'healthChecks, candidateUrl, bake', 'steps', 'withoutVerdict', 'rollback']) {
    expect(text).toContain(`# - production, canary, ${lost}: `);
  }
  expect(text).toContain('# - production, errors, {slot}, {version}, {sha}: stand for ');
});

it('names and secrets in the cluster can be set', () => {
  const settings = { namespace: 'shop', workload: 'web', secret: 'probes' };
  const metric = prometheus({ secretRequestHeaders: { 'authorization': 'PROMETHEUS_TOKEN', 'x-tenant': 'TENANT' } });
  const exports = [MonitorExport.argoCanary(settings), MonitorExport.flagger({ ...settings, port: 8080 })];
  const { argo, flagger, warnings } = exported([Analysis.errors(metric)], {}, exports);
  expect(itemsOf(argo).map(({ metadata }) => metadata)).toEqual([{ name: 'plain-production-canary', namespace: 'shop' }, { name: 'web', namespace: 'shop' }]);
  expect(itemsOf(argo)[0]!.spec.args).toContainEqual({ name: 'TENANT', valueFrom: { secretKeyRef: { name: 'probes', key: 'TENANT' } } });
  const [template, made] = itemsOf(flagger);
  expect([template!.spec.provider?.secretRef, made!.spec.service, made!.spec.targetRef?.name]).toEqual([{ name: 'probes' }, { port: 8080 }, 'web']);
  expect(warnings).toEqual([expect.stringContaining('Flagger does not support all conditions of the canary on \'production\' (errors): secretRequestHeaders x-tenant (it is not sent')]);
});

it('two sources of errors are two metrics with names of their own', () => {
  const other = Analysis.errors(prometheus({ url: 'https://other.example.com' }));
  const { argo, flagger } = exported([ERRORS, other]);
  expect(itemsOf(argo)[0]!.spec.metrics.map(({ name }) => name)).toEqual(['errors', 'errors-2']);
  expect(itemsOf(flagger).map(({ metadata }) => metadata.name)).toEqual(['plain-production-errors', 'plain-production-errors-2', 'plain']);
});

it('an analysis that the cluster cannot measure is left out with a warning', () => {
  const { argo, warnings } = exported([ERRORS, Analysis.errors(Metric.command('./print-counters')), Analysis.errors(Metric.haproxy({ url: 'https://haproxy.example.com/stats', backend: 'shop' }))]);
  expect(itemsOf(argo)[0]!.spec.metrics).toHaveLength(1);
  expect(warnings).toContainEqual(expect.stringContaining('Argo Rollouts does not support all conditions of the canary on \'production\' (errors): Metric.command (a controller in the cluster'));
  expect(warnings.join()).toContain('Metric.haproxy (it cannot be read from there. Scrape HAProxy with Prometheus');
});

it('only environments with a canary are exported, and an export without any is rejected', () => {
  const staging = environment('staging', { trigger: Trigger.tag('v*') });
  const both = project([staging, canary([ERRORS])]);
  expect(warningsOf(both).filter((text) => /gets no canary/.test(text))).toEqual([]);
  expect(existsSync(join(both.outdir, 'monitoring/flagger/staging.yml'))).toBe(false);
  const named = project([staging, canary([ERRORS])], [MonitorExport.flagger({ environments: ['staging', 'production'] })]);
  expect(warningsOf(named)).toContainEqual(expect.stringContaining('Flagger gets no canary of \'staging\': its strategy is \'redeploy\', which is not a canary'));

  const rejected = (environments: NamedEnvironment[]) => () => synthesize(project(environments, [MonitorExport.argoCanary()]));
  expect(rejected([staging])).toThrow('MonitorExport.argoCanary environments: no environment has a canary. Its configuration would be empty. Remove the export');
  expect(rejected([canary([Analysis.errors(Metric.command('./print-counters'))])])).toThrow('Argo Rollouts gets no canary of \'production\': it supports none of its analyses');
  const bare = environment('production', { strategy: Strategy.canary({ steps: STEPS, candidateUrl: 'https://{slot}.example.com' }) });
  expect(rejected([bare])).toThrow('Argo Rollouts gets no canary of \'production\': its canary has no analysis');
});

it.each<[string, () => unknown, string]>([
  ['a Deployment in capitals', () => MonitorExport.argoCanary({ workload: 'Shop' }), 'MonitorExport.argoCanary workload: \'Shop\' is not a name in Kubernetes. Use lower case letters, digits and dashes, 63 at most'],
  ['a namespace of two labels', () => MonitorExport.flagger({ namespace: 'a.b' }), 'MonitorExport.flagger namespace: \'a.b\' is not a name in Kubernetes'],
  ['a secret that is none', () => MonitorExport.flagger({ secret: 'a_b' }), 'MonitorExport.flagger secret: \'a_b\' is not a name in Kubernetes'],
  ['a port that is none', () => MonitorExport.flagger({ port: 0 }), 'MonitorExport.flagger port: 0 is out of range. Set a whole number from 1 to 65535'],
  ['options that are none', () => MonitorExport.argoCanary(null as never), 'MonitorExport.argoCanary options: null is not a set of options'],
])('rejects %s', (_, act, message) => {
  expect(act).toThrow(message);
});
