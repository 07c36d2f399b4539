import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { github, Project, Task } from 'projen';
import {
  Alert, Analysis, CanaryStep, Delivery, DeliveryOptions, DnsRecordType, Duration, Freeze, HealthCheck, HealthCheckOptions, HealthCheckUse, JobKind,
  Lock, Metric, MonitorExport, NamedEnvironment, PrometheusCondition, ReleaseIdentity, Schedule, Strategy, Target, Trigger, Workflow,
} from '../../src';
import { deliver, environment, plainProject, synthesize, target, temporaryFolder, typescriptProject } from '../test-project';

/** What the message says in one line: option, fault, fix. */
function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const oneDelivery = (rest: Parameters<typeof environment>[1] = {}) => () => deliver(plainProject(), { environments: [environment('staging', rest)] });
const check = (options: Parameters<typeof HealthCheck.http>[1]) => () => HealthCheck.http('https://x.example.com', options);
const anything = (value: unknown) => value as never;

describe('the first mistakes of a newcomer', () => {
  it('a misspelt task is rejected with the nearest one', () => {
    const project = plainProject();
    deliver(project, { target: Target.tasks({ deploy: 'shipp' }) });
    expect(rejection(() => synthesize(project))).toBe('Target.tasks deploy: there is no task \'shipp\'. Did you mean \'ship\'?');
  });

  it('a URL without a scheme', () => {
    expect(rejection(oneDelivery({ url: 'staging.example.com' })))
      .toBe('environment \'staging\' url: \'staging.example.com\' is not a URL. Write it with its scheme: \'https://staging.example.com\'');
  });

  it('an interval that is text', () => {
    expect(rejection(check({ interval: anything('5') })))
      .toBe('HealthCheck.http(\'https://x.example.com\') interval: \'5\' is not a Duration. Write Duration.seconds(5)');
  });

  it('blue/green without promote', () => {
    expect(rejection(() => deliver(plainProject(), {
      target: Target.tasks({ deploy: 'ship' }), environments: [environment('production', { strategy: Strategy.blueGreen() })],
    }))).toBe('environment \'production\' strategy: Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none. '
      + 'Add it: Target.tasks({ deploy: ..., promote: \'switch-traffic\' }), or use Strategy.redeploy()');
  });

  it('two environments on main', () => {
    expect(rejection(() => deliver(plainProject(), { environments: [environment('staging'), environment('production')] })))
      .toBe('environment \'production\' trigger: a push to the branch \'main\' would deploy to \'staging\' and to \'production\' at once, in no order. '
        + 'Let one follow the other: Trigger.after(\'staging\')');
  });

  it('a plain project without GitHub', () => {
    expect(rejection(() => deliver(new Project({ name: 'plain', outdir: temporaryFolder() })))).toMatch(
      /^Delivery: the project 'plain' has no GitHub, for which the jobs are written\. Add it before: new github\.GitHub\(project, /);
  });

  it('a second delivery', () => {
    const project = plainProject();
    deliver(project);
    expect(rejection(() => deliver(project))).toBe('Delivery: the project \'plain\' has one already. Add environments to it: Delivery.of(project).addEnvironment(...)');
  });
});

describe('the first mistakes with monitoring', () => {
  const watched = (rest: Partial<DeliveryOptions>) => () => deliver(plainProject(), { monitoring: {}, ...rest });
  const checked = (make: () => HealthCheck) => () => watched({ environments: [environment('staging', { healthChecks: [HealthCheck.http('https://x.example.com'), make()] })] })();
  const query = (text: string) => checked(() => HealthCheck.prometheus('https://p.example.com', text, PrometheusCondition.below(0.01)));
  const header = (use?: HealthCheckUse) => checked(() => HealthCheck.http('https://x.example.com/deep', { use, secretRequestHeaders: { authorization: 'HEALTH_TOKEN' } }));

  it('an interval under 5 minutes', () => {
    expect(rejection(watched({ monitoring: { interval: Duration.seconds(299) } })))
      .toBe('Delivery monitoring.interval: 4 min 59 s is shorter than 5 min, the shortest schedule on GitHub. '
        + 'Set Duration.minutes(5) or more. To probe every few seconds, export the checks to a monitoring system');
  });

  it.each([
    ['slack', () => Alert.slack('slack-webhook')], ['teams', () => Alert.teams('slack-webhook')], ['discord', () => Alert.discord('slack-webhook')],
    ['webhook', () => Alert.webhook('slack-webhook')], ['pagerduty', () => Alert.pagerduty('slack-webhook')],
  ])('an alert secret with an ill-formed name: %s', (factory, alert) => {
    expect(rejection(() => watched({ alerts: [alert()] })()))
      .toBe(`Alert.${factory} secret: 'slack-webhook' is not a name that GitHub accepts for a secret. Use letters, digits and _, not a digit first, and not GITHUB_ first`);
  });

  it.each([
    ['rate(errors_total[5m]', 'the bracket ( is never closed. Add )'],
    ['errors_total{code="500}', 'the quote " at character 19 of \'errors_total{code="500}\' is never closed'],
    ['errors_total[5m]', 'is a range'],
    ['', '\'\' is not a query. Write PromQL'],
  ])('a Prometheus query that does not parse: %j', (text, fault) => {
    expect(rejection(query(text))).toMatch(/^HealthCheck\.prometheus\('https:\/\/p\.example\.com'\) query: /);
    expect(rejection(query(text))).toContain(fault);
  });

  it('a webhook URL given instead of a secret\'s name, which is not shown', () => {
    const url = 'https://hooks.slack.com/services/T0/B0/s3cret';
    for (const [factory, name] of [['webhook', 'WEBHOOK_URL'], ['slack', 'SLACK_WEBHOOK'], ['teams', 'TEAMS_WEBHOOK'], ['discord', 'DISCORD_WEBHOOK']] as const) {
      expect(rejection(() => watched({ alerts: [Alert[factory](url)] })()))
        .toBe(`Alert.${factory} secret: it is a URL, which everyone who can read the repository could use. Store it as a secret of the repository and set the name of the secret: Alert.${factory}('${name}')`);
    }
  });

  it('a secret header without a monitorEnvironment to read it from, of the watch too', () => {
    for (const use of [undefined, ...Object.values(HealthCheckUse)]) {
      expect(rejection(header(use))).toBe('environment \'staging\' healthChecks: they need the secret HEALTH_TOKEN, and the plan and monitor jobs have no environment to read it from. '
        + 'Make an unprotected GitHub environment that holds only those secrets, and name it: monitorEnvironment: \'staging-monitor\'');
    }
  });
});

describe('the project', () => {
  it('has workflows', () => {
    expect(rejection(() => deliver(plainProject({ workflows: false })))).toContain('workflows: false');
    expect(rejection(() => deliver(typescriptProject({ githubOptions: { workflows: false } })))).toContain('workflows: false');
  });

  it.each(['deploy', 'rollback', 'drill'])('has no workflow %s already', (name) => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, name);
    expect(rejection(() => deliver(project, { drill: { environments: ['staging'] } }))).toBe(
      `Delivery: the project has a workflow '${name}' already, whose file .github/workflows/${name}.yml is the delivery's. Give the other one another name`);
  });

  it('has no workflow of another name in the place of ours already', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'Undo', { fileName: 'rollback.yml' });
    expect(rejection(() => deliver(project))).toContain('whose file .github/workflows/rollback.yml is the delivery\'s');
  });

  it('may have a workflow of its own called drill where there is no drill of ours', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'drill');
    expect(() => deliver(project)).not.toThrow();
  });

  it('has no task of ours already', () => {
    const project = plainProject();
    project.addTask('delivery');
    expect(rejection(() => deliver(project))).toContain('has a task \'delivery\' already');
  });

  it.each([
    '.github/workflows/deploy.yml', '.github/workflows/rollback.yml', '.github/workflows/drill.yml', '.projen/delivery.json', '.projen/delivery.cjs',
  ])('keeps a hand-written %s', (path) => {
    const project = plainProject();
    const file = join(project.outdir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'by hand\n');
    expect(rejection(() => deliver(project, { drill: { environments: ['staging'] } }))).toBe(`Delivery: ${path} already exists, and projen did not write it. Move or delete it: the delivery writes a file of its own`);
  });

  it('is synthesized again and again over what it wrote itself', () => {
    const project = plainProject();
    deliver(project);
    synthesize(project);
    const again = new Project({ name: 'plain', outdir: project.outdir });
    new github.GitHub(again, { mergify: false, pullRequestLint: false });
    expect(() => deliver(again, { target: Target.commands({ deploy: 'true' }) })).not.toThrow();
  });
});

