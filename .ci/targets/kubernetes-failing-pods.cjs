// Releases whose pods fail for a reason that the cluster knows: a probe, a quota, no room on a node. Each has a namespace of its own, so that they wait for
// their deadlines at the same time. Users of Stable notice nothing, and the log, the summary and the next command say the reason.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ExecPlugin } = require('./exec-plugin.cjs');
const { KubernetesShop } = require('./kubernetes-shop.cjs');

/** After which the cluster says that a Deployment makes no progress. */
const DEADLINE_S = 10;
const ABSENT = { httpGet: { path: '/absent', port: 8080 }, periodSeconds: 1 };

/** What is wrong with the second release, and what must be said of it. */
const FAULTS = [
  {
    name: 'readiness',
    what: 'a readiness probe that fails',
    spoil: (container) => ({ ...container, readinessProbe: ABSENT }),
    reason: /Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404/,
    has: /ProgressDeadlineExceeded.*web runs and is not ready/,
  },
  {
    name: 'startup',
    what: 'a startup probe that fails',
    spoil: (container) => ({ ...container, startupProbe: { ...ABSENT, failureThreshold: 2 } }),
    reason: /Unhealthy: Startup probe failed: HTTP probe failed with statuscode: 404/,
    // the kubelet restarts it: the deadline comes while it runs, or while it waits for its next start
    has: /ProgressDeadlineExceeded.*web runs and is not ready|CrashLoopBackOff/,
  },
  {
    name: 'quota',
    what: 'a quota that is exceeded',
    // 200m are used: enough for Stable and one pod more of the same size
    quota: { 'requests.cpu': '400m' },
    spoil: (container) => ({ ...container, resources: { requests: { cpu: '300m' } } }),
    reason: /exceeded quota: team, requested: requests\.cpu=300m, used: requests\.cpu=200m, limited: requests\.cpu=400m/,
    has: /Deployment web: FailedCreate/,
  },
  {
    name: 'room',
    what: 'no node with room',
    spoil: (container) => ({ ...container, resources: { requests: { cpu: '1000' } } }),
    reason: /is not scheduled: Unschedulable: 0\/1 nodes are available: 1 Insufficient cpu/,
    has: /ProgressDeadlineExceeded/,
  },
];

/** The text of a summary, which escapes what is Markdown. */
const textOf = (markdown) => markdown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

class FailingPods extends KubernetesShop {
  constructor(run, program, fault, port) {
    super('kubernetes', join(run, `failing-${fault.name}`), program, { namespace: `failing-${fault.name}`, port });
    this.fault = fault;
    this.isSpoilt = false;
    this.summary = join(run, `failing-${fault.name}.md`);
    this.plugin = new ExecPlugin(join(run, `failing-${fault.name}-plugin`), true);
  }

  changed(object) {
    if (object.kind !== 'Deployment') return [object];
    const { progressDeadlineSeconds, template } = object.spec;
    const [container] = template.spec.containers;
    const sized = { ...container, resources: { requests: { cpu: '100m' } } };
    const containers = [this.isSpoilt ? this.fault.spoil(sized) : sized];
    return [{
      ...object,
      spec: {
        ...object.spec,
        progressDeadlineSeconds: this.isSpoilt ? DEADLINE_S : progressDeadlineSeconds,
        template: { ...template, spec: { ...template.spec, containers } },
      },
    }];
  }

  /** The kubeconfig is a secret of the delivery, and names an exec plugin that the machine has. */
  prepare() {
    const session = join(this.root, '../', `failing-${this.fault.name}-session`);
    writeFileSync(session, this.createAccount(), { mode: 0o600 });
    this.plugin.install();
    const { path } = this.plugin;
    this.secrets = { KUBECONFIG_DATA: this.kubeconfigOf(this.plugin.user), SHOP_SESSION: session, PATH: `${join(path, '..')}:${process.env.PATH}`, GITHUB_STEP_SUMMARY: this.summary };
    if (this.fault.quota) this.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team' }, spec: { hard: this.fault.quota } });
    this.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
      target: Target.kubernetes({ manifests: 'dist', namespace: this.namespace, kubeconfigSecret: 'KUBECONFIG_DATA' }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url: this.url,
        strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
        healthChecks: [HealthCheck.http(this.url, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
          interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 1, deadline: Duration.minutes(5),
        })],
      }],
    }), ['dist', '.delivery*']);
  }

  /** What users get, and the pods: those of Stable, all ready, and no other. */
  async state() {
    const { items } = JSON.parse(this.kubectl('get', 'pods', '--output', 'json'));
    const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const isReady = ({ status }) => status.conditions.some(({ status: is, type }) => type === 'Ready' && is === 'True');
    const pods = staying.map((pod) => `${pod.metadata.annotations['projen-delivery/version']}${isReady(pod) ? '' : ' (not ready)'}`);
    return { served: (await this.request(this.url)).version, pods: pods.join(', ') };
  }

  async play() {
    this.prepare();
    await this.build('v1');
    const first = await this.deploy('v1');
    this.expectEnd(`${this.fault.what}: v1`, first, { code: first.code, ...await this.state() }, { code: 0, served: 'v1', pods: 'v1, v1' });
    const stop = this.useService(this.url, 50, 1);
    try {
      await this.fails('v2', 'v1');
    } finally {
      stop();
    }
  }

  async fails(version, stable) {
    const { has, reason, what } = this.fault;
    this.isSpoilt = true;
    await this.build(version);
    writeFileSync(this.summary, '');
    const ended = await this.deploy(version);
    const seen = this.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
    const found = ended.lines.find(({ text }) => reason.test(text) && has.test(text))?.at;
    const status = await this.command(['status', '--local']);
    const summary = textOf(readFileSync(this.summary, 'utf8'));
    const facts = {
      code: ended.code,
      ...await this.state(),
      seen,
      said: found !== undefined,
      summary: reason.test(summary),
      live: status.output.includes(`live on production, as the engine says: ${stable} `),
      plugin: this.plugin.count > 0,
    };
    this.expectEnd(what, { output: `${ended.output}\n--- status\n${status.output}\n--- summary\n${summary}` }, facts, {
      code: 1, served: stable, pods: `${stable}, ${stable}`, seen: false, said: true, summary: true, live: true, plugin: true,
    });
    const { failed, requests } = this.load(ended.begun);
    this.expectEnd(what, { output: `${failed} of ${requests} failed` }, { few: failed * 100 < requests }, { few: true });
    this.loadedRow(`${what} (${version})`, `${stable} stable, with the reason: ${reason.exec(ended.output)[0]}`, { from: ended.begun, to: ended.ended, detect: found - ended.begun, restore: ended.ended - found });
  }
}

/** Each is played by itself. */
function failingPods(run, program) {
  return FAULTS.map((fault, i) => new FailingPods(run, program, fault, 30_100 + i));
}

module.exports = { failingPods };
