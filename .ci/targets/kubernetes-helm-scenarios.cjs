// The scenarios of .ci/targets/kubernetes for a chart that the real Helm renders, while users send requests: a release that Helm itself installed is taken
// over, values change, and a ConfigMap whose name has a hash is pruned. The runtime signs in by an exec plugin. Beside them, in namespaces of their own:
// kubernetes-failing-pods.cjs.
const { execFileSync, spawnSync } = require('node:child_process');
const { cpSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { ExecPlugin } = require('./exec-plugin.cjs');
const { failingPods } = require('./kubernetes-failing-pods.cjs');
const { KubernetesShop, SECRET } = require('./kubernetes-shop.cjs');
const { pushImage } = require('./push-image.cjs');
const { now, seconds } = require('./scenarios.cjs');

const [, , run, program, helm] = process.argv;
const VALUES = 'values-release.yaml';
const PROJEN = resolve('node_modules/projen/bin/projen');

/** Its manifests are a chart's. The pods know their release by the annotation of the delivery, as the documentation says. */
class HelmShop extends KubernetesShop {
  constructor() {
    super('kubernetes with Helm', join(run, 'helm-shop'), program, { namespace: 'helm', port: 30_098 });
    this.environment = { ...process.env, PATH: `${helm}:${process.env.PATH}`, ...Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((one) => [`HELM_${one}_HOME`, join(run, 'helm')])) };
    cpSync('.ci/targets/helm-charts', join(this.root, 'charts'), { recursive: true });
  }

  /** Helm as an administrator uses it. */
  helm(...args) {
    return execFileSync('helm', ['--namespace', this.namespace, ...args], { cwd: this.root, env: this.environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Writes the values of a release, and commits it. @param more values of this release */
  async values(version, { kind = 'good', ...more } = {}) {
    const pushed = await pushImage(process.env.REGISTRY, 'acme/shop', version, this.program, { labels: { version } });
    this.digests[version] = kind === 'absent' ? `sha256:${'0'.repeat(64)}` : pushed;
    // JSON is YAML
    writeFileSync(join(this.root, VALUES), JSON.stringify({ image: this.image(version), greeting: `hello from ${version}`, password: SECRET, env: { KIND: kind }, ...more }, undefined, 2));
    this.release(version);
  }

  /** What the build job runs: the task of the delivery, with the real Helm. */
  render() {
    const { output, status } = spawnSync(process.execPath, [PROJEN, 'render-charts'], { cwd: this.root, env: this.environment, encoding: 'utf8' });
    return { code: status, output: output.join('') };
  }

  async build(version, values) {
    await this.values(version, values);
    const built = this.render();
    this.expectEnd(`render ${version}`, built, built, { code: 0 });
  }

  prepare(plugin) {
    this.token = this.createAccount();
    this.session = join(run, 'helm-session');
    writeFileSync(this.session, this.token, { mode: 0o600 });
    const kubeconfig = join(run, 'helm-kubeconfig');
    writeFileSync(kubeconfig, this.kubeconfigOf(plugin.user));
    // those of the machine, as a step before the deployment leaves them
    this.secrets = { KUBECONFIG: kubeconfig, SHOP_SESSION: this.session };
    this.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }, project) => {
      project.addTask('dependencies', { exec: 'helm dependency build charts/shop' });
      return {
        target: Target.kubernetes({ chart: { path: 'charts/shop', values: [VALUES] }, buildTask: 'dependencies', namespace: this.namespace }),
        environments: [{
          name: 'production',
          trigger: Trigger.tag('v*'),
          url: this.url,
          strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
          healthChecks: [HealthCheck.http(this.url, {
            release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
            interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
          })],
        }],
      };
    }, ['dist', '.delivery*', 'charts/shop/charts', 'charts/shop/Chart.lock']);
  }

  /** What users get, and the settings that the delivery has in the cluster. */
  async state() {
    const { greeting, version } = await this.request(this.url);
    const settings = JSON.parse(this.kubectl('get', 'configmaps', '--selector', 'projen-delivery/name,app=shop', '--output', 'json')).items.map(({ data }) => data.greeting);
    return { served: version, greeting, settings: settings.sort().join(', ') };
  }
}