describe('environments', () => {
  it('there is one at least', () => {
    const project = plainProject();
    new Delivery(project, { target: target() });
    expect(rejection(() => synthesize(project))).toContain('there is none');
  });

  it.each(['', 'pro duction', '-x', 'a'.repeat(65), 'x;id', '$(id)', 'ünder'])('are not called %j', (name) => {
    expect(rejection(() => deliver(plainProject(), { environments: [environment('x', { name })] }))).toContain('is not a name for an environment');
  });

  it('have different names, whatever their letter case', () => {
    expect(rejection(() => deliver(plainProject(), { environments: [environment('Prod'), environment('prod', { trigger: Trigger.manual() })] }))).toContain('it is listed twice');
  });

  it('have names whose jobs have different ids', () => {
    expect(rejection(() => deliver(plainProject(), { environments: [environment('prod-eu'), environment('prod.eu', { trigger: Trigger.manual() })] })))
      .toBe('environment name \'prod.eu\': its jobs would have the same ids as those of \'prod-eu\' (deploy_prod_eu). Give one of them another name');
  });

  it.each<[string, string | undefined]>([
    ['ftp://example.com', 'has the scheme \'ftp\''],
    ['https://user:hunter2@example.com', 'carries credentials'],
    ['https://user@example.com', 'carries credentials'],
    ['https://:hunter2@example.com', 'carries credentials'],
    ['http://example.com', 'is plain http'],
    ['https://exa mple.com', 'is not a URL'],
    ['javascript:alert(1)', 'is not a URL'],
    ['https://', 'is not a URL'],
    ['http://localhost:3000', undefined],
    ['http://127.0.0.1:3000', undefined],
    ['http://[::1]:3000/x', undefined],
    ['https://example.com/path?x=1', undefined],
  ])('have a URL like %s: %s', (url, fault) => {
    if (fault === undefined) expect(oneDelivery({ url })).not.toThrow();
    else expect(rejection(oneDelivery({ url }))).toContain(fault);
  });

  it('show no password in a message', () => {
    expect(rejection(oneDelivery({ url: 'https://user:hunter2@example.com' }))).not.toContain('hunter2');
  });

  it('may be plain http where that is said', () => {
    expect(oneDelivery({ url: 'http://intranet.example.com', allowInsecure: true })).not.toThrow();
    expect(() => HealthCheck.http('http://intranet.example.com', { allowInsecure: true })).not.toThrow();
  });

  it('have a candidate URL that is one', () => {
    const candidate = (candidateUrl: string) => oneDelivery({ strategy: Strategy.blueGreen({ candidateUrl }) });
    expect(rejection(candidate('{slot}.example.com'))).toContain('is not a URL');
    expect(rejection(candidate('http://{slot}.example.com'))).toContain('is plain http');
    expect(candidate('https://{slot}.example.com')).not.toThrow();
  });

  it.each(['PATH', 'NODE_OPTIONS', 'GITHUB_SHA', 'DELIVERY_SLOT', 'DEPLOY_ENV', 'github_token', '1X', 'A-B', ''])('have no variable %j', (name) => {
    expect(rejection(oneDelivery({ variables: { [name]: 'x' } }))).toMatch(/^environment 'staging' variables: /);
    expect(rejection(() => deliver(plainProject(), { variables: { [name]: 'x' } }))).toMatch(/^Delivery variables: /);
  });

  it('have no variable that is an expression', () => {
    expect(rejection(oneDelivery({ variables: { API: '${{ vars.API }}' } }))).toContain('is an expression, which is never evaluated');
  });

  it.each(['GITHUB_TOKEN', 'github_x', '1TOKEN', 'MY-TOKEN', 'PATH', 'NODE_OPTIONS', ''])('have no secret %j', (name) => {
    expect(rejection(oneDelivery({ secrets: [name] }))).toMatch(/^environment 'staging' secrets: /);
  });

  it('have no name that is a variable and a secret', () => {
    expect(rejection(oneDelivery({ secrets: ['TOKEN'], variables: { TOKEN: 'x' } }))).toContain('TOKEN is a secret as well');
  });

  it('have health checks with different names', () => {
    expect(rejection(oneDelivery({ healthChecks: [HealthCheck.http('https://x.example.com'), HealthCheck.http('https://x.example.com')] })))
      .toContain('two of them have the name \'x.example.com\'');
  });

  it('have a monitorEnvironment where a probe sends a secret', () => {
    const healthChecks = [HealthCheck.http('https://x.example.com', { secretRequestHeaders: { authorization: 'TOKEN' } })];
    expect(rejection(oneDelivery({ healthChecks }))).toContain('name it: monitorEnvironment: \'staging-monitor\'');
    expect(oneDelivery({ healthChecks, monitorEnvironment: 'staging-monitor' })).not.toThrow();
  });

  it('are known by the name that jobId gets', () => {
    const delivery = deliver(plainProject());
    expect(rejection(() => delivery.jobId('stagin', JobKind.DEPLOY))).toBe('jobId environment: there is no environment \'stagin\'. Did you mean \'staging\'?');
  });

  it.each<[string, string | undefined]>([
    ['www.githubstatus.com', 'is not a URL'],
    ['http://www.githubstatus.com', 'is plain http'],
    ['https://user:hunter2@www.githubstatus.com', 'carries credentials'],
    ['tcp://1.1.1.1:53', 'has the scheme \'tcp\''],
    ['https://staging.example.com:8443/up', 'is on staging.example.com, the service\'s own host'],
    ['https://STAGING.example.com', 'is on staging.example.com, the service\'s own host'],
    ['https://api.example.com/other', 'is on api.example.com, the service\'s own host'],
    ['https://green.example.com', 'is on green.example.com, the service\'s own host'],
    ['https://www.githubstatus.com', undefined],
  ])('have a control address like %s: %s', (controlUrl, fault) => {
    const act = oneDelivery({
      controlUrl,
      healthChecks: [HealthCheck.http('https://api.example.com/health')],
      strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }),
    });
    if (fault === undefined) expect(act).not.toThrow();
    else expect(rejection(act)).toMatch(new RegExp(`^environment 'staging' controlUrl: .*${fault}`));
  });

  it('have a control address that may be another port of a machine\'s own', () => {
    const loopback = (controlUrl: string) => oneDelivery({ url: 'http://127.0.0.1:3000', healthChecks: undefined, controlUrl });
    expect(loopback('http://127.0.0.1:3001')).not.toThrow();
    expect(rejection(loopback('http://127.0.0.1:3000/up'))).toContain('the service\'s own host');
  });

  it('show no password of a control address in a message', () => {
    expect(rejection(oneDelivery({ controlUrl: 'https://user:hunter2@example.com' }))).not.toContain('hunter2');
  });

  it('have freezes that are freezes', () => {
    expect(rejection(oneDelivery({ freezes: [anything('Fri 16:00')] }))).toBe(
      'environment \'staging\' freezes: \'Fri 16:00\' is not a Freeze. Write Freeze.weekly(\'Fri 16:00\', \'Mon 07:00\') or Freeze.between(begin, end)');
  });

  it('fit into the time that GitHub gives a job', () => {
    expect(rejection(oneDelivery({ strategy: Strategy.redeploy({ bake: Duration.hours(7) }) }))).toContain('GitHub ends a job after 6 h');
  });
});

describe('triggers', () => {
  const two = (a: Trigger, b: Trigger) => () => deliver(plainProject(), { environments: [environment('a', { trigger: a }), environment('b', { trigger: b })] });

  it.each(['', 'feature/*', 'a b', '-x', 'a..b', 'x.lock', 'refs/heads/main', 'a\nb', '${{x}}', '!main'])('Trigger.branch(%j) is no branch', (name) => {
    expect(rejection(() => Trigger.branch(name))).toContain('is not a valid branch name');
  });

  it('a tag pattern has one * at most', () => {
    expect(rejection(() => Trigger.tag('v*.*'))).toContain('has 2 *');
    expect(rejection(() => Trigger.tag('v**'))).toContain('has 2 *');
    expect(rejection(() => Trigger.tag('v*', { except: '*-rc*' }))).toMatch(/^Trigger\.tag except: .* has 2 \*/);
    expect(rejection(() => Trigger.tag('v[0-9]'))).toContain('is not the name or pattern of a tag');
  });

  it.each(['_v*', '_v1', '(v)*', 'v=*', 'größe-*', '+1'])('Trigger.tag(%j) matches tags that are no names of releases: none of them could be deployed', (pattern) => {
    expect(rejection(() => Trigger.tag(pattern))).toContain(`Trigger.tag pattern: '${pattern}' matches only tags that cannot be the name of a release`);
  });

  it.each(['v*', '*', '*-rc', '@scope/pkg@*', 'pkg@1.0.0', '1.*'])('Trigger.tag(%j) matches names of releases', (pattern) => {
    expect(() => Trigger.tag(pattern)).not.toThrow();
  });

  it('what is excepted may be no name of a release', () => {
    expect(() => Trigger.tag('v*', { except: '_*' })).not.toThrow();
  });

  it.each<[string, Trigger, Trigger, string | undefined]>([
    ['the same branch in another letter case', Trigger.branch('main'), Trigger.branch('Main'), 'a push to the branch'],
    ['two branches', Trigger.branch('main'), Trigger.branch('next'), undefined],
    ['a branch and a tag', Trigger.branch('main'), Trigger.tag('main'), undefined],
    ['two people\'s choices', Trigger.manual(), Trigger.manual(), undefined],
    ['the same tags', Trigger.tag('v*'), Trigger.tag('v*'), 'the tag \'v1\''],
    ['tags that are among others', Trigger.tag('v*'), Trigger.tag('v*-rc'), 'the tag \'v1-rc\''],
    ['tags that are excepted', Trigger.tag('v*', { except: '*-rc' }), Trigger.tag('v*-rc'), undefined],
    ['tags that are excepted on the other side', Trigger.tag('v*-rc'), Trigger.tag('v*', { except: 'v*-rc' }), undefined],
    ['tags that are excepted in part', Trigger.tag('v*', { except: 'v1*' }), Trigger.tag('v*-rc'), 'the tag \'v1-rc\''],
    ['tags of which others are excepted', Trigger.tag('v*', { except: 'v*-rc' }), Trigger.tag('v*-beta'), 'the tag \'v1-beta\''],
    ['one tag among many', Trigger.tag('v*'), Trigger.tag('v1.0.0'), 'the tag \'v1.0.0\''],
    ['tags with another end', Trigger.tag('v*-eu'), Trigger.tag('v*-us'), undefined],
  ])('%s', (_, a, b, fault) => {
    if (fault === undefined) expect(two(a, b)).not.toThrow();
    else expect(rejection(two(a, b))).toContain(fault);
  });

  it('follow an environment that exists', () => {
    expect(rejection(two(Trigger.branch('main'), Trigger.after('c')))).toContain('there is no environment \'c\' before it');
    expect(rejection(oneDelivery({ trigger: Trigger.after('stagin') }))).toContain('there is no environment \'stagin\' before it');
    expect(rejection(oneDelivery({ trigger: Trigger.tag('v*', { requires: 'nowhere' }) }))).toContain('trigger requires: there is no environment \'nowhere\'');
  });

  it('suggest the environment that was meant', () => {
    const environments = [environment('staging'), environment('production', { trigger: Trigger.after('stagin') })];
    expect(rejection(() => deliver(plainProject(), { environments }))).toContain('Did you mean \'staging\'?');
  });

  it('do not go round in a circle', () => {
    expect(rejection(two(Trigger.after('b'), Trigger.after('a')))).toContain('it waits for itself: \'a\' after \'b\' after \'a\'');
    expect(rejection(two(Trigger.after('b'), Trigger.tag('v*', { requires: 'a' })))).toContain('it waits for itself');
    expect(rejection(oneDelivery({ trigger: Trigger.after('staging') }))).toContain('it waits for itself: \'staging\' after \'staging\'');
  });

  it('may name an environment that stands further down in the list', () => {
    expect(two(Trigger.after('b'), Trigger.branch('main'))).not.toThrow();
  });

  it.each(['false', 'true', 0, 1])('reject %j as allowDowngrade', (allowDowngrade) => {
    expect(rejection(oneDelivery({ allowDowngrade: anything(allowDowngrade) }))).toContain('environment \'staging\' allowDowngrade: ');
  });

  it('let lower versions come only where that is said', () => {
    const manifestOf = (rest: object) => {
      const project = plainProject();
      deliver(project, { environments: [environment('staging', rest)] });
      return synthesize(project).manifest.environments[0];
    };
    expect(manifestOf({ allowDowngrade: true }).allowDowngrade).toBe(true);
    expect(manifestOf({ allowDowngrade: false })).not.toHaveProperty('allowDowngrade');
    expect(manifestOf({})).not.toHaveProperty('allowDowngrade');
  });
});

