import { existsSync, readFileSync, writeFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { Project } from 'projen';
import { parse, stringify } from 'yaml';
import { QUERIES, UNKNOWN } from './queries';
import {
  Delivery, Duration, HealthCheck, HealthCheckUse, HttpHealthCheckOptions, MonitorExport, MonitoringOptions, PrometheusCondition,
  ReleaseIdentity, Trigger,
} from '../../../src';
import { typeOfQuery } from '../../../src/health-checks/promql/parser';
import { deliver, environment, plainProject, synthesize, temporaryFolder, typescriptProject, warningsOf } from '../../test-project';

const ALL = [MonitorExport.gatus({ alerts: ['slack', 'pagerduty'] }), MonitorExport.blackbox(), MonitorExport.argoAnalysis()];
const FILES = ['monitoring/gatus.yml', 'monitoring/blackbox.yml', 'monitoring/prometheus-scrape.yml', 'monitoring/prometheus-rules.yml', 'monitoring/argo-analysis/staging.yml'];

/** Everything that an HTTP check may say. */
const EVERYTHING: HttpHealthCheckOptions = {
  name: 'api',
  timeout: Duration.seconds(3),
  status: [200, 204],
  bodyPattern: '^\\{"version"',
  json: [{ path: 'checks.database', value: 'ok' }, { path: 'nodes.0.id', value: 7 }],
  headers: [{ name: 'content-type', pattern: '^application/json' }],
  maxLatency: Duration.seconds(0.8),
  certificateExpiry: Duration.days(14),
  requestHeaders: { 'x-probe': 'delivery' },
  secretRequestHeaders: { 'x-api-key': 'API_KEY' },
  maxRedirects: 0,
  release: ReleaseIdentity.json('version'),
};

const api = (options: HttpHealthCheckOptions) => HealthCheck.http('https://api.example.com/health', options);
const withChecks = (...healthChecks: HealthCheck[]) => [environment('staging', { healthChecks, monitorEnvironment: 'staging-monitor' })];

/** What is exported of one environment. */
function exported(healthChecks: HealthCheck[], exports = ALL, rest: Partial<MonitoringOptions> = {}): Project {
  const project = plainProject();
  deliver(project, { environments: withChecks(...healthChecks), monitoring: { exports, ...rest } });
  return project;
}

function read(project: Project, path: string): string {
  return readFileSync(join(project.outdir, path), 'utf8');
}

describe('everything that an HTTP check may say', () => {
  const project = exported([api(EVERYTHING)]);
  const warnings = warningsOf(project);

  const parsed = (path: string) => parse(read(project, path));
  const alert = (type: string) => ({
    type,
    'description': 'plain staging: api is not healthy. Users are at https://staging.example.com',
    'failure-threshold': 3,
    'success-threshold': 2,
    'send-on-resolved': true,
  });

  it('Gatus has one endpoint, which alerts each provider after as many failures as the watch', () => {
    expect(parsed(FILES[0]).endpoints).toEqual([{
      name: 'api',
      group: 'plain staging',
      url: 'https://api.example.com/health',
      interval: '10s',
      headers: { 'x-probe': 'delivery', 'x-api-key': '${API_KEY}\n$*' },
      client: { 'timeout': '3s', 'ignore-redirect': true },
      conditions: [
        '[STATUS] == any(200, 204)', '[RESPONSE_TIME] <= 800', '[CERTIFICATE_EXPIRATION] > 336h', '[BODY] == pat({"version"*)',
        '[BODY].checks.database == ok', '[BODY].nodes[0].id == 7', 'has([BODY].version) == true',
      ],
      alerts: [alert('slack'), alert('pagerduty')],
    }]);
  });

  it('the exporter has one module', () => {
    expect(parsed(FILES[1]).modules).toEqual({
      plain_staging_api: {
        prober: 'http',
        timeout: '3s',
        http: {
          valid_status_codes: [200, 204],
          preferred_ip_protocol: 'ip4',
          follow_redirects: false,
          headers: { 'x-probe': 'delivery' },
          http_headers: { 'x-api-key': { files: ['/etc/blackbox_exporter/secrets/API_KEY'] } },
          fail_if_body_not_matches_regexp: ['^\\{"version"'],
          fail_if_body_json_not_matches_cel: 'body.checks.database == "ok" && body.nodes[0].id == 7.0 && body.version != null && body.version != ""',
          fail_if_header_not_matches: [{ header: 'content-type', regexp: '^application/json', allow_missing: false }],
        },
      },
    });
  });

  it('Prometheus lets the exporter probe, and labels what it finds', () => {
    expect(parsed(FILES[2]).scrape_configs).toEqual([{
      job_name: 'plain-health-checks',
      metrics_path: '/probe',
      scrape_interval: '10s',
      scrape_timeout: '10s',
      static_configs: [{
        targets: ['https://api.example.com/health'],
        labels: { project: 'plain', environment: 'staging', check: 'api', __param_module: 'plain_staging_api' },
      }],
      relabel_configs: [
        { source_labels: ['__address__'], target_label: '__param_target' },
        { source_labels: ['__param_target'], target_label: 'instance' },
        { target_label: '__address__', replacement: 'localhost:9115' },
      ],
    }]);
  });

  it('Prometheus alerts where the check fails, and where the exporter does not respond', () => {
    const labels = '{project="plain", environment="staging", check="api"}';
    const [{ name, interval, rules }] = parsed(FILES[3]).groups;
    expect([name, interval]).toEqual(['plain-health-checks', '10s']);
    expect(rules).toEqual([
      {
        alert: 'HealthCheckFailing',
        expr: `probe_success${labels} == 0 or probe_duration_seconds${labels} > 0.8 or probe_ssl_last_chain_expiry_timestamp_seconds${labels} - time() <= 1209600`,
        for: '20s',
        keep_firing_for: '10s',
        labels: { project: 'plain', environment: 'staging', check: 'api', severity: 'critical' },
        annotations: {
          summary: '{{ $labels.check }} of {{ $labels.project }} on {{ $labels.environment }} is not healthy',
          description: '{{ $labels.instance }} did not pass the health check 3 consecutive times. Users are at https://staging.example.com',
        },
      },
      {
        alert: 'HealthCheckBlind',
        expr: 'max by (job) (up{job="plain-health-checks"}) == 0 or absent(up{job="plain-health-checks"})',
        for: '30s',
        labels: { project: 'plain', severity: 'critical' },
        annotations: expect.objectContaining({ summary: 'The health checks of plain do not run' }) as unknown,
      },
    ]);
  });

  it('Argo measures as often as a deployment probes, and knows the release by its version or commit', () => {
    const { metadata, spec: { args, metrics: [metric, ...others] } } = parsed(FILES[4]);
    expect([metadata, others]).toEqual([{ name: 'plain-staging-health' }, []]);
    expect(args).toEqual([{ name: 'version' }, { name: 'sha', value: '' }, { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'plain-monitoring', key: 'API_KEY' } } }]);
    const { successCondition, ...rest } = metric as { readonly successCondition: string };
    expect(rest).toEqual({
      name: 'api',
      interval: '2s',
      count: 60,
      failureLimit: 2,
      consecutiveErrorLimit: 2,
      consecutiveSuccessLimit: 3,
      provider: {
        web: {
          url: 'https://api.example.com/health',
          timeoutSeconds: 3,
          headers: [{ key: 'x-probe', value: 'delivery' }, { key: 'x-api-key', value: '{{args.API_KEY}}' }],
        },
      },
    });
    const version = '"{{args.version}}"';
    expect(successCondition).toBe('let found = get(result, "version"); let said = type(found) == "string" ? trim(found) : toJSON(found); '
      + 'get(get(result, "checks"), "database") == "ok" && get(get(get(result, "nodes"), 0), "id") == 7 && '
      + `(said == ${version} || "v" + said == ${version} || said == "v" + ${version} || said matches "^[0-9a-fA-F]{7,40}$" && hasPrefix(lower("{{args.sha}}"), lower(said)))`);
  });

  it('is warned about, where an engine has no equal', () => {
    const lost = (engine: string, ...reasons: string[]) => `projen-delivery: ${engine} does not support all conditions of the health check 'api' of 'staging': ${reasons.join('; ')}`;
    expect(warnings.slice(1)).toEqual([
      lost('Gatus', 'release version (Gatus does not know which release is live; the response only has to name one)', 'headers content-type (Gatus has no conditions on response headers)'),
      lost('the blackbox exporter', 'release version (the exporter does not know which release is live: the old one passes for the new one)'),
      lost('Argo Rollouts', 'status 200, 204 (Argo accepts exactly 200 to 299)', 'bodyPattern \'^\\\\{"version"\' (Argo does not keep the text of a JSON body: the pattern is ignored)',
        'headers content-type (Argo does not read response headers)', 'maxLatency 800ms (Argo supports whole seconds only)',
        'certificateExpiry (Argo only checks that the certificate is valid now)', 'maxRedirects 0 (Argo follows up to 10 redirects)'),
    ]);
  });

  it.each([
    ['monitoring/gatus.yml', 'headers content-type: Gatus has no conditions on response headers'],
    ['monitoring/gatus.yml', 'release version: Gatus does not know which release is live'],
    ['monitoring/blackbox.yml', 'release version: the exporter does not know which release is live'],
    ['monitoring/blackbox.yml', 'certificateExpiry: the whole chain up to a trusted authority counts'],
    ['monitoring/argo-analysis/staging.yml', 'headers content-type: Argo does not read response headers'],
    ['monitoring/argo-analysis/staging.yml', 'maxLatency 800ms: Argo supports whole seconds only'],
  ])('%s says in a comment: %s', (path, text) => {
    expect(read(project, path)).toContain(`# - staging, api, ${text}`);
  });

  it('needs a secret\'s value nowhere', () => {
    expect(read(project, 'monitoring/gatus.yml')).toMatch(/x-api-key: \|-\n +\$\{API_KEY\}\n/);
    expect(parse(read(project, 'monitoring/blackbox.yml')).modules.plain_staging_api.http.http_headers).toEqual({ 'x-api-key': { files: ['/etc/blackbox_exporter/secrets/API_KEY'] } });
    expect(parse(read(project, 'monitoring/argo-analysis/staging.yml')).spec.args).toContainEqual({ name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'plain-monitoring', key: 'API_KEY' } } });
  });
});