const shop = new HelmShop();
const expected = (version) => ({ served: version, greeting: `hello from ${version}`, settings: `hello from ${version}` });

async function good(version, what = 'good', end = 'stable') {
  await shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`${what} ${version}`, ended, { code: ended.code, ...await shop.state() }, { code: 0, ...expected(version) });
  shop.loadedRow(`${what} (${version})`, `${end} after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

/** What `helm install` installed before becomes the first release: it is not installed again, and Helm's own record of it can go. */
async function takenOver(version) {
  await shop.values('v0');
  shop.helm('dependency', 'build', 'charts/shop');
  shop.helm('install', 'shop', 'charts/shop', '--values', VALUES, '--wait', '--timeout', '10m');
  const uid = () => shop.kubectl('get', 'deployment', 'shop', '--output', 'jsonpath={.metadata.uid}');
  const before = { uid: uid(), helm: /shop\s+helm\s+1/.test(shop.helm('list')) };
  const stop = shop.useService(shop.url, 25, 2);
  await good(version, 'taken over from helm install', 'the same objects, stable');
  shop.kubectl('delete', 'secret', '--selector', 'owner=helm,name=shop');
  const after = { ...await shop.state(), isSame: uid() === before.uid, helm: shop.helm('list', '--short').trim(), old: settingsOfHelm() };
  shop.expectEnd('taken over', { output: '' }, { ...after, before: before.helm }, { ...expected(version), isSame: true, helm: '', before: true, old: 'hello from v0' });
  return stop;
}

/** The ConfigMap that only Helm's release had: it has no label of the delivery. */
const settingsOfHelm = () => shop.kubectl('get', 'configmaps', '--selector', '!projen-delivery/name,app=shop', '--output', 'jsonpath={.items[*].data.greeting}');

async function bad(version, stable) {
  await shop.build(version, { kind: 'bad' });
  const ended = await shop.deploy(version);
  shop.expectEnd('bad', ended, { code: ended.code, ...await shop.state() }, { code: 1, ...expected(stable) });
  const wrong = shop.firstAfter(ended.begun, ({ status }) => status === 500);
  const decided = shop.decisionIn(ended, wrong);
  const restored = await shop.eventuallyAfter(decided, (response) => response.version === stable && response.status === 200);
  shop.expectEnd('bad', ended, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`bad (${version})`, `rolled back to ${stable}, the ConfigMap of ${version} is deleted`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

async function absent(version, stable) {
  await shop.build(version, { kind: 'absent' });
  const ended = await shop.deploy(version);
  const reason = /ErrImagePull|ImagePullBackOff/;
  const found = ended.lines.find(({ text }) => reason.test(text))?.at;
  const seen = shop.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
  shop.expectEnd('absent', ended, { code: ended.code, ...await shop.state(), seen, reason: found !== undefined }, { code: 1, ...expected(stable), seen: false, reason: true });
  shop.loadedRow(`an image that is not there (${version})`, `${stable} stable, with the reason: ${reason.exec(ended.output)[0]}`, { from: ended.begun, to: ended.ended, detect: found - ended.begun, restore: ended.ended - found });
}

async function killed(version, stable) {
  await shop.build(version);
  const ended = await shop.lasting(() => shop.deploy(version, (line, kill) => /apply \d+ objects/.test(line) && setTimeout(kill, 1_000)));
  shop.expectEnd('killed', ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.command(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed', { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, ...await shop.state() }, { code: 0, ...expected(stable) });
  shop.loadedRow(`killed during the rollout (${version})`, `recovered to ${stable}`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
}

/** Nothing changes, and the message says why. */
async function refused(what, version, stable, said, ended) {
  const shown = ended.lines.find(({ text }) => said.test(text))?.text;
  shop.expectEnd(what, ended, { code: ended.code, said: shown !== undefined, ...await shop.state() }, { code: 2, said: true, ...expected(stable) });
  shop.row(`${what} (${version})`, 'refused before anything changed');
}

/** A hook would never run, and a chart that Helm cannot render leaves nothing that could be deployed. */
async function notRendered(version, stable) {
  await shop.build(version, { hasMigration: true });
  await refused('a hook of Helm', version, stable, /Job migration is a hook of Helm \(pre-upgrade\)/, await shop.deploy(version));
  await shop.values(`${version}-draft`, { image: '' });
  const built = shop.render();
  const left = await shop.deploy(`${version}-draft`);
  const facts = { built: built.code, said: built.output.includes('image is missing: the build writes it into values-release.yaml'), code: left.code, ...await shop.state() };
  shop.expectEnd('a value that is missing', { output: `${built.output}\n---\n${left.output}` }, facts, { built: 1, said: true, code: 2, ...expected(stable) });
  shop.row(`a value that is missing (${version}-draft)`, 'helm template fails the build, and no manifests of the release before are left');
}

/** The plugin runs for each call of the cluster. Without it, or without a session or a token that counts, nothing is changed. */
async function signIns(plugin, version, next, stable) {
  const before = plugin.count;
  await good(version, 'other values');
  const calls = plugin.count - before;
  shop.expectEnd('exec plugin', { output: '' }, { called: calls > 0 }, { called: true });
  await shop.build(next);
  writeFileSync(shop.session, '');
  await refused('its session is over', next, version, /shop-login failed with exit code 1/, await shop.deploy(next));
  writeFileSync(shop.session, 'a-token-that-was-revoked');
  await refused('its token was revoked', next, version, /must be logged in|Unauthorized|credentials/, await shop.deploy(next));
  plugin.remove();
  await refused('it is not installed', next, version, /shop-login/, await shop.deploy(next));
  plugin.install();
  writeFileSync(shop.session, shop.token);
  const back = await shop.command(['rollback', 'production', '--local', '--release', stable, '--reason', 'the plugin is there again']);
  shop.expectEnd('exec plugin', back, { code: back.code, ...await shop.state() }, { code: 0, ...expected(stable) });
  shop.loadedRow(`rollback by hand (to ${stable})`, `${stable} stable, ${calls} calls of the plugin for ${version}`, { from: back.begun, to: back.ended, restore: back.ended - back.begun });
}

function noTrace() {
  const printed = shop.outputs.filter((text) => [SECRET, Buffer.from(SECRET).toString('base64'), shop.token].some((one) => text.includes(one)));
  shop.expectEnd('secrets', { output: printed.join('\n') }, { printed: printed.length }, { printed: 0 });
}

async function charts(plugin) {
  shop.prepare(plugin);
  const stop = await takenOver('v1');
  const begun = now();
  try {
    await notRendered('v2', 'v1');
    await signIns(plugin, 'v3', 'v4', 'v1');
    await bad('v5', 'v1');
    await absent('v6', 'v1');
    await killed('v7', 'v1');
    const { failed, requests } = shop.load(begun);
    shop.expectEnd('failed requests', { output: `${failed} of ${requests} failed` }, { few: failed * 100 < requests }, { few: true });
    shop.loadedRow('all of these releases', 'less than 1 % failed', { from: begun });
    noTrace();
  } finally {
    stop();
  }
}

void shop.run(async () => {
  const plugin = new ExecPlugin(join(run, 'helm-plugin'));
  plugin.install();
  const beside = failingPods(run, program);
  try {
    await Promise.all([charts(plugin), ...beside.map((one) => one.play())]);
  } finally {
    for (const one of beside) shop.rows.push(...one.rows);
  }
}, 'Helm 3.19, real Kubernetes and pods; RBAC on, and an exec plugin');