describe('health checks', () => {
  it.each<[string, Parameters<typeof HealthCheck.http>[1], string]>([
    ['an interval under a second', { interval: Duration.millis(999) }, 'interval: 999 ms is shorter than 1 second'],
    ['a deadline that three healthy responses do not fit in', { deadline: Duration.seconds(5) }, 'deadline: 5 s is less than the time that 3 healthy results take'],
    ['no time for a response', { timeout: Duration.seconds(0) }, 'timeout: 0 s is not a positive duration'],
    ['a threshold of 0', { successThreshold: 0 }, 'successThreshold: 0 is out of range'],
    ['a threshold of 1.5', { failureThreshold: 1.5 }, 'failureThreshold: 1.5 is out of range'],
    ['a status that is none', { status: [99] }, 'status: 99 is out of range'],
    ['a status as text', { status: [anything('200')] }, 'status: \'200\' is out of range'],
    ['a range that is empty', { statusRanges: [{ first: 299, last: 200 }] }, 'statusRanges: 299 to 200 is empty'],
    ['a pattern that is none', { bodyPattern: '(' }, 'bodyPattern: \'(\' is not a valid regular expression'],
    ['a JSON path that is none', { json: [{ path: 'a..b', value: 1 }] }, 'json: \'a..b\' is not a path'],
    ['a JSON value that cannot be compared', { json: [{ path: 'a', value: anything({}) }] }, 'json: {} cannot be compared'],
    ['a header condition without a name', { headers: [{ name: 'x y', pattern: '.' }] }, 'headers: \'x y\' is not the name of a header'],
    ['a header condition without a pattern', { headers: [{ name: 'x', pattern: '[' }] }, 'headers: \'[\' is not a valid regular expression'],
    ['a request header of two lines', { requestHeaders: { x: 'a\r\nevil: b' } }, 'requestHeaders: the value of \'x\' cannot be sent'],
    ['a request header that is an expression', { requestHeaders: { authorization: '${{ secrets.X }}' } }, 'requestHeaders: the value of \'authorization\' is an expression'],
    ['a secret header with an ill-formed secret', { secretRequestHeaders: { authorization: 'my-secret' } }, 'secretRequestHeaders: the value of \'authorization\' is not a name'],
    ['redirects without end', { maxRedirects: 1000 }, 'maxRedirects: 1000 is out of range'],
    ['a name of two lines', { name: 'a\nb' }, 'name: \'a\\nb\' cannot be shown'],
    ['the name of the alert about its rollbacks', { name: 'rollback' }, 'name: \'rollback\' is reserved for the alert about the environment\'s rollbacks. Give the check another name'],
    ['the name of the alert about the environment itself', { name: 'deployment' }, 'name: \'deployment\' is reserved for the alert about the environment\'s deployments. Give the check another name'],
    ['a name of nothing', { name: '   ' }, 'name: \'   \' cannot be shown'],
    ['a name that is a number', { name: anything(5) }, 'name: 5 cannot be shown'],
    ['a pattern that is no text', { bodyPattern: anything(/ok\d/i) }, 'bodyPattern: /ok\\d/i is a RegExp, but a string is required. Write it as a string: \'ok\\\\d\' (without i: flags are not supported)'],
    ['a header\'s pattern that is no text', { headers: [{ name: 'x', pattern: anything(/^v/) }] }, 'headers: /^v/ is a RegExp, but a string is required. Write it as a string: \'^v\''],
    ['a header\'s pattern that is nothing', { headers: [{ name: 'x', pattern: anything(undefined) }] }, 'headers: undefined is not a string'],
    ['a latency that nothing exceeds', { maxLatency: Duration.seconds(6) }, 'maxLatency: 6 s is longer than timeout (5 s). Reduce maxLatency, or increase timeout'],
    ['a threshold without end', { failureThreshold: Number.POSITIVE_INFINITY }, 'failureThreshold: Infinity is out of range'],
    ['a range in brackets', { statusRanges: [anything([200, 204])] }, 'statusRanges: [200,204] is not a set of options. Write { first: 200, last: 204 }'],
    ['a range without an end', { statusRanges: [anything({ first: 200 })] }, 'statusRanges: undefined is out of range'],
    ['a JSON condition that is none', { json: [anything(null)] }, 'json: null is not a set of options. Write { path: \'status\', value: \'ok\' }'],
    ['a header condition that is none', { headers: [anything(null)] }, 'headers: null is not a set of options. Write { name: \'x-release\''],
    ['request headers in a list', { requestHeaders: anything(['a: b']) }, 'requestHeaders: ["a: b"] is not a set of options. Write { accept: \'application/json\' }'],
    ['a secret without its header', { secretRequestHeaders: anything('TOKEN') }, 'secretRequestHeaders: \'TOKEN\' is not a set of options. Write { authorization: \'NAME_OF_A_SECRET\' }'],
  ])('refuse %s', (_, options, fault) => {
    expect(rejection(check(options))).toContain(`HealthCheck.http('https://x.example.com') ${fault}`);
  });

  it('have no certificate with plain http', () => {
    expect(rejection(() => HealthCheck.http('http://localhost:1', { certificateExpiry: Duration.days(14) }))).toContain('has no certificate');
  });

  it.each<[unknown, string]>([
    ['version', '\'version\' is not a ReleaseIdentity. Write ReleaseIdentity.json(\'version\') or ReleaseIdentity.header(\'x-release\')'],
    [{ json: 'build.version' }, '{"json":"build.version"} is not a ReleaseIdentity. Write ReleaseIdentity.json(\'build.version\')'],
    [ReleaseIdentity.json, 'the function json is not a ReleaseIdentity. Write ReleaseIdentity.json(\'version\')'],
    [HealthCheck.http('https://x.example.com'), 'a HealthCheck is not a ReleaseIdentity'],
    [null, 'null is not a ReleaseIdentity'],
  ])('know no release by %p', (release, fault) => {
    expect(rejection(check({ release: anything(release) }))).toContain(`HealthCheck.http('https://x.example.com') release: ${fault}`);
  });

  it.each(['https://{slot}.example.com/health', 'https://{color}.example.com', 'https://example.com/{slot}/health'])('have no placeholder, which is not replaced: %s', (url) => {
    expect(rejection(() => HealthCheck.http(url))).toContain(`HealthCheck.http url: '${url}' contains a placeholder, which is not replaced here. Write the URL that users request. {slot} belongs into Strategy.blueGreen({ candidateUrl })`);
    expect(() => HealthCheck.http('https://example.com/items?filter={new}')).not.toThrow();
  });

  it.each<[string, HealthCheck]>([
    ['https://pr-{number}.example.com/health', HealthCheck.http('https://pr-{number}.example.com/health')],
    ['https://example.com/{number}/health', HealthCheck.http('https://example.com/{number}/health')],
    ['tcp://pr-{number}.example.com:5432', HealthCheck.tcp('pr-{number}.example.com:5432')],
    ['dns:pr-{number}.example.com?type=A', HealthCheck.dns('pr-{number}.example.com')],
    ['https://pr-{number}.example.com/prom', HealthCheck.prometheus('https://pr-{number}.example.com/prom', 'up', PrometheusCondition.above(0))],
    ['tls://pr-{number}.example.com:443', HealthCheck.certificate('https://pr-{number}.example.com')],
    ['tls://pr-{number}.example.com:993', HealthCheck.certificate('pr-{number}.example.com:993')],
  ])('have no number of a pull request, which only previews replace: %s', (url, one) => {
    const healthChecks = [HealthCheck.http('https://example.com/health'), HealthCheck.allOf([one, HealthCheck.http('https://example.com/other')])];
    expect(rejection(oneDelivery({ healthChecks }))).toBe(`environment 'staging' healthChecks: '${url}' contains {number}, which stands for a pull request only in previews of their own. Write the address that users request`);
    expect(oneDelivery({ healthChecks: healthChecks.slice(0, 1) })).not.toThrow();
  });

  it.each(['https://pr-{number}.example.com', 'https://example.com/{number}'])('and neither has the URL of an environment: %s', (url) => {
    expect(rejection(oneDelivery({ url, healthChecks: [HealthCheck.http('https://example.com/health')] }))).toContain(`environment 'staging' url: '${url}' contains {number}`);
    expect(rejection(oneDelivery({ url, healthChecks: [] }))).toContain(`environment 'staging' url: '${url}' contains {number}`);
  });

  it.each(['pr-{number}.{slot}.example.com', '{{number}.example.com', '{Number}}.example.com'])('have no other placeholder beside it: %s', (host) => {
    expect(rejection(() => HealthCheck.http(`https://${host}/health`))).toContain('contains a placeholder, which is not replaced here');
    expect(rejection(() => HealthCheck.tcp(`${host}:1`))).toContain('contains a placeholder, which is not replaced here');
    expect(rejection(() => HealthCheck.certificate(`https://${host}`))).toContain('contains a placeholder, which is not replaced here');
  });

  it('have no variable in an address: that is what commands get', () => {
    expect(rejection(() => HealthCheck.http('$DELIVERY_URL/health'))).toBe('HealthCheck.http url: \'$DELIVERY_URL/health\' is not a URL: only commands get $DELIVERY_URL. '
      + 'Write the URL that users request, for example \'https://www.example.com/health\'; a candidate is probed with the same path');
    expect(() => HealthCheck.command('curl --fail "$DELIVERY_URL/health"')).not.toThrow();
  });

  it.each<[unknown, string]>([
    [['https://a.example.com'], '\'https://a.example.com\' is not a HealthCheck. Write HealthCheck.http(\'https://a.example.com\')'],
    [[{ url: 'https://a.example.com' }], '{"url":"https://a.example.com"} is not a HealthCheck. Write HealthCheck.http(\'https://a.example.com\')'],
    [[HealthCheck], 'the class HealthCheck is not a HealthCheck. Write HealthCheck.http('],
    [[null], 'null is not a HealthCheck'],
    [[undefined], 'undefined is not a HealthCheck'],
    [[ReleaseIdentity.json('version')], 'a ReleaseIdentity is not a HealthCheck'],
    [HealthCheck.http('https://a.example.com'), 'a HealthCheck is not a list. Write [HealthCheck.http(url)]'],
    ['https://a.example.com', '\'https://a.example.com\' is not a list'],
  ])('are a list of them, unlike %p', (given, fault) => {
    expect(rejection(oneDelivery({ healthChecks: anything(given) }))).toContain(`environment 'staging' healthChecks: ${fault}`);
    expect(rejection(() => HealthCheck.anyOf(anything(given)))).toContain(`HealthCheck.anyOf checks: ${fault}`);
  });

  it.each<[string, Parameters<typeof HealthCheck.http>[1], string]>([
    ['status', { status: anything(200) }, '200 is not a list. Write [200]'],
    ['statusRanges', { statusRanges: anything({ first: 200, last: 299 }) }, '{"first":200,"last":299} is not a list. Write [{ first: 200, last: 299 }]'],
    ['json', { json: anything({ path: 'status', value: 'ok' }) }, '{"path":"status","value":"ok"} is not a list. Write [{ path: '],
    ['headers', { headers: anything({ name: 'x', pattern: '.' }) }, '{"name":"x","pattern":"."} is not a list. Write [{ name: '],
  ])('have a list of %s', (option, options, fault) => {
    expect(rejection(check(options))).toContain(`HealthCheck.http('https://x.example.com') ${option}: ${fault}`);
  });

  it.each<[string, () => unknown]>([
    ['http', () => HealthCheck.http('https://x.example.com', anything(null))],
    ['tcp', () => HealthCheck.tcp('db:1', anything(null))],
    ['command', () => HealthCheck.command('true', anything(null))],
    ['task', () => HealthCheck.task('smoke', anything(null))],
    ['dns', () => HealthCheck.dns('www.example.com', anything(null))],
    ['certificate', () => HealthCheck.certificate('www.example.com', anything(null))],
    ['cloudWatchAlarm', () => HealthCheck.cloudWatchAlarm('errors', anything(null))],
    ['prometheus', () => HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0), anything(null))],
    ['allOf', () => HealthCheck.allOf([HealthCheck.tcp('db:1')], anything(null))],
  ])('have options that are some: %s', (factory, act) => {
    expect(rejection(act)).toBe(`HealthCheck.${factory} options: null is not a set of options. Write { name: '...' }`);
  });

  it('wait for a release for a while, and not for longer than the deadline', () => {
    for (const [name, factory] of [['json', ReleaseIdentity.json], ['header', ReleaseIdentity.header]] as const) {
      const identity = (propagation: unknown) => () => factory('version', { propagation: anything(propagation) });
      expect(rejection(identity(Duration.seconds(0)))).toBe(`ReleaseIdentity.${name} propagation: 0 s is not a positive duration. Set more than 0, for example Duration.seconds(1)`);
      expect(rejection(identity(60))).toBe(`ReleaseIdentity.${name} propagation: 60 is not a Duration. Write Duration.seconds(60)`);
      expect(rejection(() => factory('version', anything(Duration.seconds(5))))).toContain(`ReleaseIdentity.${name} options: a Duration is not a set of options`);
    }
    const slow = ReleaseIdentity.json('version', { propagation: Duration.seconds(121) });
    expect(rejection(check({ release: slow }))).toBe(
      'HealthCheck.http(\'https://x.example.com\') release: its propagation 2 min 1 s is longer than the check\'s deadline (2 min). Set 2 min or less, or increase deadline',
    );
    expect(check({ release: slow, deadline: Duration.seconds(121) })).not.toThrow();
    expect(check({ release: ReleaseIdentity.json('version'), deadline: Duration.seconds(30) })).not.toThrow();
  });

  it('know a release by a path or a header', () => {
    expect(rejection(() => ReleaseIdentity.json(''))).toContain('is not a path');
    expect(rejection(() => ReleaseIdentity.header('x:y'))).toContain('is not the name of a header');
  });
});