/** Of each option, what each engine makes of it: a part of its file; or, in brackets, of the reason in a warning and a comment. */
const OPTIONS: Record<string, [options: HttpHealthCheckOptions, gatus: string, blackbox: string, argo: string]> = {
  'status': [{ status: [204] }, '[STATUS] == 204', '- 204', '(Argo accepts exactly 200 to 299'],
  'several statuses': [{ status: [200, 204] }, '[STATUS] == any(200, 204)', '- 204', '(Argo accepts exactly 200 to 299'],
  'statusRanges': [{ statusRanges: [{ first: 200, last: 301 }] }, '[STATUS] <= 301', '- 301', '(Argo accepts exactly 200 to 299'],
  'bodyPattern': [{ bodyPattern: 'up' }, 'pat(*up*)', 'fail_if_body_not_matches_regexp', 'matches'],
  'json': [{ json: [{ path: 'a.b', value: 'c' }] }, '[BODY].a.b == c', 'body.a.b == "c"', 'get(get(result, "a"), "b") == "c"'],
  'json that Gatus would evaluate': [{ json: [{ path: 'a', value: 'pat(*)' }] }, '(Gatus cannot compare with the text', 'body.a == "pat(*)"', 'pat(*)'],
  'json with a key that Gatus would split': [{ json: [{ path: 'a b', value: 'c' }] }, '(Gatus cannot name this path)', 'body["a b"]', 'get(result, "a b")'],
  'headers': [{ headers: [{ name: 'x-a', pattern: '^b' }] }, '(Gatus has no conditions on response headers', 'header: x-a', '(Argo does not read response headers'],
  'maxLatency': [{ maxLatency: Duration.seconds(2) }, '[RESPONSE_TIME] <= 2000', 'probe_duration_seconds', 'timeoutSeconds: 2'],
  'certificateExpiry': [{ certificateExpiry: Duration.days(14) }, '[CERTIFICATE_EXPIRATION] > 336h', 'time() <= 1209600', '(Argo only checks that the certificate is valid now)'],
  'timeout': [{ timeout: Duration.seconds(4) }, 'timeout: "4s"', 'timeout: "4s"', 'timeoutSeconds: 4'],
  'requestHeaders': [{ requestHeaders: { 'x-a': 'b' } }, 'x-a: b', 'x-a: b', 'key: x-a'],
  'requestHeaders with braces': [{ requestHeaders: { 'x-a': '{{b}}' } }, 'x-a: "{{b}}"', 'x-a: "{{b}}"', '(it is not sent: Argo would replace the braces'],
  'secretRequestHeaders': [{ secretRequestHeaders: { 'x-a': 'B' } }, '${B}', '/secrets/B', '{{args.B}}'],
  'the secret header authorization': [{ secretRequestHeaders: { Authorization: 'B' } }, '${B}', '(the exporter always writes \'Bearer \' before', '{{args.B}}'],
  'a secret header that Prometheus keeps for itself': [{ secretRequestHeaders: { 'user-agent': 'B' } }, '${B}', '(it is not sent', '{{args.B}}'],
  'maxRedirects 0': [{ maxRedirects: 0 }, 'ignore-redirect: true', 'follow_redirects: false', '(Argo follows up to 10 redirects)'],
  'maxRedirects 1': [{ maxRedirects: 1 }, '(Gatus follows as many', '(the exporter follows up to 10', '(Argo follows up to 10 redirects)'],
  'a release in JSON': [{ release: ReleaseIdentity.json('v') }, '(Gatus does not know which release', '(the exporter does not know which release', '{{args.version}}'],
  'a release in a header': [{ release: ReleaseIdentity.header('x-v') }, '(Gatus does not know which release', '(the exporter does not know which release', '(Argo does not read response headers'],
};

