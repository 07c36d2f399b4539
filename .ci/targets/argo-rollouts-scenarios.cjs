// The scenarios of Argo Rollouts in .ci/targets/kubernetes, with its real controller: a canary by pods and blue/green, side by side in two namespaces.
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse, parseAllDocuments } = require('yaml');
const { KubernetesShop } = require('./kubernetes-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

const [, , run, program] = process.argv;
const ROLLOUT = 'argoproj.io/v1alpha1';
const BROKEN = '[{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 8099}]';

const BROKEN_FOR_USERS = /ECONNREFUSED|refused|no response/i;

/** The YAML that users paste, in `page`. */
const pasted = (page, pattern) => pattern.exec(readFileSync(`docs/targets/${page}.md`, 'utf8'))[1];
const [role, binding] = parseAllDocuments(pasted('kubernetes', /^```yaml\n(apiVersion: rbac[\s\S]*?)^```$/m)).map((document) => document.toJS());
const added = parse(pasted('kubernetes-argo-rollouts', /^```yaml\n(rules:[\s\S]*?)^```$/m)).rules;

/** Its Deployment is a Rollout, whose strategy the delivery moves. */
class ArgoShop extends KubernetesShop {
  constructor(strategy, port) {
    super('kubernetes', join(run, strategy), program, { namespace: `argo-${strategy.toLowerCase()}`, port });
    this.strategy = strategy;
  }

  changed(object) {
    if (object.kind !== 'Deployment') return [object];
    const blueGreen = { activeService: 'web', previewService: 'preview', scaleDownDelaySeconds: 300 };
    const { strategy: _, ...spec } = object.spec;
    const rollout = { ...object, apiVersion: ROLLOUT, kind: 'Rollout', spec: { ...spec, replicas: this.strategy === 'canary' ? 4 : 2, strategy: this.strategy === 'canary' ? { canary: {} } : { blueGreen } } };
    const preview = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'preview' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: this.port + 1 }] } };
    return this.strategy === 'canary' ? [rollout] : [preview, rollout];
  }

  /** A service account with the Role of the documentation, and no other permission. */
  prepare() {
    const account = binding.subjects[0].name;
    const apply = (object) => execFileSync('kubectl', ['apply', '--namespace', this.namespace, '--filename', '-'], { input: JSON.stringify(object), stdio: ['pipe', 'ignore', 'pipe'] });
    execFileSync('kubectl', ['create', 'namespace', this.namespace], { stdio: 'ignore' });
    const own = ({ metadata, ...object }) => ({ ...object, metadata: { ...metadata, namespace: this.namespace } });
    apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } });
    apply(own({ ...role, rules: [...role.rules, ...added] }));
    apply(own({ ...binding, subjects: [{ ...binding.subjects[0], namespace: this.namespace }] }));
    const config = JSON.parse(execFileSync('kubectl', ['config', 'view', '--raw', '--flatten', '--output', 'json'], { encoding: 'utf8' }));
    config.users = [{ name: account, user: { token: this.kubectl('create', 'token', account, '--duration', '4h').trim() } }];
    config.contexts = [{ name: account, context: { cluster: config.clusters[0].name, user: account } }];
    config['current-context'] = account;
    this.secrets.KUBECONFIG_DATA = JSON.stringify(config);
    this.synthesize(({ CanaryStep, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
      target: Target.kubernetes({ manifests: 'dist', namespace: this.namespace, kubeconfigSecret: 'KUBECONFIG_DATA', rollout: 'web' }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url: this.url,
        strategy: this.strategy === 'canary'
          ? Strategy.canary({ steps: [25, 50].map((percent) => CanaryStep.weight(percent, { atLeast: Duration.seconds(1) })), bake: Duration.seconds(1), commandTimeout: Duration.minutes(5) })
          : Strategy.blueGreen({ candidateUrl: `http://127.0.0.1:${this.port + 1}`, bake: Duration.seconds(1) }),
        // these are broken for users only: nothing listens on that port. The manifests of Stable have the port that works
        afterPromote: `case " ${this.brokenForUsers.join(' ')} " in *" $DELIVERY_VERSION "*) kubectl --kubeconfig '${process.env.KUBECONFIG}' --namespace ${this.namespace} patch service web --type json --patch '${BROKEN}';; esac`,
        healthChecks: [HealthCheck.http(this.url, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
          interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
        })],
      }],
    }), ['dist', '.delivery*']);
  }

  /** Of blue/green. */
  get brokenForUsers() {
    return this.strategy === 'canary' ? [] : this.measured ?? ['v4'];
  }

  get rollout() {
    return JSON.parse(this.kubectl('get', 'rollout', 'web', '--output', 'json'));
  }

  /** What users get, and what the Rollout is: its pods are of the release, and all of them have users. */
  async state() {
    const { spec, status } = this.rollout;
    const ofRelease = spec.template.metadata.annotations['projen-delivery/version'];
    return { served: (await this.request(this.url)).version, spec: ofRelease, phase: status.phase, isStable: status.stableRS === status.currentPodHash };
  }

  /** The controller may be busy: it writes the phase once it has scaled the old pods down. */
  async ends(scenario, ended, code, stable) {
    await this.eventually(() => this.rollout.status.phase !== 'Progressing', 500);
    this.expectEnd(scenario, ended, { code: ended.code, ...await this.state() }, { code, served: stable, spec: stable, phase: 'Healthy', isStable: true });
  }

  async good(version) {
    await this.build(version);
    const ended = await this.deploy(version);
    await this.ends(`good ${version}`, ended, 0, version);
    this.loadedRow(`${this.strategy}: good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
  }

  /** `isHidden`: users never get a response of it. */
  async refused(version, what, stable, { kind = 'good', isHidden = false, said }) {
    await this.build(version, kind);
    const ended = await this.deploy(version);
    await this.ends(what, ended, 1, stable);
    // what responds with another version says that of a release that never was
    const shown = kind === 'stale' ? 'v0' : version;
    const seen = this.firstAfter(ended.begun, (response) => response.version === shown);
    this.expectEnd(what, ended, { hidden: seen === undefined, said: said.test(ended.output) }, { ...(isHidden && { hidden: true }), said: true });
    const decided = ended.lines.find(({ text }) => /^Roll back to/.test(text)).at;
    const restored = this.responses.findLast((response) => response.version === shown && response.at > decided)?.at ?? decided;
    if (!isHidden) this.restores.push(restored - decided);
    this.loadedRow(`${this.strategy}: ${what} (${version})`, `rolled back to ${stable}, the spec too`, { from: ended.begun, to: ended.ended, detect: seen && decided - seen, restore: restored - decided });
  }

  async killed(version, where, pattern, stable) {
    await this.build(version);
    const ended = await this.lasting(() => this.deploy(version, (line, kill) => pattern.test(line) && kill()));
    this.expectEnd(`killed ${where}`, ended, { signal: ended.signal }, { signal: 'SIGKILL' });
    const recovered = await this.command(['rollback', 'production', '--recover', '--local']);
    await this.ends(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}`, code: recovered.code }, 0, stable);
    this.loadedRow(`${this.strategy}: killed ${where} (${version})`, `recovered to ${stable}`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
  }

  /** With the plugin of Argo Rollouts, in the middle of a canary. The delivery takes that back, or comes too late and verifies it. */
  async promotedByHand(version, stable) {
    await this.build(version);
    let isDone = false;
    const ended = await this.deploy(version, (line) => {
      if (isDone || !line.includes(`sends 25 % to ${version}`)) return;
      isDone = true;
      this.kubectl('patch', 'rollout', 'web', '--subresource', 'status', '--type', 'merge', '--patch', '{"status":{"promoteFull":true}}');
    });
    await this.ends('promoted by hand', ended, ended.code, ended.code === 0 ? version : stable);
    this.expectEnd('promoted by hand', ended, { isDone, verified: ended.code === 0 || ended.code === 1 }, { isDone: true, verified: true });
    this.loadedRow(`${this.strategy}: promoted by hand (${version})`, ended.code === 0 ? `${version} verified` : `rolled back to ${stable}, the spec too`, { from: ended.begun, to: ended.ended });
  }
}