describe('health checks of other kinds', () => {
  it.each<[unknown, string | undefined]>([
    ['db.example.com:5432', undefined],
    ['[2001:db8::1]:5432', undefined],
    ['127.0.0.1:1', undefined],
    ['db.example.com', 'is not an address'],
    ['https://db.example.com', 'is not an address'],
    ['db.example.com:', 'is not an address'],
    ['db.example.com:5432/x', 'is not an address'],
    ['a b:1', 'is not an address'],
    ['2001:db8::1:5432', 'is not an address'],
    ['db.example.com:0', '0 is not a port'],
    ['db.example.com:65536', '65536 is not a port'],
    ['{slot}.example.com:1', 'contains a placeholder, which is not replaced here'],
    [5432, 'is not an address'],
    ['user:hunter2@db.example.com:5432', '\'\\*\\*\\*@db.example.com:5432\' is not an address'],
  ])('over TCP have an address like %p: %s', (address, fault) => {
    const act = () => HealthCheck.tcp(anything(address));
    if (fault === undefined) expect(act).not.toThrow();
    else expect(rejection(act)).toMatch(new RegExp(`^HealthCheck\\.tcp address: .*${fault}`));
  });

  it('over TCP expect a pattern, send plain text, and know a candidate by its slot', () => {
    const tcp = (options: Parameters<typeof HealthCheck.tcp>[1]) => () => HealthCheck.tcp('db:1', options);
    expect(rejection(tcp({ expect: '(' }))).toContain('HealthCheck.tcp(\'db:1\') expect: \'(\' is not a valid regular expression');
    expect(rejection(tcp({ expect: anything(/^220/) }))).toContain('expect: /^220/ is a RegExp, but a string is required. Write it as a string: \'^220\'');
    expect(rejection(tcp({ send: '${{ secrets.X }}' }))).toContain('send: ');
    expect(rejection(tcp({ candidate: '{slot}' }))).toContain('candidate: \'{slot}\' is not an address');
    expect(rejection(tcp({ candidate: '{color}.db:1' }))).toContain('Use only {slot}');
    expect(tcp({ candidate: '{slot}.db:1' })).not.toThrow();
  });

  it.each(['', ' ', anything(undefined)])('by command have a line, not %p', (line) => {
    expect(rejection(() => HealthCheck.command(line))).toContain('is not a shell line');
  });

  it('by command hold no expression, and secrets whose names are some', () => {
    expect(rejection(() => HealthCheck.command('test ${{ github.ref }}'))).toContain('contains an expression');
    expect(rejection(() => HealthCheck.command('./smoke.sh', { secrets: ['my-secret'] }))).toContain('HealthCheck.command(\'./smoke.sh\') secrets: \'my-secret\' is not a name');
    expect(rejection(() => HealthCheck.command('./smoke.sh', { output: '[' }))).toContain('output: \'[\' is not a valid regular expression');
    expect(rejection(() => HealthCheck.command('./smoke.sh', { output: anything(/ok/) }))).toContain('output: /ok/ is a RegExp');
    expect(rejection(() => HealthCheck.command('./smoke.sh', { secrets: anything('TOKEN') }))).toContain('secrets: \'TOKEN\' is not a list. Write [\'TOKEN\']');
    expect(rejection(oneDelivery({ healthChecks: [HealthCheck.command('./smoke.sh', { secrets: ['TOKEN'] })] })))
      .toContain('healthChecks: they need the secret TOKEN, and the plan and monitor jobs have no environment to read it from');
  });

  it('by task have one that exists, also in a group, and it may come later', () => {
    for (const smoke of [HealthCheck.task('smoek'), HealthCheck.allOf([HealthCheck.task('smoek')])]) {
      const project = plainProject();
      project.addTask('smoke');
      deliver(project, { environments: [environment('staging', { healthChecks: [smoke] })] });
      expect(rejection(() => synthesize(project))).toBe('HealthCheck.task: there is no task \'smoek\'. Did you mean \'smoke\'?');
      project.addTask('smoek');
      expect(() => synthesize(project)).not.toThrow();
    }
  });

  it.each<[string, string]>([
    ['', 'is not a query'],
    ['rate(x[5m]', 'the bracket ( is never closed. Add )'],
    ['rate(x[5m)]', 'the bracket ) has no opening bracket. Close [ first'],
    ['sum(x))', 'the bracket ) has no opening bracket. Remove it'],
    ['x{status="500}', 'the quote " at character 10'],
    ['x{status=\'500}', 'the quote \' at character 10'],
    ['x{status="50\\"}', 'is never closed'],
    ['x{status="5\n"}', 'is never closed'],
    ['x{status=`500}', 'the quote ` at character 10'],
    ['x[5m]', 'is a range'],
    ['x[5m] # of five minutes', 'is a range'],
    ['x + ${{ vars.Y }}', 'contains an expression'],
    ['x'.repeat(4001), 'has 4001 characters'],
  ])('of Prometheus have no query like %j', (query, fault) => {
    expect(rejection(() => HealthCheck.prometheus('https://p.example.com', query, PrometheusCondition.below(1)))).toContain('HealthCheck.prometheus(\'https://p.example.com\') query: ');
    expect(rejection(() => HealthCheck.prometheus('https://p.example.com', query, PrometheusCondition.below(1)))).toContain(fault);
  });

  it.each([
    'sum(rate(x{status=~"5..", path!=\'a"b\'}[5m])) / sum(rate(x[5m]))', 'x{a="\\"("}', 'x{a=`\\`}', 'max_over_time(x[1h:1m]) # ) of an hour', 'x # it\'s "fine\n + y', 'x offset 1m or y',
  ])('of Prometheus may have a query like %j', (query) => {
    expect(() => HealthCheck.prometheus('https://p.example.com', query, PrometheusCondition.below(1))).not.toThrow();
  });

  it('of Prometheus know where it is, and what holds', () => {
    const prometheus = (url: string, condition = PrometheusCondition.atLeast(0)) => () => HealthCheck.prometheus(url, 'up', condition);
    expect(rejection(prometheus('http://p.example.com'))).toContain('is plain http');
    expect(rejection(prometheus('https://user:hunter2@p.example.com'))).toContain('carries credentials');
    expect(rejection(prometheus('https://p.example.com/?query=up'))).toContain('has a query string');
    for (const path of ['/api/v1/query', '/api/v1/query_range', '/api/v1/', '/api/v1']) {
      expect(rejection(prometheus(`https://p.example.com/prom${path}`))).toContain('is the query endpoint. Write only the base URL of Prometheus: \'https://p.example.com/prom\'; /api/v1/query is appended');
    }
    expect(prometheus('https://k8s.example.com/api/v1/namespaces/m/services/p:9090/proxy')).not.toThrow();
    expect(rejection(prometheus('https://{slot}.example.com'))).toContain('contains a placeholder, which is not replaced here');
    expect(rejection(prometheus('https://p.example.com', anything('< 1')))).toContain('condition: \'< 1\' is not a PrometheusCondition. Write PrometheusCondition.below(0.01)');
    expect(rejection(() => PrometheusCondition.below(anything('1')))).toContain('PrometheusCondition.below: \'1\' is not a finite number');
    expect(rejection(() => PrometheusCondition.above(Number.NaN))).toContain('is not a finite number');
    expect(rejection(() => HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0), { secretRequestHeaders: { authorization: 'a token' } })))
      .toContain('secretRequestHeaders: the value of \'authorization\' is not a name');
  });

  it.each(['', 'https://www.example.com', 'www.example.com:53', '192.0.2.1', 'a..b', '-a.example.com', `${'a'.repeat(64)}.example.com`])('of a name have none like %j', (name) => {
    expect(rejection(() => HealthCheck.dns(name))).toContain('HealthCheck.dns host: ');
  });

  it('of a name have one in punycode', () => {
    expect(rejection(() => HealthCheck.dns('bücher.example'))).toBe(
      'HealthCheck.dns host: \'bücher.example\' is not a DNS name. Write it in punycode: \'xn--bcher-kva.example\'');
  });

  it('of a name want records that are some, from a resolver that is an address', () => {
    const dns = (options: Parameters<typeof HealthCheck.dns>[1]) => () => HealthCheck.dns('www.example.com', options);
    expect(rejection(dns({ records: ['www.example.net'] }))).toContain('records: \'www.example.net\' is not a valid A record. Write it like \'192.0.2.1\'');
    expect(rejection(dns({ records: anything('192.0.2.1') }))).toContain('records: \'192.0.2.1\' is not a list. Write [\'192.0.2.1\']');
    expect(rejection(dns({ type: DnsRecordType.MX, records: ['mail.example.com'] }))).toContain('is not a valid MX record');
    expect(rejection(dns({ type: anything('SRV') }))).toContain('type: \'SRV\' is not one of A, AAAA');
    expect(rejection(dns({ resolver: 'dns.example.com' }))).toContain('is not an IP address');
    for (const resolver of ['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]:53']) expect(dns({ resolver })).not.toThrow();
  });

  it('of a certificate have a host that shows one', () => {
    expect(rejection(() => HealthCheck.certificate('http://www.example.com'))).toContain('has no certificate');
    expect(rejection(() => HealthCheck.certificate('www example'))).toContain('is not an address');
    expect(rejection(() => HealthCheck.certificate('www.example.com/x'))).toContain('is not an address. Write a host, with a port if it is not 443, or an https URL: \'www.example.com\'');
    for (const place of ['{slot}.example.com', 'https://{slot}.example.com']) expect(rejection(() => HealthCheck.certificate(place))).toContain('contains a placeholder, which is not replaced here');
    const credentials = rejection(() => HealthCheck.certificate('https://user:hunter2@www.example.com'));
    expect(credentials).toContain('carries credentials, which everyone who can read the repository would see. Remove them: reading a certificate needs no credentials');
    expect(rejection(() => HealthCheck.certificate('www.example.com', { validFor: Duration.days(0) }))).toContain('validFor: 0 s is not a positive duration');
    for (const host of ['www.example.com', 'mail.example.com:993', 'https://www.example.com/x']) expect(() => HealthCheck.certificate(host)).not.toThrow();
  });

  describe.each(['allOf', 'anyOf'] as const)('in a group %s', (kind) => {
    const group = (checks: HealthCheck[], options?: HealthCheckOptions) => () => HealthCheck[kind](checks, options);
    const http = (options?: Parameters<typeof HealthCheck.http>[1]) => HealthCheck.http('https://x.example.com', options);

    it('are one at least, and a list', () => {
      expect(rejection(group([]))).toContain(`HealthCheck.${kind} checks: it is empty`);
      expect(rejection(group(anything(http())))).toBe(`HealthCheck.${kind} checks: a HealthCheck is not a list. Write [HealthCheck.http(url)]`);
    });

    it('have different names', () => {
      expect(rejection(group([http(), http()]))).toContain('two of them have the name \'x.example.com\'');
    });

    it.each<[string, Parameters<typeof HealthCheck.http>[1]]>([
      ['interval', { interval: Duration.seconds(3) }], ['successThreshold', { successThreshold: 1 }],
      ['failureThreshold', { failureThreshold: 5 }], ['deadline', { deadline: Duration.minutes(5) }], ['use', { use: HealthCheckUse.WATCH }],
    ])('have no %s of their own, which the group would ignore', (option, options) => {
      expect(rejection(group([http(options)]))).toContain(`\'x.example.com\' sets ${option}`);
      expect(group([http({ timeout: Duration.seconds(1) })], options)).not.toThrow();
    });

    it('wait for a release no longer than the group\'s deadline', () => {
      const member = (release: ReleaseIdentity) => [http({ release })];
      const slow = ReleaseIdentity.json('version', { propagation: Duration.seconds(31) });
      const options = { deadline: Duration.seconds(30) };
      const fault = `HealthCheck.${kind} checks: its propagation 31 s is longer than the check\'s deadline (30 s)`;
      expect(rejection(group(member(slow), options))).toContain(fault);
      expect(rejection(group([HealthCheck.allOf(member(slow))], options))).toContain(fault);
      expect(group(member(ReleaseIdentity.json('version')), options)).not.toThrow();
    });

    it('have the timeouts, not the group', () => {
      expect(rejection(group([http()], { timeout: Duration.seconds(1) }))).toContain('timeout: a group waits for its slowest member');
    });

    it('are nested once', () => {
      const inner = HealthCheck.anyOf([http()]);
      const outer = HealthCheck.allOf([inner, HealthCheck.tcp('db:1')]);
      expect(rejection(group([outer]))).toContain('Nest groups at most once');
    });
  });

  it('include one that can probe a candidate if traffic moves only to a verified one', () => {
    const blueGreen = (...healthChecks: HealthCheck[]) => oneDelivery({ healthChecks, strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }) });
    const certificate = HealthCheck.certificate('x.example.com');
    const members = [HealthCheck.tcp('db:1'), HealthCheck.dns('x.example.com'), HealthCheck.cloudWatchAlarm('errors'), certificate, HealthCheck.prometheus('https://p.example.com', 'up', PrometheusCondition.above(0))];
    const live = members.map((one) => (one === certificate ? HealthCheck.certificate('x.example.com', { use: HealthCheckUse.BOTH }) : one));
    expect(rejection(blueGreen(...live))).toContain('healthChecks: none of them can probe a candidate');
    expect(rejection(blueGreen(HealthCheck.anyOf(members)))).toContain('none of them can probe a candidate');
    expect(oneDelivery({ healthChecks: live })).not.toThrow();
    for (const one of [HealthCheck.http('https://x.example.com'), HealthCheck.command('true'), HealthCheck.tcp('db:2', { candidate: '{slot}.db:1' })]) {
      expect(blueGreen(...live, one)).not.toThrow();
      expect(blueGreen(HealthCheck.allOf([...members, one]))).not.toThrow();
    }
  });

  it('have a control address on another host', () => {
    for (const one of [HealthCheck.tcp('elsewhere.example.net:1'), HealthCheck.certificate('elsewhere.example.net', { use: HealthCheckUse.GATE }), HealthCheck.allOf([HealthCheck.http('https://elsewhere.example.net')])]) {
      expect(rejection(oneDelivery({ healthChecks: [one], controlUrl: 'https://elsewhere.example.net' }))).toContain('the service\'s own host');
    }
  });
});