describe.each(Object.entries(OPTIONS))('%s', (_, [options, ...found]) => {
  it.each([['gatus', 0], ['blackbox', 1], ['argo-analysis', 2]] as const)('is not dropped in silence: %s', (__, i) => {
    const project = exported([api(options)], [ALL[i]]);
    const warnings = warningsOf(project).join('\n');
    const files = FILES.filter((path) => existsSync(join(project.outdir, path))).map((path) => read(project, path)).join('\n');
    const [comments, configuration] = [files.replace(/^[^#].*$/gm, ''), files.replace(/^#.*$/gm, '')];
    const isLost = found[i].startsWith('(');
    expect(isLost ? warnings : configuration.replaceAll('\\"', '"')).toContain(found[i]);
    if (isLost) expect(comments).toContain(found[i].replace(/[()]/g, ''));
  });
});

describe('what is no HTTP check', () => {
  const [gatus, prometheus, argo] = ALL;
  const query = HealthCheck.prometheus('https://prometheus.example.com', 'error_rate', PrometheusCondition.below(0.01), { name: 'errors' });

  it.each<[string, HealthCheck, MonitorExport, string, unknown]>([
    ['tcp', HealthCheck.tcp('db.example.com:5432'), gatus, 'gatus', { url: 'tcp://db.example.com:5432', conditions: ['[CONNECTED] == true'] }],
    ['tcp that talks', HealthCheck.tcp('c.example.com:6379', { send: 'PING\r\n', expect: 'PONG' }), gatus, 'gatus', { body: 'PING\r\n', conditions: ['[CONNECTED] == true', '[BODY] == pat(*PONG*)'] }],
    ['certificate', HealthCheck.certificate('www.example.com'), gatus, 'gatus', { url: 'tls://www.example.com:443', conditions: ['[CONNECTED] == true', '[CERTIFICATE_EXPIRATION] > 336h'] }],
    ['dns', HealthCheck.dns('www.example.com', { resolver: '192.0.2.53', records: ['192.0.2.1'] }), gatus, 'gatus',
      { url: '192.0.2.53:53', dns: { 'query-type': 'A', 'query-name': 'www.example.com' }, conditions: ['[DNS_RCODE] == NOERROR', 'has([BODY]) == true', '[BODY] == 192.0.2.1'] }],
    ['tcp', HealthCheck.tcp('db.example.com:5432'), prometheus, 'blackbox', { prober: 'tcp', tcp: { preferred_ip_protocol: 'ip4' } }],
    ['tcp that talks', HealthCheck.tcp('c.example.com:6379', { send: 'PING\r\n', expect: 'PONG' }), prometheus, 'blackbox', { tcp: { query_response: [{ send: 'PING\r' }, { expect: 'PONG' }] } }],
    ['certificate', HealthCheck.certificate('www.example.com'), prometheus, 'blackbox', { prober: 'tcp', tcp: { tls: true } }],
    ['dns', HealthCheck.dns('www.example.com', { resolver: '192.0.2.53', records: ['192.0.2.1'] }), prometheus, 'blackbox',
      { prober: 'dns', dns: { query_name: 'www.example.com', query_type: 'A', validate_answer_rrs: { fail_if_none_matches_regexp: ['\\tIN\\tA\\t(?i:192\\.0\\.2\\.1)\\.?$'] } } }],
    ['prometheus', query, prometheus, 'prometheus-rules', { alert: 'HealthCheckFailing', expr: 'count((error_rate\n) >= 0.01) > 0' }],
    ['prometheus', query, argo, 'argo-analysis/staging', {
      successCondition: 'any(result, !isNaN(#)) && all(result, isNaN(#) || # < 0.01)',
      failureCondition: 'any(result, !isNaN(#) && !(# < 0.01))',
      provider: { prometheus: { address: 'https://prometheus.example.com', query: 'error_rate', timeout: 5 } },
    }],
  ])('%s is there: %#', (_, check, engine, file, part) => {
    // one that all can look at, so that no file is empty
    const project = exported([api({}), check], [engine]);
    synthesize(project);
    const document = parse(read(project, `monitoring/${file}.yml`));
    const modules = document.modules && Object.values(document.modules);
    const all: unknown[] = document.endpoints ?? modules ?? document.groups?.[0].rules ?? document.spec.metrics;
    expect(all).toContainEqual(expect.objectContaining(deep(part)));
  });

  it.each<[string, HealthCheck, number[]]>([
    ['command', HealthCheck.command('./smoke.sh', { name: 'it' }), [0, 1, 2]],
    ['dns', HealthCheck.dns('www.example.com', { name: 'it' }), [0, 1, 2]],
    ['prometheus', HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0), { name: 'it' }), [0]],
    ['cloudWatchAlarm', HealthCheck.cloudWatchAlarm('errors', { name: 'it' }), [0, 1, 2]],
    ['anyOf', HealthCheck.anyOf([api({ name: 'a' }), api({ name: 'b' })], { name: 'it' }), [0, 1, 2]],
    ['tcp', HealthCheck.tcp('db.example.com:5432', { name: 'it' }), [2]],
    ['certificate', HealthCheck.certificate('www.example.com', { name: 'it', use: HealthCheckUse.BOTH }), [2]],
  ])('%s is left out where it cannot be, with a warning', (kind, check, engines) => {
    for (const i of [0, 1, 2]) {
      const warnings = warningsOf(exported([api({}), check], [ALL[i]])).filter((text) => text.includes('the whole check is left out'));
      expect(warnings).toEqual(engines.includes(i) ? [expect.stringContaining(`the health check 'it' of 'staging': ${kind} (`)] : []);
    }
  });

  it('a group that demands all is each of its checks, as patient as the group', () => {
    const group = HealthCheck.allOf([api({ name: 'a' }), query], { name: 'both', interval: Duration.seconds(7), failureThreshold: 5 });
    const project = exported([group], [argo, prometheus]);
    synthesize(project);
    expect(parse(read(project, FILES[4])).spec.metrics).toMatchObject([{ name: 'both: a', interval: '7s', failureLimit: 4 }, { name: 'both: errors', interval: '7s' }]);
    expect(read(project, FILES[1])).toContain('# - staging, both: a, allOf: each check of the group counts and alerts for itself');
    expect(parse(read(project, FILES[3])).groups[0].rules.map((rule: { labels: object }) => rule.labels)).toMatchObject([{ check: 'both: a' }, { check: 'both: errors' }, {}]);
  });
});

describe('a secret of Gatus', () => {
  const project = exported([api({ secretRequestHeaders: { authorization: 'TOKEN', on: 'OTHER' } })], [MonitorExport.gatus({ alerts: ['slack'] })]);
  synthesize(project);
  const text = read(project, FILES[0]);
  // Gatus does this to the text of the file, before it reads it as YAML; and makes one text of several files before that
  const headersIn = (yaml: string, env: Record<string, string>) => {
    const expanded = yaml.replaceAll('$$', '\x00').replace(/\$(?:\{(\w+)\}|(\w+|\*))/g, (_, one: string, other: string) => env[one ?? other] ?? '').replaceAll('\x00', '$');
    return (parse(expanded) as { endpoints: { headers: Record<string, string> }[] }).endpoints[0].headers;
  };
  const headersWith = (env: Record<string, string>) => {
    const [alone, merged] = [text, stringify(parse(text))].map((yaml) => headersIn(yaml, env));
    expect(merged).toEqual(alone);
    return alone;
  };

  it.each([
    'plain', 'Bearer "quoted"', 'a\\b\\n', "it's", '# none', 'a: b', '- a', '{a}', '[b', '*c', '&d', '!e', '|', '>-', '%f', '@g', '`h`', '$HOME ${HOME} $$', 'null', '007', '"',
  ])('may be %j', (value) => {
    expect(headersWith({ TOKEN: value, OTHER: 'x' })).toEqual({ authorization: value, on: 'x' });
  });

  it('may end in line ends, and may be missing', () => {
    expect(headersWith({ TOKEN: 'a"b\n', OTHER: 'c\r\n\n' })).toEqual({ authorization: 'a"b', on: 'c' });
    expect(headersWith({ OTHER: 'x' })).toEqual({ authorization: '', on: 'x' });
    // a header has no space around it
    expect(headersWith({ TOKEN: ' a\t', OTHER: 'x' }).authorization.trim()).toBe('a');
  });
});

describe('a query', () => {
  const [, prometheus, argo] = ALL;
  const check = (text: string, name?: string) => HealthCheck.prometheus('https://p.example.com', text, PrometheusCondition.below(1), { name });

  it.each(QUERIES)('%s is %s', (text, type) => {
    expect(typeOfQuery(text).type).toBe(type);
  });

  it('that only Prometheus can parse is used at run time, and not exported, because it could break the other rules', () => {
    expect(UNKNOWN.map((text) => [text, typeOfQuery(text).type])).toEqual(UNKNOWN.map((text) => [text, 'unknown']));
    const project = exported([api({}), ...UNKNOWN.map((text, i) => check(text, `it ${i}`))], [prometheus]);
    const warnings = warningsOf(project);
    for (const i of UNKNOWN.keys()) expect(warnings).toContainEqual(expect.stringMatching(new RegExp(`the health check 'it ${i}' of 'staging': prometheus \\(.*every rule of a file`)));
    expect(read(project, FILES[3])).not.toMatch(/check: it \d/);
  });

  it.each(QUERIES.filter(([, type]) => !['scalar', 'vector'].includes(type)))('%s (%s) is rejected at synthesis, with the fix', (text) => {
    expect(() => check(text)).toThrow(/^HealthCheck\.prometheus\('https:\/\/p\.example\.com'\) query: .+\. .+/);
  });

  it('that is a scalar is a vector in rules and in Argo, where one is demanded; the watch takes it as it is', () => {
    const project = exported([api({}), check('time() - scalar(x) # now', 'it')], [prometheus, argo]);
    synthesize(project);
    expect(parse(read(project, FILES[3])).groups[0].rules).toContainEqual(expect.objectContaining({ expr: 'count((vector(time() - scalar(x) # now\n)\n) >= 1) > 0' }));
    expect(parse(read(project, FILES[4])).spec.metrics[1].provider.prometheus.query).toBe('vector(time() - scalar(x) # now\n)');
    expect(read(project, '.projen/delivery.json')).toContain('"query": "time() - scalar(x) # now"');
  });
});

describe('an AnalysisTemplate', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(readFileSync(join(__dirname, 'analysis-template.schema.json'), 'utf8')) as object);

  it.each(Object.entries(OPTIONS))('conforms to Argo\'s schema: %s', (_, [options]) => {
    const project = exported([api(options)], [MonitorExport.argoAnalysis({ namespace: 'shop', secret: 'probes' })]);
    synthesize(project);
    validate(parse(read(project, FILES[4])));
    expect(validate.errors).toBeNull();
  });

  it('rejects what Argo does not know', () => {
    expect(validate({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisTemplate', metadata: { name: 'a' }, spec: { metrics: [{ name: 'a', provider: { web: { url: 'u', wrong: 1 } } }] } })).toBe(false);
  });

  it('leaves out a check that Argo would take for an error', () => {
    expect(warningsOf(exported([api({ name: 'teapot', status: [418] }), api({})], [MonitorExport.argoAnalysis()])))
      .toContainEqual(expect.stringContaining('status 418 (Argo treats every response other than 2xx as an error; the whole check is left out)'));
  });

  it('has room for every failure that it forgives, as Argo demands', () => {
    const project = exported([api({ failureThreshold: 100, deadline: Duration.seconds(10) })]);
    synthesize(project);
    const [metric] = parse(read(project, FILES[4])).spec.metrics;
    expect(metric).toMatchObject({ count: 102, failureLimit: 99, consecutiveSuccessLimit: 3, consecutiveErrorLimit: 99 });
  });
});

describe('times and thresholds', () => {
  it('are those of the watch', () => {
    const project = exported([api({})], [MonitorExport.gatus({ alerts: ['slack'], interval: Duration.seconds(20) }), MonitorExport.blackbox({ interval: Duration.seconds(20) })],
      { firesAfter: 4, resolvesAfter: 1 });
    synthesize(project);
    expect(parse(read(project, FILES[0])).endpoints[0]).toMatchObject({ interval: '20s', alerts: [{ 'failure-threshold': 4, 'success-threshold': 1 }] });
    const [rule] = parse(read(project, FILES[3])).groups[0].rules;
    expect(rule).toMatchObject({ for: '60s' });
    expect(rule).not.toHaveProperty('keep_firing_for');
  });

  it('increase the interval of Prometheus if a response may take longer', () => {
    const project = exported([api({ timeout: Duration.seconds(12) })], [MonitorExport.blackbox()]);
    synthesize(project);
    expect(parse(read(project, FILES[2])).scrape_configs[0].static_configs[0].labels).toMatchObject({ __scrape_interval__: '13s', __scrape_timeout__: '13s' });
    expect(parse(read(project, FILES[3])).groups[0].rules[0]).toMatchObject({ for: '26s', keep_firing_for: '13s' });
    expect(read(project, FILES[1])).toContain('timeout 12s: the exporter probes every 13s, because a response may take longer than 10s');
  });

  it('omit a check that Prometheus would probe too seldom', () => {
    const project = exported([api({}), api({ name: 'slow', timeout: Duration.minutes(2) })], [MonitorExport.blackbox({ interval: Duration.minutes(2) })]);
    expect(warningsOf(project).join()).toContain('\'slow\' of \'staging\': timeout 120s (Prometheus would drop the series between two probes; the whole check is left out)');
    expect(parse(read(project, FILES[2])).scrape_configs[0].static_configs).toHaveLength(1);
  });

  it('leave out what an older exporter does not know, with a warning', () => {
    const project = exported([api(EVERYTHING)], [MonitorExport.blackbox({ exporterVersion: '0.23' })]);
    expect(warningsOf(project).join()).toMatch(/secretRequestHeaders x-api-key \(it is not sent.*json checks\.database \(the exporter reads JSON only since 0\.27\)/);
    expect(parse(read(project, FILES[1])).modules.plain_staging_api.http).not.toHaveProperty('fail_if_body_json_not_matches_cel');
  });
});

describe('names', () => {
  it('never clash, whatever the names of the checks', () => {
    const project = exported([api({ name: 'a.b' }), api({ name: 'a b' }), api({ name: 'A-B' })]);
    synthesize(project);
    expect(parse(read(project, FILES[0])).endpoints.map(({ name }: { name: string }) => name)).toEqual(['a.b', 'a b_2', 'A-B_3']);
    expect(Object.keys(parse(read(project, FILES[1])).modules)).toEqual(['plain_staging_a_b', 'plain_staging_a_b_2', 'plain_staging_A_B']);
  });

  it.each(['on', 'no', 'y', '1_000', '12:30', '<<', '+1'])('and a header %j is text to older readers of YAML too', (value) => {
    const project = exported([api({ requestHeaders: { 'x-a': value } })]);
    warningsOf(project);
    const older = (path: string) => parse(read(project, path), { version: '1.1' });
    expect(older(FILES[0]).endpoints[0].headers).toEqual({ 'x-a': value });
    expect(Object.values(older(FILES[1]).modules)).toEqual([expect.objectContaining({ http: expect.objectContaining({ headers: { 'x-a': value } }) })]);
    expect(older(FILES[4]).spec.metrics[0].provider.web.headers).toEqual([{ key: 'x-a', value }]);
  });

  it('and values mean nothing to the engine that reads them', () => {
    const name = '{{ $labels.x }} "${HOME}" \\ \u2028endpoints: []';
    const project = exported([api({ name, requestHeaders: { 'x-a': '$HOME "{{x}}" \\' }, bodyPattern: '\u2028a: b', json: [{ path: 'a', value: '{{args.sha}}' }] })]);
    warningsOf(project);
    // the end of a line to an older YAML, in a comment too
    for (const path of FILES) expect(read(project, path)).not.toContain('\u2028');
    // as Gatus does before it reads the YAML
    const gatus = read(project, FILES[0]).replaceAll('$$', '\0').replace(/\$\{?\w+\}?/g, 'EXPANDED').replaceAll('\0', '$');
    expect(parse(gatus).endpoints).toHaveLength(1);
    expect(parse(gatus).endpoints[0]).toMatchObject({ name: name.replaceAll('"', '\'').replaceAll('\\', '/'), headers: { 'x-a': '$HOME "{{x}}" \\' } });
    expect(parse(read(project, FILES[2])).scrape_configs[0].static_configs[0].labels.check).toBe(name);
    expect(parse(read(project, FILES[3])).groups[0].rules[0].labels.check).toBe(name.replace('{{', '{{ "{{" }}'));
    const template = read(project, FILES[4]).replace(/^#.*$/gm, '');
    expect(template).not.toContain('{{');
    expect(Object.keys(parse(read(project, FILES[4])))).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  });
});

describe('what is exported', () => {
  const endpoints = (project: Project) => parse(read(project, FILES[0])).endpoints.map(({ group, name }: { group: string; name: string }) => `${group}: ${name}`);
  const metrics = (project: Project, name = 'staging') => parse(read(project, `monitoring/argo-analysis/${name}.yml`)).spec.metrics.map((metric: { name: string }) => metric.name);
  const of = (name: string, use?: HealthCheckUse) => api({ name, use });
  const production = environment('production', { trigger: Trigger.after('staging') });

  /** Two environments, of which the first has these checks. */
  function two(checks: HealthCheck[], monitoring: MonitoringOptions): Project {
    const project = plainProject();
    deliver(project, { environments: [...withChecks(...checks), production], monitoring });
    return project;
  }

  it('contains the checks of the watch for a watch, and those of deployments for a gate', () => {
    const project = exported([of('both'), of('gate', HealthCheckUse.GATE), of('watch', HealthCheckUse.WATCH), HealthCheck.allOf([of('a')], { name: 'group', use: HealthCheckUse.GATE })]);
    synthesize(project);
    expect(endpoints(project)).toEqual(['plain staging: both', 'plain staging: watch']);
    expect(Object.keys(parse(read(project, FILES[1])).modules)).toEqual(['plain_staging_both', 'plain_staging_watch']);
    expect(parse(read(project, FILES[2])).scrape_configs[0].static_configs).toHaveLength(2);
    expect(parse(read(project, FILES[3])).groups[0].rules.map(({ labels }: { labels: { check?: string } }) => labels.check)).toEqual(['both', 'watch', undefined]);
    expect(metrics(project)).toEqual(['both', 'gate', 'group: a']);
  });

  it('is what is watched, unless the export says otherwise; a gate has all', () => {
    const project = two([of('both')], { environments: ['production'], exports: [...ALL, MonitorExport.gatus({ directory: 'other', environments: ['staging'] })] });
    synthesize(project);
    expect(endpoints(project)).toEqual(['plain production: production.example.com/health']);
    expect(Object.keys(parse(read(project, FILES[1])).modules)).toEqual(['plain_production_production_example_com_health']);
    expect(parse(read(project, 'other/gatus.yml')).endpoints.map(({ group }: { group: string }) => group)).toEqual(['plain staging']);
    expect(readdirSync(join(project.outdir, 'monitoring/argo-analysis')).sort()).toEqual(['production.yml', 'staging.yml']);
  });

  it('is warned about where it is nothing of an environment, and no file is empty', () => {
    const gated = two([of('gate', HealthCheckUse.GATE)], { exports: ALL });
    const warned = (project: Project) => warningsOf(project).filter((text) => /(Gatus|the blackbox exporter|Argo Rollouts) runs no health check of/.test(text));
    expect(warned(gated)).toEqual([
      expect.stringContaining('Gatus runs no health check of \'staging\': all of its health checks are HealthCheckUse.GATE'),
      expect.stringContaining('the blackbox exporter runs no health check of \'staging\': all of its health checks are HealthCheckUse.GATE'),
    ]);
    expect(endpoints(gated)).toEqual(['plain production: production.example.com/health']);
    const strange = two([api({ name: 'teapot', status: [418] }), of('watch', HealthCheckUse.WATCH)], { exports: ALL });
    expect(warned(strange)).toEqual([expect.stringContaining('Argo Rollouts runs no health check of \'staging\': it supports none of its health checks')]);
    expect(readdirSync(join(strange.outdir, 'monitoring/argo-analysis'))).toEqual(['production.yml']);
  });

  it('is not empty: an empty export is rejected', () => {
    expect(() => synthesize(exported([of('gate', HealthCheckUse.GATE)], [MonitorExport.gatus()])))
      .toThrow('MonitorExport.gatus environments: Gatus runs no health check of \'staging\': all of its health checks are HealthCheckUse.GATE. Its configuration would be empty. Remove the export');
    expect(() => synthesize(exported([api({ status: [418] }), of('watch', HealthCheckUse.WATCH)], [MonitorExport.argoAnalysis()])))
      .toThrow('MonitorExport.argoAnalysis environments: Argo Rollouts runs no health check of \'staging\': it supports none of its health checks. Its configuration would be empty');
  });
});

describe('the files', () => {
  it('are there for environments that are added later, and only for those that are named', () => {
    const project = plainProject();
    const delivery = deliver(project, { monitoring: { exports: [MonitorExport.gatus({ environments: ['production/eu'] }), MonitorExport.argoAnalysis({ environments: ['production/eu'] })] } });
    delivery.addEnvironment('production/eu', environment('production', { trigger: Trigger.after('staging') }));
    synthesize(project);
    expect(parse(read(project, FILES[0])).endpoints.map(({ group }: { group: string }) => group)).toEqual(['plain production/eu']);
    expect(readdirSync(join(project.outdir, 'monitoring/argo-analysis'))).toEqual(['production_eu.yml']);
    expect(parse(read(project, 'monitoring/argo-analysis/production_eu.yml')).metadata).toEqual({ name: 'plain-production-eu-health' });
  });

  it('of a subproject carry its name, at the root', () => {
    const root = plainProject();
    deliver(root, { monitoring: { exports: ALL } });
    const api2 = new Project({ parent: root, outdir: 'packages/api', name: '@acme/api' });
    api2.addTask('ship');
    api2.addTask('switch-traffic');
    deliver(api2, { monitoring: { exports: ALL } });
    synthesize(root);
    expect(readdirSync(join(root.outdir, 'monitoring')).sort()).toEqual([
      'argo-analysis', 'argo-analysis_acme-api', 'blackbox.yml', 'blackbox_acme-api.yml', 'gatus.yml', 'gatus_acme-api.yml',
      'prometheus-rules.yml', 'prometheus-rules_acme-api.yml', 'prometheus-scrape.yml', 'prometheus-scrape_acme-api.yml',
    ]);
    expect(parse(read(root, 'monitoring/gatus_acme-api.yml')).endpoints[0].group).toBe('acme-api staging');
    expect(parse(read(root, 'monitoring/prometheus-rules_acme-api.yml')).groups[0].name).toBe('acme-api-health-checks');
  });

  it('are projen\'s: marked, read-only, no part of the package, left alone by prettier', () => {
    const project = typescriptProject({ prettier: true });
    deliver(project, { monitoring: { exports: ALL } });
    synthesize(project);
    for (const path of FILES) expect(read(project, path)).toMatch(/^# ~~ Generated by projen/);
    expect(read(project, '.npmignore')).toContain('/monitoring/gatus.yml');
    expect(read(project, '.prettierignore')).toContain('monitoring/gatus.yml');
  });

  it('are removed without exports', () => {
    const outdir = temporaryFolder();
    const first = plainProject({}, outdir);
    deliver(first, { monitoring: { exports: ALL } });
    synthesize(first);
    expect(FILES.every((path) => existsSync(join(outdir, path)))).toBe(true);
    const second = plainProject({}, outdir);
    deliver(second);
    synthesize(second);
    expect(FILES.filter((path) => existsSync(join(outdir, path)))).toEqual([]);
  });

  it('go elsewhere where that is said, twice if need be', () => {
    const project = plainProject();
    deliver(project, { monitoring: { exports: [MonitorExport.gatus({ directory: 'ops/a' }), MonitorExport.gatus({ directory: 'ops/b' })] } });
    synthesize(project);
    expect([existsSync(join(project.outdir, 'ops/a/gatus.yml')), existsSync(join(project.outdir, 'ops/b/gatus.yml'))]).toEqual([true, true]);
  });
});

describe('invalid options', () => {
  const monitoring = (options: MonitoringOptions, project = plainProject()): (() => Delivery) => () => deliver(project, { monitoring: options });

  it.each<[string, () => unknown, string]>([
    ['an interval below a second', () => MonitorExport.gatus({ interval: Duration.seconds(0.5) }), 'MonitorExport.gatus interval: 500 ms is shorter than 1 second'],
    ['a type of alert that is none', () => MonitorExport.gatus({ alerts: ['https://hooks.slack.com/x'] }), 'MonitorExport.gatus alerts: \'https://hooks.slack.com/x\' is not a type of alert'],
    ['an exporter with a scheme', () => MonitorExport.blackbox({ exporter: 'http://blackbox:9115' }), 'MonitorExport.blackbox exporter: \'http://blackbox:9115\' is not an address. Write it without a scheme'],
    ['a folder that is no text', () => MonitorExport.gatus({ directory: true as never }), 'MonitorExport.gatus directory: true is not a folder'],
    ['an odd version', () => MonitorExport.blackbox({ exporterVersion: 'latest' }), 'MonitorExport.blackbox exporterVersion: \'latest\' is not a version'],
    ['a relative folder of secrets', () => MonitorExport.blackbox({ secretsDirectory: 'secrets' }), 'MonitorExport.blackbox secretsDirectory: \'secrets\' is not an absolute path'],
    ['a label that is reserved: it identifies the alert', () => MonitorExport.blackbox({ labels: { environment: 'x' } }), 'MonitorExport.blackbox labels: \'environment\' is reserved: it identifies the alert'],
    ['a label that is none', () => MonitorExport.blackbox({ labels: { 'a-b': 'x' } }), 'MonitorExport.blackbox labels: \'a-b\' is not a label'],
    ['a label that is a template', () => MonitorExport.blackbox({ labels: { a: '{{ x }}' } }), 'MonitorExport.blackbox labels: the value of \'a\' is a template'],
    ['a namespace in capitals', () => MonitorExport.argoAnalysis({ namespace: 'Shop' }), 'MonitorExport.argoAnalysis namespace: \'Shop\' is not a name in Kubernetes'],
    ['a namespace of two labels', () => MonitorExport.argoAnalysis({ namespace: 'a.b' }), 'MonitorExport.argoAnalysis namespace: \'a.b\' is not a name in Kubernetes. Use lower case letters, digits and dashes, 63 at most'],
    ['a namespace that is too long', () => MonitorExport.argoAnalysis({ namespace: 'a'.repeat(64) }), 'is not a name in Kubernetes'],
    ['a secret that is none', () => MonitorExport.argoAnalysis({ secret: 'a_b' }), 'MonitorExport.argoAnalysis secret: \'a_b\' is not a name in Kubernetes'],
    ['an interval after which Prometheus has forgotten', () => MonitorExport.blackbox({ interval: Duration.minutes(10) }),
      'MonitorExport.blackbox interval: 10 min is longer than 2 min, but Prometheus drops a series without samples after 5 min, so its alerts would not work. Set Duration.minutes(2) or less'],
    ['a port of the exporter that is none', () => MonitorExport.blackbox({ exporter: 'bb:99999' }), 'MonitorExport.blackbox exporter: 99999 is not a port'],
    ['an exporter with credentials, which are not shown', () => MonitorExport.blackbox({ exporter: 'u:hunter2@bb:9115' }), 'MonitorExport.blackbox exporter: \'***@bb:9115\' is not an address'],
    ['a label that is a number', () => MonitorExport.blackbox({ labels: { severity: 1 as never } }), 'MonitorExport.blackbox labels: the value of \'severity\' is 1, but labels are strings. Write { severity: \'1\' }'],
    ['a label that is null', () => MonitorExport.blackbox({ labels: { severity: null as never } }), 'MonitorExport.blackbox labels: the value of \'severity\' is null'],
    ['labels that are a text', () => MonitorExport.blackbox({ labels: 'critical' as never }), 'MonitorExport.blackbox labels: \'critical\' is not a set of options'],
    ['alerts that are no list', () => MonitorExport.gatus({ alerts: 'slack' as never }), 'MonitorExport.gatus alerts: \'slack\' is not a list. Write [\'slack\']'],
    ['an alert that is null', () => MonitorExport.gatus({ alerts: [null] as never }), 'MonitorExport.gatus alerts: null is not a type of alert'],
    ['environments that are no list', () => MonitorExport.gatus({ environments: 'production' as never }), 'MonitorExport.gatus environments: \'production\' is not a list. Write [\'production\']'],
    ['an environment that is none', () => MonitorExport.gatus({ environments: [undefined] as never }), 'MonitorExport.gatus environments: undefined is not the name of an environment'],
    ...(['gatus', 'blackbox', 'argoAnalysis'] as const).map((factory): [string, () => unknown, string] => (
      [`no options of ${factory}`, () => MonitorExport[factory](null as never), `MonitorExport.${factory} options: null is not a set of options. Write { `]
    )),
    ['no environments', () => MonitorExport.gatus({ environments: [] }), 'MonitorExport.gatus environments: it names none'],
    ...['../x', '/x', 'a/../b', '.git', '', 'a\\b'].map((directory): [string, () => unknown, string] => (
      [`the folder '${directory}'`, () => MonitorExport.gatus({ directory }), 'is not a folder of the repository']
    )),
    ['an alert that fires after nothing', monitoring({ firesAfter: 0 }), 'Delivery monitoring.firesAfter: 0 is out of range'],
    ['half a response', monitoring({ resolvesAfter: 1.5 }), 'Delivery monitoring.resolvesAfter: 1.5 is out of range'],
    ['an export that is none', monitoring({ exports: ['gatus' as never] }), 'Delivery monitoring.exports: \'gatus\' is not a MonitorExport'],
    ['two that write the same file', monitoring({ exports: [MonitorExport.gatus(), MonitorExport.gatus()] }), 'Delivery monitoring.exports: two of them write monitoring/gatus.yml'],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  it('an environment that is not there', () => {
    const project = plainProject();
    deliver(project, { monitoring: { exports: [MonitorExport.gatus({ environments: ['stagin'] })] } });
    expect(() => synthesize(project)).toThrow('MonitorExport.gatus environments: there is no environment \'stagin\'. Did you mean \'staging\'?');
  });

  it('a file of the user\'s own', () => {
    const outdir = temporaryFolder();
    mkdirSync(join(outdir, 'monitoring'));
    writeFileSync(join(outdir, 'monitoring/gatus.yml'), 'endpoints: []\n');
    expect(monitoring({ exports: [MonitorExport.gatus()] }, plainProject({}, outdir))).toThrow('Delivery: monitoring/gatus.yml already exists, and projen did not write it');
  });
});

/** Each object in it may have more. */
function deep(part: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(part as object).map(([key, value]) => (
    [key, typeof value === 'object' && !Array.isArray(value) ? expect.objectContaining(deep(value)) : value]
  )));
}

describe('a pattern outside of the portable subset', () => {
  const lookAhead = HealthCheck.http('https://staging.example.com/health', { name: 'health', bodyPattern: 'a(?=b)' });
  const exportedAs = (one: MonitorExport, healthChecks: HealthCheck[]) => () => {
    const project = plainProject();
    deliver(project, { environments: [environment('staging', { healthChecks })], monitoring: { schedule: false, exports: [one] } });
    synthesize(project);
  };

  it.each<[string, () => MonitorExport, string]>([
    ['blackbox', () => MonitorExport.blackbox(), 'the blackbox exporter'],
    ['argoAnalysis', () => MonitorExport.argoAnalysis(), 'Argo Rollouts'],
  ])('is an error where an export needs it: %s', (_title, make, engine) => {
    expect(exportedAs(make(), [lookAhead])).toThrow(
      `health check 'health' bodyPattern: 'a(?=b)' has look-around ('(?=b)'), which RE2 does not interpret as JavaScript does, and ${engine} uses RE2. Write a pattern without it, or use two conditions`,
    );
  });

  it('is an error in a condition on a header, and on the response of a TCP service', () => {
    const header = HealthCheck.http('https://staging.example.com/health', { name: 'health', headers: [{ name: 'x-a', pattern: '(a)\\1' }] });
    expect(exportedAs(MonitorExport.blackbox(), [header])).toThrow('health check \'health\' headers x-a: \'(a)\\\\1\' has a back-reference');
    const tcp = HealthCheck.tcp('staging.example.com:25', { name: 'mail', expect: '{' });
    expect(exportedAs(MonitorExport.blackbox(), [tcp])).toThrow('health check \'mail\' expect: \'{\' has a bracket that is not escaped');
  });

  it('is none where nothing needs RE2', () => {
    expect(exportedAs(MonitorExport.gatus(), [lookAhead])).not.toThrow();
  });
});