const canary = new ArgoShop('canary', 30_094);
const blueGreen = new ArgoShop('blueGreen', 30_096);

async function canaries() {
  await canary.good('v1');
  const stop = canary.useService(canary.url, 25, 2);
  try {
    await canary.good('v2');
    if (canary.measured) {
      for (const version of canary.measured) await canary.refused(version, 'bad', 'v2', { kind: 'bad', said: /500/ });
      return canary.keep('Argo Rollouts canary');
    }
    await canary.refused('v3', 'bad', 'v2', { kind: 'bad', said: /500/ });
    await canary.refused('v4', 'stale', 'v2', { kind: 'stale', said: /v0/ });
    await canary.killed('v5', 'at 50 %', /sends 50 % to v5/, 'v2');
    await canary.promotedByHand('v6', 'v2');
  } finally {
    stop();
  }
}

async function blueGreens() {
  await blueGreen.good('v1');
  const stop = blueGreen.useService(blueGreen.url, 25, 2);
  try {
    await blueGreen.good('v2');
    if (blueGreen.measured) {
      for (const version of blueGreen.measured) await blueGreen.refused(version, 'bad after its promotion', 'v2', { said: BROKEN_FOR_USERS });
      return blueGreen.keep('Argo Rollouts blue/green');
    }
    await blueGreen.refused('v3', 'bad in its preview', 'v2', { kind: 'bad', isHidden: true, said: /500/ });
    await blueGreen.refused('v5', 'stale in its preview', 'v2', { kind: 'stale', isHidden: true, said: /v0/ });
    await blueGreen.refused('v4', 'bad after its promotion', 'v2', { said: BROKEN_FOR_USERS });
  } finally {
    stop();
  }
}

void canary.run(async () => {
  const begun = now();
  canary.prepare();
  blueGreen.prepare();
  // what is measured is alone
  if (canary.measured) await canaries().then(blueGreens);
  else await Promise.all([canaries(), blueGreens()]);
  canary.rows.push(...blueGreen.rows);
  canary.restores.push(...blueGreen.restores);
  process.stdout.write(`kubernetes: Argo Rollouts after ${seconds(now() - begun)} s\n`);
}, 'Argo Rollouts 1.9.2, real Kubernetes and pods; RBAC on');