describe('durations', () => {
  const http = (name: string) => (value: unknown) => check({ [name]: value });
  const monitoring = (options: (value: unknown) => unknown) => (value: unknown) => (
    () => deliver(plainProject(), { monitoring: anything(options(value)) })
  );

  it.each<[string, (value: unknown) => () => unknown, unknown, string]>([
    ['interval', http('interval'), '5', 'Duration.seconds(5)'],
    ['interval', http('interval'), '5m', 'Duration.minutes(5)'],
    ['interval', http('interval'), '1.5 hours', 'Duration.hours(1.5)'],
    ['interval', http('interval'), '500ms', 'Duration.millis(500)'],
    ['interval', http('interval'), 'often', 'Duration.seconds(2)'],
    ['timeout', http('timeout'), 5000, 'Duration.millis(5000)'],
    ['timeout', http('timeout'), '30s', 'Duration.seconds(30)'],
    ['deadline', http('deadline'), 90, 'Duration.seconds(90)'],
    ['deadline', http('deadline'), {}, 'Duration.seconds(120)'],
    ['certificateExpiry', http('certificateExpiry'), 30, 'Duration.days(30)'],
    ['maxLatency', http('maxLatency'), 0.5, 'Duration.seconds(0.5)'],
    ['validFor', (value) => () => HealthCheck.certificate('www.example.com', { validFor: anything(value) }), 14, 'Duration.days(14)'],
    ['monitoring.interval', monitoring((interval) => ({ interval })), 5, 'Duration.minutes(5)'],
    ['monitoring.interval', monitoring((interval) => ({ interval })), 300, 'Duration.minutes(5)'],
    ['monitoring.remindEvery', monitoring((remindEvery) => ({ remindEvery })), 0, 'Duration.hours(1)'],
    ['rollback.within', monitoring((within) => ({ rollback: { within } })), '1d', 'Duration.days(1)'],
    ['rollback.within', monitoring((within) => ({ rollback: { within } })), undefined, 'Duration.hours(1)'],
  ])('are one: %s (%#)', (option, act, value, fix) => {
    const message = rejection(act(value));
    expect(message).toContain(`${option}: `);
    expect(message).toMatch(/ is not a Duration\. Write /);
    expect(message.split('Write ')[1]).toBe(fix);
  });

  it('are shown as they are where they are none', () => {
    expect(rejection(() => Duration.seconds(Number.NaN))).toContain('NaN is not a length of time');
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, anything('5')])('are not %p', (amount) => {
    expect(rejection(() => Duration.seconds(amount))).toContain('is not a length of time');
  });
});

describe('freezes', () => {
  it.each(['Fri', '16:00', 'Fri 24:00', 'Fri 16:60', 'Fri 7:00', 'Fri  16:00', 'Fr 16:00', 'Fryday 16:00', '2026-12-24 00:00', '', anything(5), anything(undefined)])('every week have no time like %p', (time) => {
    expect(rejection(() => Freeze.weekly(time, 'Mon 07:00'))).toMatch(/^Freeze\.weekly begin: .* is not a time of the week\. Write a weekday and a time/);
    expect(rejection(() => Freeze.weekly('Mon 07:00', time))).toMatch(/^Freeze\.weekly end: /);
  });

  it.each([
    '2026-12-24', '24.12.2026 00:00', '2026-12-24 24:00', '2026-12-24 7:00', '2026-02-29 00:00', '2026-13-01 00:00', '2026-04-31 00:00',
    '2026-12-24T00:00Z', '2026-12-24 00:00 +01:00', 'Fri 16:00', anything(new Date(0)), anything(undefined),
  ])('have no date like %p', (time) => {
    expect(rejection(() => Freeze.between(time, '2027-01-02 00:00'))).toMatch(/^Freeze\.between begin: .* is not a date with a time\. Write both/);
    expect(rejection(() => Freeze.between('2026-01-02 00:00', time))).toMatch(/^Freeze\.between end: /);
  });

  it('end after they begin', () => {
    expect(rejection(() => Freeze.weekly('Fri 16:00', 'friday 16:00'))).toContain('it would be over at once or never');
    expect(rejection(() => Freeze.between('2026-12-24 00:00', '2026-12-24T00:00'))).toContain('is not after');
    expect(rejection(() => Freeze.between('2027-01-02 00:00', '2026-12-24 00:00'))).toContain('is not after');
    expect(() => Freeze.between('2028-02-29 00:00', '2028-02-29 00:01')).not.toThrow();
  });

  it.each<[unknown, string]>([
    ['Europe/Berln', 'Did you mean \'Europe/Berlin\'?'],
    ['+02:00', 'Write its name in the IANA database'],
    ['', 'Write its name in the IANA database'],
    [2, 'Write its name in the IANA database'],
  ])('are in a time zone that there is, not in %p', (timeZone, fix) => {
    expect(rejection(() => Freeze.weekly('Fri 16:00', 'Mon 07:00', { timeZone: anything(timeZone) }))).toMatch(/^Freeze\.weekly timeZone: .* is not a time zone/);
    expect(rejection(() => Freeze.between('2026-12-24 00:00', '2027-01-02 00:00', { timeZone: anything(timeZone) }))).toContain(fix);
  });

  it.each(['', 'two\nlines', 'x'.repeat(201), '\u202egnirewsna', '\ud800', anything(1)])('have no reason like %j', (reason) => {
    expect(rejection(() => Freeze.weekly('Fri 16:00', 'Mon 07:00', { reason }))).toMatch(/^Freeze\.weekly reason: .* cannot be shown in a notice/);
  });
});

