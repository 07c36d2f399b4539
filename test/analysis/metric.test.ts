import { Analysis, Duration, HaproxyMetricOptions, Metric, PrometheusMetricOptions, PrometheusSelectors } from '../../src';
import { metricSecretsOf } from '../../src/contract/metric-manifest';

describe('Metric.command', () => {
  test('is a shell line, with times', () => {
    expect(Metric.command('./counters\n --json')._manifest).toEqual({
      kind: 'command', name: './counters --json', command: { kind: 'bash', line: './counters\n --json' }, intervalMs: 5_000, timeoutMs: 30_000, lateMs: 60_000,
    });
    expect(Metric.command('x', { interval: Duration.seconds(10), timeout: Duration.seconds(3), maxAge: Duration.minutes(2) })._manifest)
      .toMatchObject({ intervalMs: 10_000, timeoutMs: 3_000, lateMs: 120_000 });
  });

  test.each<[string, () => Metric, string]>([
    ['no line', () => Metric.command(' '), 'Metric.command line: \' \' is not a shell line. Write the command line that bash runs'],
    ['an expression', () => Metric.command('./counters ${{ secrets.TOKEN }}'), 'Metric.command line: \'./counters ${{ secrets.TOKEN }}\' contains an expression'],
    ['an unknown option', () => Metric.command('x', { intervall: 5 } as object), 'Metric.command intervall: there is no such option. Did you mean'],
    ['an interval that is too short', () => Metric.command('x', { interval: Duration.millis(500) }), 'Metric.command interval: 500 ms is shorter than 1 second'],
    ['a number as a time', () => Metric.command('x', { timeout: 5 as unknown as Duration }), 'Metric.command timeout: 5 is not a Duration. Write Duration.seconds(5)'],
    ['no age at all', () => Metric.command('x', { maxAge: Duration.seconds(0) }), 'Metric.command maxAge: 0 s is not a positive duration'],
  ])('rejects %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('Metric.prometheus', () => {
  const canary = { requests: 'requests_total{slot="{slot}"}', errors: 'requests_total{slot="{slot}",code=~"5.."}' };
  const make = (changes: Partial<PrometheusMetricOptions> = {}) => Metric.prometheus({ url: 'https://prometheus.example.com/', canary, ...changes });
  const select = (changes: Partial<PrometheusSelectors>) => make({ canary: { ...canary, ...changes } });

  test('has the selectors of the canary for Stable, too', () => {
    expect(make()._manifest).toEqual({
      kind: 'prometheus',
      name: 'Prometheus prometheus.example.com',
      url: 'https://prometheus.example.com/',
      canary,
      stable: canary,
      secretRequestHeaders: {},
      intervalMs: 5_000,
      timeoutMs: 5_000,
      lateMs: 60_000,
    });
  });

  test('may have others for Stable', () => {
    const [one, other] = ['canary', 'stable'].map((track) => ({ requests: `r{track="${track}"}`, errors: `e{track="${track}"}`, latencyBuckets: `d_bucket{track="${track}"}` }));
    expect(make({ canary: one, stable: other })._manifest).toMatchObject({ canary: one, stable: other });
  });

  test('names the secrets of its headers, not their values', () => {
    const { _manifest: manifest } = make({ secretRequestHeaders: { 'x-scope': 'TENANT', 'authorization': 'TOKEN' }, useProxy: false });
    expect(manifest).toMatchObject({ secretRequestHeaders: { 'authorization': 'TOKEN', 'x-scope': 'TENANT' }, useProxy: false });
    expect(metricSecretsOf(manifest)).toEqual(['TOKEN', 'TENANT']);
  });

  test.each([
    ['a{b="c"}', 'a{b="c"}'], [' a { b = \'c\' , d=~`x\\d` , } ', 'a{b="c",d=~"x\\\\d"}'], ['{__name__="a"}', '{__name__="a"}'], ['a{b!="\\"\\n"}', 'a{b!="\\"\\n"}'],
  ])('reads the selector %s', (text, shown) => {
    expect(make({ canary: { ...canary, requests: text }, stable: { requests: 's', errors: 't' } })._manifest).toMatchObject({ canary: { requests: shown } });
  });

  test.each<[string, () => Metric, string]>([
    ['no options', () => Metric.prometheus(undefined as unknown as PrometheusMetricOptions), 'Metric.prometheus options: undefined is not a set of options. Write { url: '],
    ['no URL', () => make({ url: undefined }), 'Metric.prometheus url: undefined is not a URL'],
    ['plain http', () => make({ url: 'http://prometheus.example.com' }), 'Metric.prometheus url: \'http://prometheus.example.com\' is plain http'],
    ['the query endpoint', () => make({ url: 'https://p.example.com/x/api/v1/query' }), 'is the query endpoint. Write only the base URL of Prometheus: \'https://p.example.com/x\''],
    ['no canary', () => make({ canary: undefined }), 'Metric.prometheus canary: it is missing. Write canary: { requests: '],
    ['an unknown selector', () => select({ latency: 'x' } as object), 'Metric.prometheus canary latency: there is no such option. Remove it, or use one of errors, latencyBuckets, requests'],
    ['no errors', () => select({ errors: undefined }), 'Metric.prometheus canary errors: it is missing'],
    ['a query', () => select({ requests: 'sum(rate(requests_total{slot="{slot}"}[5m]))' }), 'is not an instant vector selector of a counter. Write the name of the counter'],
    ['a range', () => select({ requests: 'requests_total{slot="{slot}"}[5m]' }), 'is not an instant vector selector of a counter'],
    ['an offset', () => select({ requests: 'requests_total{slot="{slot}"} offset 5m' }), 'is not an instant vector selector of a counter'],
    ['an escape that is not known', () => select({ requests: 'requests_total{slot="{slot}",a="\\x41"}' }), 'is not an instant vector selector of a counter'],
    ['a pattern that is invalid', () => select({ requests: 'requests_total{slot="{slot}",a=~"("}' }), 'Prometheus rejects'],
    ['a selector that matches everything', () => select({ requests: '{slot=~".*"}' }), 'Prometheus rejects'],
    ['the same series on both sides', () => select({ requests: 'requests_total' }), 'Metric.prometheus canary requests: \'requests_total\' selects the same series for the canary and for Stable. Add a label'],
    ['a placeholder that is not known', () => select({ requests: 'requests_total{slot="{color}"}' }), 'selects the same series for the canary and for Stable'],
    ['errors that are all requests', () => select({ errors: canary.requests }), 'Metric.prometheus canary errors: they are the same as requests'],
    ['Stable that is the canary', () => make({ canary: { requests: 'r{a="b"}', errors: 'e{slot="{slot}"}' }, stable: { requests: 'r{a="b"}', errors: 'e' } }), 'Metric.prometheus stable requests: it is the same as canary requests (\'r{a="b"}\')'],
    ['latencies of one side', () => make({ canary, stable: { ...canary, latencyBuckets: 'd_bucket' } }), 'Metric.prometheus canary latencyBuckets: it is missing, but the other side has it'],
    ['a sum as buckets', () => select({ latencyBuckets: 'duration_seconds_sum{slot="{slot}"}' }), 'is not the buckets of a histogram. Write duration_seconds_bucket'],
    ['one bucket', () => select({ latencyBuckets: 'duration_seconds_bucket{slot="{slot}",le="1"}' }), 'it selects buckets by their label le'],
    ['a secret that is a value', () => make({ secretRequestHeaders: { authorization: 'Bearer abc' } }), 'Metric.prometheus secretRequestHeaders: the value of \'authorization\' is not a name that GitHub accepts for a secret'],
  ])('rejects %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('Metric.haproxy', () => {
  const make = (changes: Partial<HaproxyMetricOptions> = {}) => Metric.haproxy({ url: 'https://haproxy.example.com/stats', backend: 'shop', ...changes });
  const socket = (place: string, changes: Partial<HaproxyMetricOptions> = {}) => make({ url: undefined, socket: place, ...changes });

  test('reads the servers that have the names of the slots', () => {
    expect(make()._manifest).toEqual({
      kind: 'haproxy',
      name: 'HAProxy haproxy.example.com',
      url: 'https://haproxy.example.com/stats',
      backend: 'shop',
      canaryServers: ['{slot}'],
      stableServers: ['{slot}'],
      secretRequestHeaders: {},
      intervalMs: 5_000,
      timeoutMs: 5_000,
      lateMs: 60_000,
    });
  });

  test('reads the runtime API', () => {
    expect(socket('/run/haproxy/admin.sock')._manifest).toMatchObject({ name: 'HAProxy \'/run/haproxy/admin.sock\'', socket: { path: '/run/haproxy/admin.sock' } });
    expect(socket('127.0.0.1:9999')._manifest).toMatchObject({ socket: { host: '127.0.0.1', port: 9999 } });
    expect(socket('[::1]:9999')._manifest).toMatchObject({ socket: { host: '::1', port: 9999 } });
    expect(socket('10.0.0.1:9999', { allowInsecure: true })._manifest).toMatchObject({ socket: { host: '10.0.0.1', port: 9999 } });
  });

  test.each<[string, () => Metric, string]>([
    ['no place', () => make({ url: undefined }), 'Metric.haproxy url: neither url nor socket is set. Write { url: '],
    ['two places', () => make({ socket: '/run/haproxy/admin.sock' }), 'Metric.haproxy socket: url is set, too. Remove one of them'],
    ['the CSV itself', () => make({ url: 'https://haproxy.example.com/stats;csv' }), 'Metric.haproxy url: \'https://haproxy.example.com/stats;csv\' has more than the address of the page. Write it as in stats uri'],
    ['plain http', () => make({ url: 'http://haproxy.example.com/stats' }), 'is plain http'],
    ['a relative path', () => socket('run/admin.sock'), 'Metric.haproxy socket: \'run/admin.sock\' is not an address. Write the absolute path of a UNIX socket'],
    ['a host without a port', () => socket('10.0.0.1'), 'Metric.haproxy socket: \'10.0.0.1\' is not an address'],
    ['a host elsewhere', () => socket('10.0.0.1:9999'), 'Metric.haproxy socket: \'10.0.0.1:9999\' is not on loopback, and the API has no encryption and no sign-in'],
    ['a header for a socket', () => socket('/s', { secretRequestHeaders: { a: 'B' } }), 'Metric.haproxy secretRequestHeaders: it is for HTTP, but the statistics come from socket'],
    ['a proxy for a socket', () => socket('/s', { useProxy: false }), 'Metric.haproxy useProxy: it is for HTTP'],
    ['no backend', () => make({ backend: undefined }), 'Metric.haproxy backend: it is missing. Write \'shop\''],
    ['a backend of each slot', () => make({ backend: 'shop-{slot}' }), 'Metric.haproxy backend: \'shop-{slot}\' has a placeholder, which is not replaced here'],
    ['a placeholder that is not known', () => make({ canaryServers: ['{color}'] }), 'Metric.haproxy canaryServers: \'{color}\' is not a name of HAProxy'],
    ['a total', () => make({ canaryServers: ['BACKEND'] }), 'Metric.haproxy canaryServers: \'BACKEND\' is not a name of HAProxy'],
    ['no servers', () => make({ canaryServers: [] }), 'Metric.haproxy canaryServers: it is empty'],
    ['a server twice', () => make({ canaryServers: ['{slot}', '{slot}'] }), 'Metric.haproxy canaryServers: \'{slot}\' is there twice'],
    ['one server for both', () => make({ canaryServers: ['web-1'] }), 'Metric.haproxy canaryServers: the server \'web-1\' is one of the canary and of Stable'],
    ['a server of the other side', () => make({ canaryServers: ['a', 'b'], stableServers: ['b'] }), 'Metric.haproxy stableServers: the server \'b\' is one of the canary and of Stable'],
  ])('rejects %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('Analysis.latency', () => {
  const selectors = { requests: 'r{slot="{slot}"}', errors: 'e{slot="{slot}"}' };
  const prometheus = (canary: PrometheusSelectors) => Metric.prometheus({ url: 'https://p.example.com', canary });

  test('needs a source with latencies', () => {
    expect(() => Analysis.latency(prometheus(selectors))).toThrow('Analysis.latency metric: the source \'Prometheus p.example.com\' has no latencies. Set latencyBuckets');
    expect(() => Analysis.latency(Metric.haproxy({ url: 'https://h.example.com/', backend: 'shop' }))).toThrow('has no latencies. Use Metric.prometheus(...) with latencyBuckets');
    expect(() => Analysis.latency(prometheus({ ...selectors, latencyBuckets: 'd_bucket{slot="{slot}"}' }))).not.toThrow();
    expect(() => Analysis.latency(Metric.command('./print-counters'))).not.toThrow();
  });
});

describe('Metric.cloudWatch', () => {
  const lambda = { functionName: 'shop', alias: 'live' };
  const targetGroups = { loadBalancer: 'app/shop/50dc6c495c0c9188', blue: 'targetgroup/b/6d0ecf831eec9f09', green: 'targetgroup/g/73e2d6bc24d8a067' };
  const times = { intervalMs: 30_000, timeoutMs: 30_000, lateMs: 300_000 };

  test('reads the versions of an alias, or target groups', () => {
    expect(Metric.cloudWatch({ lambdaAlias: lambda, region: 'eu-central-1' })._manifest).toEqual({ kind: 'cloudWatch', name: 'CloudWatch shop:live', lambda, region: 'eu-central-1', ...times });
    expect(Metric.cloudWatch({ targetGroups })._manifest).toEqual({ kind: 'cloudWatch', name: 'CloudWatch app/shop/50dc6c495c0c9188', targetGroups, ...times });
    expect(() => Analysis.latency(Metric.cloudWatch({ lambdaAlias: lambda }))).toThrow('has no latencies');
  });

  const groups = (changes: object) => () => Metric.cloudWatch({ targetGroups: { ...targetGroups, ...changes } });
  test.each<[string, () => Metric, string]>([
    ['neither', () => Metric.cloudWatch({}), 'Metric.cloudWatch lambdaAlias: neither lambdaAlias nor targetGroups is set'],
    ['both', () => Metric.cloudWatch({ lambdaAlias: lambda, targetGroups }), 'Metric.cloudWatch targetGroups: lambdaAlias is set, too'],
    ['a region that is none', () => Metric.cloudWatch({ lambdaAlias: lambda, region: 'Frankfurt' }), 'Metric.cloudWatch region: \'Frankfurt\' is not the name of a region'],
    ['the ARN of a function', () => Metric.cloudWatch({ lambdaAlias: { ...lambda, functionName: 'arn:aws:lambda:eu-central-1:1:function:shop' } }), 'Metric.cloudWatch lambdaAlias functionName: \'arn:aws:lambda:eu-central-1:1:function:shop\' is an ARN. Write only \'shop\''],
    ['a version', () => Metric.cloudWatch({ lambdaAlias: { ...lambda, alias: '7' } }), 'Metric.cloudWatch lambdaAlias alias: \'7\' is not the name of an alias'],
    ['an unknown option of the alias', () => Metric.cloudWatch({ lambdaAlias: { ...lambda, name: 'x' } as object as typeof lambda }), 'Metric.cloudWatch lambdaAlias name: there is no such option'],
    ['the ARN of a load balancer', groups({ loadBalancer: 'arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/50dc6c495c0c9188' }), 'is an ARN. Write only its end: \'app/shop/50dc6c495c0c9188\''],
    ['the ARN of a target group', groups({ blue: 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/b/6d0ecf831eec9f09' }), 'is an ARN. Write only its end: \'targetgroup/b/6d0ecf831eec9f09\''],
    ['a network load balancer', groups({ loadBalancer: 'net/shop/50dc6c495c0c9188' }), 'Metric.cloudWatch targetGroups loadBalancer: \'net/shop/50dc6c495c0c9188\' is not the end of its ARN'],
    ['no green', groups({ green: undefined }), 'Metric.cloudWatch targetGroups green: it is missing'],
    ['one group for both', groups({ green: targetGroups.blue }), 'is the target group of blue, too'],
    ['data that are never young enough', () => Metric.cloudWatch({ lambdaAlias: lambda, maxAge: Duration.minutes(1) }), 'Metric.cloudWatch maxAge: CloudWatch is late by up to 3 minutes'],
  ])('rejects %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