describe('schedules', () => {
  it.each<[unknown, string]>([
    ['17 3 * *', 'has 4 fields'],
    ['@weekly', 'has 1 fields'],
    [undefined, 'has 0 fields'],
    ['60 3 * * 2', '\'60\' is no minute'],
    ['17 24 * * 2', '\'24\' is no hour'],
    ['17 3 0 * 2', '\'0\' is no day of the month'],
    ['17 3 * 13 2', '\'13\' is no month'],
    ['17 3 * * 7', '\'7\' is no day of the week'],
    ['17 3 * * TUESDAY', '\'TUESDAY\' is no day of the week'],
    ['17 3 * TUE 2', '\'TUE\' is no month'],
    ['17 3 * * 5-2', '\'5-2\' is no day of the week'],
    ['*/0 3 * * 2', '\'*/0\' is no minute'],
    ['*-5 3 * * 2', '\'*-5\' is no minute'],
    ['17, 3 * * 2', '\'17,\' is no minute'],
    ['${{x}} 3 * * 2', 'is no minute'],
    ['*/4 * * * *', 'repeats within 5 min'],
    ['0,58,3 * * * *', 'repeats within 5 min'],
  ])('by cron are not %p', (expression, fault) => {
    expect(rejection(() => Schedule.cron(anything(expression)))).toContain(fault);
  });

  it.each(['17 3 * * 2', '*/5 * * * *', '7/15 8-18 1,15 JAN-MAR mon-fri', ' 0   0 31 12 * '])('by cron may be %j', (expression) => {
    expect(() => Schedule.cron(expression)).not.toThrow();
  });

  it('every week are a time of the week', () => {
    expect(rejection(() => Schedule.weekly('03:17'))).toContain('Schedule.weekly time: \'03:17\' is not a time of the week');
  });
});

describe('drills', () => {
  const drill = (options: unknown) => () => deliver(plainProject(), { drill: anything(options) });

  it.each([{}, { environments: [] }, { environments: 'staging' }])('name an environment, unlike %j', (options) => {
    expect(rejection(drill(options))).toMatch(/^Delivery drill environments: .* names none/);
  });

  it('name each environment once', () => {
    expect(rejection(drill({ environments: ['staging', 'staging'] }))).toContain('\'staging\' is listed twice');
  });

  it('have a schedule that is one', () => {
    expect(rejection(drill({ environments: ['staging'], schedule: '17 3 * * 2' }))).toBe(
      'Delivery drill schedule: \'17 3 * * 2\' is not a Schedule. Write Schedule.weekly(\'Tue 03:17\') or Schedule.cron(\'17 3 * * 2\')');
  });

  it('name environments that come, before the project is synthesized', () => {
    const project = plainProject();
    const delivery = deliver(project, { drill: { environments: ['staging', 'prod'] } });
    expect(rejection(() => synthesize(project))).toBe('Delivery drill environments: there is no environment \'prod\'. There is: staging');
    delivery.addEnvironment('prod', environment('prod', { trigger: Trigger.manual() }));
    expect(() => synthesize(project)).not.toThrow();
  });
});

describe('the lock', () => {
  it('is a Lock: what is not would quietly hold nothing', () => {
    expect(rejection(() => deliver(plainProject(), { lock: anything('gitRef') }))).toBe('Delivery lock: \'gitRef\' is not a Lock. Write Lock.ledger() or Lock.gitRef()');
    expect(rejection(() => deliver(plainProject(), { lock: anything(Lock.gitRef) }))).toContain('is not a Lock');
  });
});

describe('what stands where something else belongs', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ target: 'ship' }, 'target: \'ship\' is not a Target. Write Target.tasks({ deploy: \'ship\' })'],
    [{ target: Target.tasks }, 'target: the function tasks is not a Target. Write Target.tasks({ deploy: \'ship\' })'],
    [{ strategy: 'blueGreen' }, 'strategy: \'blueGreen\' is not a Strategy. Write Strategy.redeploy(), Strategy.blueGreen() or Strategy.canary({ steps: [...] })'],
    [{ strategy: Strategy.blueGreen }, 'strategy: the function blueGreen is not a Strategy'],
    [{ trigger: 'main' }, 'trigger: \'main\' is not a Trigger. Set what deploys here, for example Trigger.branch(\'main\')'],
    [{ freezes: Freeze.weekly('Fri 16:00', 'Mon 07:00') }, 'freezes: a Freeze is not a list. Write [Freeze.weekly('],
    [{ secrets: 'TOKEN' }, 'secrets: \'TOKEN\' is not a list. Write [\'TOKEN\']'],
    [{ variables: 'A=b' }, 'variables: \'A=b\' is not a set of options. Write { NAME: \'value\' }'],
  ])('is refused in an environment: %j', (rest, message) => {
    expect(rejection(oneDelivery(anything(rest)))).toContain(`environment 'staging' ${message}`);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ target: 'ship' }, 'target: \'ship\' is not a Target'],
    [{ environments: 'staging' }, 'environments: \'staging\' is not a list'],
    [{ workflow: 'ci' }, 'workflow: \'ci\' is not a Workflow. Write Workflow.own() or Workflow.named(\'ci\')'],
    [{ workflow: Workflow.own }, 'workflow: the function own is not a Workflow'],
    [{ alerts: null }, 'alerts: null is not a list'],
    [{ environments: ['staging'] }, 'environments: \'staging\' is not a set of options. Write { name: \'staging\', ... }'],
    [{ environments: [null] }, 'environments: null is not a set of options'],
    [{ secrets: 'TOKEN' }, 'secrets: \'TOKEN\' is not a list. Write [\'TOKEN\']'],
  ])('is refused in the delivery: %j', (rest, message) => {
    expect(rejection(() => deliver(plainProject(), anything(rest)))).toContain(`Delivery ${message}`);
  });

  it.each(['setupSteps', 'toolchainSteps'])('is rejected among the steps of %s', (option) => {
    for (const step of [null, 'npm ci']) {
      expect(rejection(() => deliver(plainProject(), { [option]: [step] }))).toMatch(new RegExp(`^${option}\\[0\\]: .* is not a set of options`));
    }
  });

  it('is accepted where a secret is only called like what every object has', () => {
    expect(oneDelivery({ secrets: ['constructor'] })).not.toThrow();
  });

  it.each([ReleaseIdentity.json('version'), Duration.seconds(5), Strategy.redeploy(), /ok/, 'name', 5, []])('is rejected in place of options: %p', (options) => {
    expect(rejection(() => HealthCheck.http('https://x.example.com', anything(options)))).toMatch(/^HealthCheck\.http options: .* is not a set of options/);
  });

  it('is shown shortly, whatever it is', () => {
    const itself: Record<string, unknown> = {};
    itself.self = itself;
    for (const [value, shown] of [[itself, 'an object'], [[itself], 'a list'], [plainProject(), 'a Project'], [10n, '10'], [Symbol('x'), 'Symbol(x)']]) {
      expect(rejection(check({ release: anything(value) }))).toContain(`release: ${String(shown)} is not a ReleaseIdentity`);
    }
  });
});

describe('targets', () => {
  it('have a deploy', () => {
    expect(rejection(() => Target.tasks(anything({})))).toContain('Target.tasks deploy: it is missing');
    expect(rejection(() => Target.commands({ deploy: ' ' }))).toContain('Target.commands deploy: \' \' is not a shell line');
  });

  it('have no expression in a shell line', () => {
    expect(rejection(() => Target.commands({ deploy: 'deploy ${{ github.ref }}' }))).toContain('contains an expression');
  });

  it('have a migration that exists', () => {
    const project = plainProject();
    deliver(project, { target: Target.tasks({ deploy: 'ship', migrate: 'migrat' }) });
    expect(rejection(() => synthesize(project))).toBe('Target.tasks migrate: there is no task \'migrat\'. Did you mean \'migrate\'?');
    expect(rejection(() => Target.commands({ deploy: 'true', migrate: '' }))).toContain('Target.commands migrate: \'\' is not a shell line');
  });

  it('have commands of their own kind around them', () => {
    const around = (one: Target, rest: Parameters<typeof environment>[1]) => {
      const project = plainProject();
      deliver(project, { target: one, environments: [environment('staging', rest)] });
      return rejection(() => synthesize(project));
    };
    expect(around(target(), { beforeDeploy: 'migrat' })).toBe('environment \'staging\' beforeDeploy: there is no task \'migrat\'. Did you mean \'migrate\'?');
    const lines = Target.commands({ deploy: './ship' });
    expect(around(lines, { afterPromote: new Task('purge') })).toBe(
      'environment \'staging\' afterPromote: the task \'purge\' is not a shell line, of which the target is made. Write the command line that bash runs, for example afterPromote: \'./afterPromote.sh\'');
    expect(around(lines, { beforeDeploy: '' })).toContain('environment \'staging\' beforeDeploy: \'\' is not a shell line');
    expect(around(lines, { beforeDeploy: 'x ${{ github.ref }}' })).toContain('contains an expression');
  });

  it('have tasks of the project itself', () => {
    const project = plainProject();
    deliver(project, { target: Target.tasks({ deploy: new Task('ship') }) });
    expect(rejection(() => synthesize(project))).toContain('the task \'ship\' is another project\'s');
  });

  it('may have tasks that are added after the delivery', () => {
    const project = plainProject();
    deliver(project, { target: Target.tasks({ deploy: 'later' }) });
    project.addTask('later');
    expect(() => synthesize(project)).not.toThrow();
  });
});

describe('the artifact', () => {
  it.each(['', '.', '/etc', '../x', 'a/../../x', 'dist/*', '.git', '.projen/x', '-rf', 'a\'b'])('is not %j', (path) => {
    expect(rejection(() => deliver(plainProject(), { artifact: { paths: [path] } }))).toMatch(/^artifact\.paths: /);
  });

  it('is something', () => {
    expect(rejection(() => deliver(plainProject(), { artifact: { paths: [] } }))).toContain('names no file');
  });

  it('is made by a task that exists', () => {
    const project = plainProject();
    deliver(project, { artifact: { paths: ['dist'], buildTask: 'bild' } });
    expect(rejection(() => synthesize(project))).toBe('artifact.buildTask: there is no task \'bild\'. Did you mean \'build\'?');
    const other = plainProject();
    deliver(other, { artifact: { paths: ['dist'], buildTask: anything(5) } });
    expect(rejection(() => synthesize(other))).toBe('artifact.buildTask: 5 is neither a task nor the name of one. Name a task of the project, for example \'bundle\'');
  });
});

describe('the workflow', () => {
  const job = (needs?: string[]) => ({ needs, runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'true' }] });
  const workflowOf = (project: Project, name: string) => new github.GithubWorkflow(github.GitHub.of(project)!, name);

  it('has every job that is needed', () => {
    const project = plainProject();
    const delivery = deliver(project, { needs: ['test'] });
    delivery.workflow.addJob('tests', job());
    expect(rejection(() => synthesize(project))).toBe('needs: the workflow has no job \'test\'. Did you mean \'tests\'?');
  });

  it('has every job that another job needs', () => {
    const project = plainProject();
    deliver(project).workflow.addJob('report', job(['deploy_production']));
    expect(rejection(() => synthesize(project))).toContain('its job \'report\' needs a job \'deploy_production\' that it does not have');
  });

  it('has no job that waits for itself', () => {
    const project = plainProject();
    deliver(project, { needs: ['test'] }).workflow.addJob('test', job(['deploy_staging']));
    expect(rejection(() => synthesize(project))).toContain('waits for itself');
  });

  it('has no ill-formed job id', () => {
    const project = plainProject();
    deliver(project).workflow.addJob('bad id!', job());
    expect(rejection(() => synthesize(project))).toContain('does not accept the job id \'bad id!\'');
  });

  // GitHub's reader of workflows takes keys that differ in letter case for one that stands twice
  it.each(['Deploy_Staging', 'DEPLOY_STAGING'])('has no job with an id that is another one\'s but for its letter case: %s', (id) => {
    const project = plainProject();
    deliver(project).workflow.addJob(id, job());
    expect(rejection(() => synthesize(project))).toBe(
      `workflow: the job ids 'deploy_staging' and '${id}' are the same to GitHub, and it starts no workflow that has both. Give the job that is yours another id`);
  });

  it('has no job in the place of ours', () => {
    const project = plainProject();
    deliver(project).workflow.addJob('deploy_staging', job());
    expect(rejection(() => synthesize(project))).toBe('workflow: the job id \'deploy_staging\' is the delivery\'s, and another job took it. Give the other job another id');
  });

  it('has no job in the place of the one that builds, whenever that was added', () => {
    const artifact = { paths: ['dist'] };
    const taken = (id: string) => `the job id '${id}' is the delivery's, and another job took it. Give the other job another id`;
    expect(rejection(() => {
      const delivery = deliver(plainProject(), { artifact, environments: [] });
      delivery.workflow.addJob('build', job());
      delivery.addEnvironment('staging', environment('staging'));
    })).toBe(`workflow: ${taken('build')}`);
    expect(rejection(() => {
      const delivery = deliver(plainProject(), { artifact });
      delivery.workflow.addJob('build', job());
      synthesize(delivery.project);
    })).toBe(`workflow: ${taken('build')}`);
    expect(rejection(() => {
      const project = plainProject();
      workflowOf(project, 'ci').addJob('delivery_release', job());
      deliver(project, { artifact, workflow: Workflow.named('ci') });
    })).toBe(`Workflow.named: ${taken('delivery_release')}`);
  });

  it('may have a job called build where the delivery has none', () => {
    const project = plainProject();
    deliver(project, { needs: ['build'] }).workflow.addJob('build', job());
    expect(synthesize(project).deploy.jobs.deploy_staging.needs).toEqual(['environment_staging', 'build']);
  });

  it.each<[unknown, string]>([
    [['test', 'test'], '\'test\' is listed twice. Name it once'],
    ['test', '\'test\' is not a list. Write [\'test\']'],
    [[1], '1 is not the id of a job. Write one, for example \'test\''],
    [['constructor'], 'the workflow has no job \'constructor\'. Add it: delivery.workflow.addJob(\'constructor\', { ... })'],
    [['build'], '\'build\' is a job of the delivery\'s own, and deployments wait for those anyway. Leave it out'],
    [['deploy_staging'], '\'deploy_staging\' is a job of the delivery\'s own, and deployments wait for those anyway. Leave it out'],
  ])('is asked for jobs that it can have: %j', (needs, message) => {
    const project = plainProject();
    expect(rejection(() => {
      deliver(project, { needs: anything(needs), artifact: { paths: ['dist'] } }).workflow.addJob('test', job());
      synthesize(project);
    })).toBe(`needs: ${message}`);
  });

  it('has a runner for every job', () => {
    const project = plainProject();
    deliver(project).workflow.addJob('test', { ...job(), runsOn: [] });
    expect(rejection(() => synthesize(project))).toBe('workflow: its job \'test\' names no runner (runsOn is empty). Name one, for example runsOn: [\'ubuntu-latest\']');
  });

  it('is one of the repository\'s', () => {
    const [other, project] = [plainProject(), typescriptProject()];
    expect(rejection(() => deliver(project, { workflow: Workflow.existing(workflowOf(other, 'ci')) }))).toBe(
      'Workflow.existing workflow: \'ci\' is a workflow of the project \'plain\', which is in another repository than \'shop\'. '
      + 'Give one that was made for this repository: new github.GithubWorkflow(github.GitHub.of(project.root), \'ci\')');
  });

  it('is one that GitHub reads', () => {
    const project = plainProject();
    workflowOf(project, 'ci/test');
    expect(rejection(() => deliver(project, { workflow: Workflow.named('ci/test') }))).toBe(
      'Workflow.named workflow: the file of \'ci/test\' is .github/workflows/ci/test.yml, and GitHub reads workflows in .github/workflows only. '
      + 'Give it a name without a slash, and make it with the root project\'s GitHub');
  });

  it('has no place for an environment whose job id is taken', () => {
    const delivery = deliver(plainProject());
    delivery.workflow.addJob('monitor_x', job());
    expect(rejection(() => delivery.addEnvironment('x', environment('x', { trigger: Trigger.manual() })))).toContain('the job id \'monitor_x\'');
  });

  it('keeps our jobs', () => {
    const project = plainProject();
    deliver(project).workflow.removeJob('rollback_staging');
    expect(rejection(() => synthesize(project))).toContain('job \'rollback_staging\' was removed');
  });

  it.each(['rollbackWorkflow', 'drillWorkflow'] as const)('for rollbacks or drills (%s) is checked in the same way', (which) => {
    const changed = (change: (workflow: github.GithubWorkflow) => void) => rejection(() => {
      const project = plainProject();
      change(deliver(project, { drill: { environments: ['staging'] } })[which]!);
      synthesize(project);
    });
    expect(changed((workflow) => workflow.addJob('report', job(['rolback_staging'])))).toBe(
      `${which}: its job 'report' needs a job 'rolback_staging' that it does not have. Add 'rolback_staging', or take it out of needs`);
    expect(changed((workflow) => workflow.addJob('recover', job()))).toBe(`${which}: the job id 'recover' is the delivery's, and another job took it. Give the other job another id`);
    expect(changed((workflow) => workflow.removeJob('recover'))).toContain(`${which}: the delivery's job 'recover' was removed`);
  });

  it.each(['deploy', 'rollback', 'drill', 'recover', 'pack'])('has no step of ours twice: %s', (id) => {
    expect(rejection(() => deliver(plainProject(), { setupSteps: [{ id, run: 'true' }] }))).toBe(
      `setupSteps[0].id: '${id}' is the id of a step of the delivery's own. Choose another id`);
  });
});

describe('two environments of one name', () => {
  it('in one list: the second is not dropped without a word', () => {
    expect(rejection(() => deliver(plainProject(), {
      environments: [environment('production', { trigger: Trigger.branch('release') }), environment('production', { trigger: Trigger.tag('v*') })],
    }))).toBe('environment name \'production\': it is listed twice (letter case makes no difference on GitHub). Give one of them another name');
  });

  it('in two lists, letter case ignored', () => {
    const delivery = deliver(plainProject());
    expect(rejection(() => delivery.addEnvironment('Staging', environment('Staging', { trigger: Trigger.manual() })))).toContain('environment name \'Staging\': it is listed twice');
  });
});

describe('values that only plain JavaScript allows are rejected in', () => {
  const delivered = (options: object) => () => deliver(plainProject(), options);
  const step = (given: unknown) => delivered({ setupSteps: [anything(given)] });

  it.each<[string, () => unknown, string]>([
    ['the project is missing', () => new Delivery(anything(undefined), anything({ target: Target.commands({ deploy: 'x' }) })),
      'Delivery project: undefined is not a project. Give the one that is delivered: new Delivery(project, { ... })'],
    ['there shall be no drill', delivered({ drill: false }), 'Delivery drill: false is not a set of options. Write { environments: [\'staging\'] }'],
    ['a trigger follows nothing', () => Trigger.after(anything(undefined)), 'Trigger.after environment: undefined is not the name of an environment. Write names as text, for example \'production\''],
    ['a tag requires several', () => Trigger.tag('v*', { requires: anything(['staging']) }), 'Trigger.tag requires: ["staging"] is not the name of an environment. Write names as text, for example \'production\''],
    ['a step is nothing', step(null), 'setupSteps[0]: null is not a set of options. Write { name: \'log in\', run: \'./login\' }'],
    ['a step\'s lines are a list', step({ run: ['./a', './b'] }), 'setupSteps[0].run: ["./a","./b"] is not a text. Write one; lines of run stand in one text, each on its own line'],
    ['a step\'s name is a number', step({ name: 5, run: 'true' }), 'setupSteps[0].name: 5 is not a text'],
    ['a step uses nothing', step({ name: 'x', uses: null }), 'setupSteps[0].uses: null is not a text'],
    ['a job is of no kind', () => deliver(plainProject()).jobId('staging', anything('plan')), 'jobId kind: \'plan\' is not a JobKind. Write a kind such as JobKind.DEPLOY'],
  ])('%s', (_, make, message) => {
    expect(rejection(make)).toContain(message);
  });
});

describe('an option that there is not, from plain JavaScript', () => {
  const url = 'https://x.example.com';
  const condition = PrometheusCondition.below(1);
  const unknown = (rest: object = {}) => anything({ ...rest, surprise: 1 });

  it.each<[string, () => unknown]>([
    ['Delivery', () => deliver(plainProject(), unknown())],
    ['artifact', () => deliver(plainProject(), { artifact: unknown({ paths: ['dist'] }) })],
    ['Delivery drill', () => deliver(plainProject(), { drill: unknown({ environments: ['staging'] }) })],
    ['Delivery monitoring', () => deliver(plainProject(), { monitoring: unknown() })],
    ['Delivery monitoring.rollback', () => deliver(plainProject(), { monitoring: { rollback: unknown({ within: Duration.hours(1) }) } })],
    ['Delivery compatibility', () => deliver(plainProject(), { compatibility: unknown() })],
    ['environment \'staging\'', oneDelivery(unknown())],
    ['Target.tasks', () => Target.tasks(unknown({ deploy: 'ship' }))],
    ['Target.commands', () => Target.commands(unknown({ deploy: './ship.sh' }))],
    ['Trigger.tag', () => Trigger.tag('v*', unknown())],
    ['Trigger.release', () => Trigger.release(unknown())],
    ['Strategy.redeploy', () => Strategy.redeploy(unknown())],
    ['Strategy.blueGreen', () => Strategy.blueGreen(unknown())],
    ['Strategy.canary', () => Strategy.canary(unknown())],
    ['CanaryStep.weight', () => CanaryStep.weight(5, unknown())],
    ['Analysis.errors', () => Analysis.errors(Metric.command('true'), unknown())],
    ['Analysis.latency', () => Analysis.latency(Metric.command('true'), unknown())],
    ['Freeze.weekly', () => Freeze.weekly('Fri 16:00', 'Mon 07:00', unknown())],
    ['Freeze.between', () => Freeze.between('2026-12-24 00:00', '2027-01-02 00:00', unknown())],
    ['HealthCheck.http', () => HealthCheck.http(url, unknown())],
    [`HealthCheck.http('${url}') json`, () => HealthCheck.http(url, { json: [unknown({ path: 'a', value: 1 })] })],
    [`HealthCheck.http('${url}') headers`, () => HealthCheck.http(url, { headers: [unknown({ name: 'a', pattern: 'b' })] })],
    [`HealthCheck.http('${url}') statusRanges`, () => HealthCheck.http(url, { statusRanges: [unknown({ first: 200, last: 204 })] })],
    ['ReleaseIdentity.json', () => ReleaseIdentity.json('version', unknown())],
    ['ReleaseIdentity.header', () => ReleaseIdentity.header('x-release', unknown())],
    ['HealthCheck.tcp', () => HealthCheck.tcp('x.example.com:1', unknown())],
    ['HealthCheck.command', () => HealthCheck.command('true', unknown())],
    ['HealthCheck.task', () => HealthCheck.task('ship', unknown())],
    ['HealthCheck.prometheus', () => HealthCheck.prometheus(url, 'up', condition, unknown())],
    ['HealthCheck.dns', () => HealthCheck.dns('x.example.com', unknown())],
    ['HealthCheck.certificate', () => HealthCheck.certificate('x.example.com', unknown())],
    ['HealthCheck.cloudWatchAlarm', () => HealthCheck.cloudWatchAlarm('errors', unknown())],
    ['HealthCheck.allOf', () => HealthCheck.allOf([HealthCheck.http(url)], unknown())],
    ['HealthCheck.anyOf', () => HealthCheck.anyOf([HealthCheck.http(url)], unknown())],
    ...(['slack', 'teams', 'discord', 'pagerduty', 'webhook'] as const).map((kind): [string, () => unknown] => [`Alert.${kind}`, () => Alert[kind]('ALERT_SECRET', unknown())]),
    ['Alert.githubIssue', () => Alert.githubIssue(unknown())],
    ['Alert.command', () => Alert.command(unknown({ line: 'true' }))],
    ...(['gatus', 'blackbox', 'argoAnalysis', 'argoCanary', 'flagger'] as const).map((kind): [string, () => unknown] => [`MonitorExport.${kind}`, () => MonitorExport[kind](unknown())]),
  ])('%s', (option, act) => {
    expect(rejection(act)).toMatch(`${option} surprise: there is no such option. Remove it, or use one of `);
  });

  it('is named with the one that was meant', () => {
    expect(rejection(check(anything({ failureTreshold: 2 })))).toBe('HealthCheck.http failureTreshold: there is no such option. Did you mean \'failureThreshold\'?');
    expect(rejection(oneDelivery(anything({ healthCheks: [] })))).toBe('environment \'staging\' healthCheks: there is no such option. Did you mean \'healthChecks\'?');
  });

  it('counts only where it has a value', () => {
    expect(() => HealthCheck.http(url, anything({ surprise: undefined }))).not.toThrow();
  });
});

describe('what is neither true nor false, from plain JavaScript', () => {
  const url = 'https://x.example.com';
  const condition = PrometheusCondition.below(1);

  it.each<[string, (value: never) => unknown]>([
    ['environment \'staging\' allowInsecure', (allowInsecure) => oneDelivery({ allowInsecure })()],
    ['Target.tasks idToken', (idToken) => Target.tasks({ deploy: 'ship', idToken })],
    ['Target.commands idToken', (idToken) => Target.commands({ deploy: './ship.sh', idToken })],
    ['HealthCheck.http allowInsecure', (allowInsecure) => HealthCheck.http(url, { allowInsecure })],
    ['HealthCheck.http useProxy', (useProxy) => HealthCheck.http(url, { useProxy })],
    ['HealthCheck.prometheus allowInsecure', (allowInsecure) => HealthCheck.prometheus(url, 'up', condition, { allowInsecure })],
    ['HealthCheck.prometheus useProxy', (useProxy) => HealthCheck.prometheus(url, 'up', condition, { useProxy })],
    ['Delivery proof', (proof) => deliver(plainProject(), { proof })],
    ['Delivery compatibility withoutQueueMax', (withoutQueueMax) => deliver(plainProject(), { compatibility: { withoutQueueMax } })],
    ['Delivery compatibility withoutDeploymentFalse', (withoutDeploymentFalse) => deliver(plainProject(), { compatibility: { withoutDeploymentFalse } })],
  ])('%s', (option, act) => {
    expect(rejection(() => act(anything('false')))).toBe(`${option}: 'false' is neither true nor false. Write true or false, without quotes`);
    expect(rejection(() => act(anything(0)))).toContain(`${option}: 0 is neither true nor false`);
    expect(() => act(anything(undefined))).not.toThrow();
  });
});

describe('a candidate that is not the candidate', () => {
  const candidateUrl = (url: string) => oneDelivery({ strategy: Strategy.blueGreen({ candidateUrl: url }) });

  it.each(['https://{Slot}.staging.example.com', 'https://{slot}.example.com/{version}'])('a placeholder that is not replaced: %s', (url) => {
    expect(rejection(candidateUrl(url))).toMatch(/^environment 'staging' candidateUrl: '.*' contains \{(Slot|version)\}, which is not replaced\. Only \{slot\} is known, in lower case: /);
  });

  it.each(['https://staging.example.com', 'https://staging.example.com/', 'https://STAGING.example.com:443'])('the users\' own URL: %s', (url) => {
    expect(rejection(candidateUrl(url))).toBe(`environment 'staging' candidateUrl: '${url}' is where users find the release (https://staging.example.com), `
      + 'so the old release would be verified in place of the candidate. Name the address of the slot that has no traffic: https://{slot}.example.com');
  });

  it('the URL of a health check, for one of the slots', () => {
    const healthChecks = [HealthCheck.http('https://blue.example.com/health', { release: ReleaseIdentity.json('version') })];
    expect(rejection(oneDelivery({ healthChecks, strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }) })))
      .toContain('is where users find the release (https://blue.example.com/health)');
  });

  it.each(['https://{slot}.staging.example.com', 'https://staging.example.com/candidate', 'https://staging.example.com:8443'])('%s is one', (url) => {
    expect(candidateUrl(url)).not.toThrow();
  });
});

describe('runners that cannot run the steps', () => {
  it.each([['windows-latest'], ['Windows-2025'], ['windows']])('%s', (label) => {
    const message = `'${label}' is a Windows runner, and the steps need bash and POSIX signals. Use a Linux or macOS runner, for example 'ubuntu-latest'`;
    expect(rejection(() => deliver(plainProject(), { runsOn: [label] }))).toBe(`Delivery runsOn: ${message}`);
    expect(rejection(oneDelivery({ runsOn: ['self-hosted', label] }))).toBe(`environment 'staging' runsOn: ${message}`);
  });

  it('of the whole project', () => {
    const project = plainProject({ workflowRunsOn: ['windows-latest'] } as never);
    expect(rejection(() => deliver(project))).toContain('\'windows-latest\' is a Windows runner');
    expect(() => deliver(plainProject({ workflowRunsOn: ['windows-latest'] } as never), { runsOn: ['ubuntu-latest'] })).not.toThrow();
  });

  it('none at all', () => {
    expect(rejection(() => deliver(plainProject(), { runsOn: [] }))).toContain('it is empty, so no job would ever start');
    expect(rejection(() => deliver(plainProject(), { runsOn: ['self-hosted', ' '] }))).toContain('Delivery runsOn: \' \' is not the label of a runner. Write a label, for example \'ubuntu-latest\'');
  });
});

describe('a twin that is another environment', () => {
  const two = (staging: object, production: object = {}) => () => deliver(plainProject(), {
    environments: [environment('staging', staging), environment('production', { trigger: Trigger.tag('v*'), ...production })],
  });

  it.each(['rollbackEnvironment', 'monitorEnvironment'])('%s', (option) => {
    const twin = option === 'rollbackEnvironment' ? 'rollback' : 'monitor';
    const fix = (name: string) => `${option}: '${name}-${twin}'`;
    expect(rejection(two({ [option]: 'production' }))).toBe(
      `environment name 'production': it is the ${option} of 'staging', which would get its secrets. Give that one a twin of its own: ${fix('staging')}`);
    expect(rejection(two({}, { [option]: 'Staging' }))).toBe(
      `environment 'production' ${option}: 'Staging' is an environment of its own, so jobs of 'production' would run with the secrets of 'staging'. `
      + `Make a GitHub environment for it alone: ${fix('production')}`);
    expect(rejection(two({ [option]: 'STAGING' }))).toBe(
      `environment 'staging' ${option}: 'STAGING' is the environment itself. Leave it out, or make an environment of its own: ${fix('staging')}`);
    expect(rejection(two({ rollbackEnvironment: 'twin' }, { [option]: 'Twin' }))).toContain(
      `environment 'production' ${option}: 'Twin' is the rollbackEnvironment of 'staging', so jobs of 'production' would run with the secrets of 'staging'`);
    expect(two({ [option]: `staging-${twin}` }, { [option]: `production-${twin}` })).not.toThrow();
  });

  it('also of another project of the repository, whose environments are the same on GitHub', () => {
    const both = (api: NamedEnvironment, web: NamedEnvironment) => () => {
      const root = plainProject();
      for (const [name, one] of [['api', api], ['web', web]] as const) {
        const parts = new Project({ name, parent: root, outdir: name });
        deliver(parts, { target: Target.commands({ deploy: './ship.sh' }), environments: [one] });
      }
    };
    const staging = (twins: object) => environment('staging', twins);
    const production = (twins: object = {}) => environment('production', twins);
    expect(rejection(both(production(), staging({ rollbackEnvironment: 'Production' })))).toBe(
      'environment \'staging\' rollbackEnvironment: \'Production\' is an environment of the project \'api\', so jobs of \'staging\' would run with the secrets of \'production\'. '
      + 'Make a GitHub environment for it alone: rollbackEnvironment: \'staging-rollback\'');
    expect(rejection(both(staging({ monitorEnvironment: 'production' }), production()))).toContain(
      'the project \'api\': environment \'staging\' monitorEnvironment: \'production\' is an environment, so jobs of \'staging\' would run with the secrets of \'production\'');
    expect(rejection(both(staging({ rollbackEnvironment: 'twin' }), production({ rollbackEnvironment: 'TWIN' })))).toContain(
      '\'TWIN\' is the rollbackEnvironment of \'staging\' of the project \'api\'');
    expect(rejection(both(production({ rollbackEnvironment: 'twin' }), production({ monitorEnvironment: 'twin' })))).toContain('is the rollbackEnvironment of \'production\'');
    const shared = { rollbackEnvironment: 'production-rollback', monitorEnvironment: 'production-monitor' };
    expect(both(production(shared), production(shared))).not.toThrow();
    expect(both(production(shared), staging({ rollbackEnvironment: 'staging-rollback' }))).not.toThrow();
  });

  it('also of one that is added later', () => {
    const delivery = deliver(plainProject(), { environments: [environment('staging', { rollbackEnvironment: 'production' })] });
    expect(rejection(() => delivery.addEnvironment('production', environment('production', { trigger: Trigger.tag('v*') })))).toContain('it is the rollbackEnvironment of \'staging\'');
  });
});
