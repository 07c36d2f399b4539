// The scenarios of .ci/targets/kubernetes. Users send requests to the Service inside the cluster.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { parseAllDocuments } = require('yaml');
const { KubernetesShop, NAMESPACE, SECRET } = require('./kubernetes-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

const [, , run, program] = process.argv;
const shop = new KubernetesShop('kubernetes', join(run, 'shop'), program);

/** The YAML of the documentation that users paste, for our namespace. */
const pasted = /^```yaml\n(apiVersion: rbac[\s\S]*?)^```$/m.exec(readFileSync('docs/targets/kubernetes.md', 'utf8'))[1].replaceAll('namespace: shop', `namespace: ${NAMESPACE}`);
const [role, binding] = parseAllDocuments(pasted).map((document) => document.toJS());
const account = binding.subjects[0].name;

const apply = (object) => execFileSync('kubectl', ['apply', '--namespace', NAMESPACE, '--filename', '-'], { input: JSON.stringify(object), stdio: ['pipe', 'ignore', 'pipe'] });
/** The role with these rules. */
const grant = (rules) => apply({ ...role, rules });

/** Without those for slots, which kubernetes-slots-scenarios.cjs uses. */
const rules = role.rules.filter(({ apiGroups }) => !apiGroups.includes('discovery.k8s.io'));

/** A namespace, and a service account with the role of the documentation. The runtime gets its token and nothing else. */
function createAccount() {
  execFileSync('kubectl', ['create', 'namespace', NAMESPACE]);
  apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } });
  grant(role.rules);
  apply(binding);
  const token = shop.kubectl('create', 'token', account, '--duration', '4h').trim();
  const config = JSON.parse(execFileSync('kubectl', ['config', 'view', '--raw', '--flatten', '--output', 'json'], { encoding: 'utf8' }));
  config.users = [{ name: account, user: { token } }];
  config.contexts = [{ name: account, context: { cluster: config.clusters[0].name, user: account } }];
  config['current-context'] = account;
  shop.secrets.KUBECONFIG_DATA = Buffer.from(JSON.stringify(config)).toString('base64');
  return token;
}

function synthesize() {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.kubernetes({ manifests: 'dist', namespace: NAMESPACE, kubeconfigSecret: 'KUBECONFIG_DATA', pruneVolumes: true }),
    monitoring: { interval: Duration.minutes(5) },
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: shop.url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(shop.url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
      })],
    }],
  }), ['dist', '.delivery*']);
}

const deploymentImage = () => shop.kubectl('get', 'deployment', 'web', '--output', 'jsonpath={.spec.template.spec.containers[0].image}');
const setting = () => shop.kubectl('get', 'configmap', 'settings', '--output', 'jsonpath={.data.greeting}');
const served = async () => (await shop.request(shop.url)).version;
/** What users get of a release: its own settings, too. */
const state = async () => ({ served: await served(), setting: setting() });
const expected = (version) => ({ served: version, setting: `hello from ${version}` });

async function good(version, { more, what = 'good' } = {}) {
  await shop.build(version, 'good', more);
  const ended = await shop.deploy(version);
  shop.expectEnd(`${what} ${version}`, ended, { code: ended.code, ...await state() }, { code: 0, ...expected(version) });
  shop.loadedRow(`${what} (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

/** Users see it, and its settings. */
async function refused(version, kind, stable, isWrong) {
  await shop.build(version, kind);
  const ended = await shop.deploy(version);
  shop.expectEnd(kind, ended, { code: ended.code, ...await state() }, { code: 1, ...expected(stable) });
  const wrong = shop.firstAfter(ended.begun, isWrong);
  const decided = shop.decisionIn(ended, wrong);
  const restored = await shop.eventuallyAfter(decided, (response) => response.version === stable && response.greeting === `hello from ${stable}`);
  shop.expectEnd(kind, ended, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`${kind} (${version})`, `rolled back to ${stable}, its ConfigMap too`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

/** Its pods never become ready: users do not see it. */
async function notReady(version, kind, stable, reason) {
  await shop.build(version, kind);
  const ended = await shop.deploy(version);
  const seen = shop.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
  shop.expectEnd(kind, ended, { code: ended.code, ...await state(), seen, reason: reason.test(ended.output) }, { code: 1, ...expected(stable), seen: false, reason: true });
  const found = ended.lines.find(({ text }) => reason.test(text)).at;
  shop.loadedRow(`${kind} (${version})`, `${stable} stable, with the reason: ${reason.exec(ended.output)[0]}`, { from: ended.begun, to: ended.ended, detect: found - ended.begun, restore: ended.ended - found });
}

/** Kills the runtime and its kubectl where a line appears, and lets the next command recover. */
async function killed(version, where, pattern, stable) {
  await shop.build(version);
  const ended = await shop.lasting(() => shop.deploy(version, (line, kill) => pattern.test(line) && setTimeout(kill, 1_000)));
  shop.expectEnd(`killed ${where}`, ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.command(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, ...await state() }, { code: 0, ...expected(stable) });
  shop.loadedRow(`killed ${where} (${version})`, `recovered to ${stable}`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
}

async function changedByHand(stable, other) {
  const changed = now();
  const image = shop.image(other);
  shop.kubectl('set', 'image', 'deployment/web', `web=${image}`);
  const status = await shop.command(['status', '--json', '--local']);
  const plan = await shop.command(['plan', 'production', '--release', stable]);
  const watch = await shop.command(['watch', 'production']);
  const facts = { status: /"changedByHand": "/.test(status.output), plan: /by hand/.test(plan.output), watch: watch.code };
  shop.expectEnd('changed by hand', { output: [status, plan, watch].map(({ output }) => output).join('\n---\n') }, facts, { status: true, plan: true, watch: 1 });
  const begun = now();
  const ended = await shop.command(['rollback', 'production', '--local', '--release', stable, '--reason', 'its image was changed by hand']);
  shop.expectEnd('changed by hand', ended, { code: ended.code, ...await state(), image: deploymentImage() }, { code: 0, ...expected(stable), image: shop.image(stable) });
  shop.loadedRow(`changed by hand (to the image of ${other})`, `restored to ${stable}; the plan and the watch say so`, { from: changed, to: ended.ended, detect: status.ended - changed, restore: ended.ended - begun });
}

/** One object of each kind that the role of the documentation names, besides those of each release. */
function everyKind(version) {
  const labels = { app: 'other' };
  const pod = (restartPolicy) => ({ ...restartPolicy, containers: [{ name: 'other', image: shop.image(version), ...restartPolicy.restartPolicy && { args: ['-text', 'done', '-once'] } }] });
  const serving = (app) => ({ selector: { matchLabels: { app } }, template: { metadata: { labels: { app } }, spec: pod({ terminationGracePeriodSeconds: 1 }) } });
  const job = { template: { spec: pod({ restartPolicy: 'Never' }) }, backoffLimit: 0 };
  const object = (apiVersion, kind, spec, fields = {}) => ({ apiVersion, kind, metadata: { name: kind === 'Job' ? `other-${version}` : 'other' }, ...spec && { spec }, ...fields });
  return [
    object('v1', 'ConfigMap', undefined, { data: { of: version } }),
    object('v1', 'Secret', undefined, { stringData: { of: version } }),
    object('v1', 'Service', { selector: labels, ports: [{ port: 80, targetPort: 8080 }] }),
    object('v1', 'ServiceAccount'),
    object('v1', 'PersistentVolumeClaim', { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, storageClassName: 'none' }),
    object('apps/v1', 'StatefulSet', { ...serving('other'), serviceName: 'web', replicas: 1 }),
    object('apps/v1', 'DaemonSet', serving('daemon')),
    object('apps/v1', 'Deployment', { ...serving('deployment'), replicas: 1 }),
    object('batch/v1', 'Job', job),
    object('batch/v1', 'CronJob', { schedule: '0 0 1 1 *', jobTemplate: { spec: job } }),
    object('networking.k8s.io/v1', 'Ingress', { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] }),
    object('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: { matchLabels: labels } }),
    object('autoscaling/v2', 'HorizontalPodAutoscaler', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'other' }, maxReplicas: 1 }),
    object('policy/v1', 'PodDisruptionBudget', { selector: { matchLabels: labels }, maxUnavailable: 1 }),
  ];
}

/** What a release no longer has is deleted, and a rollback brings it back. */
async function pruned(version, next) {
  await good(version, { more: everyKind, what: 'with an object of every kind' });
  const names = everyKind(version).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const count = () => names.filter((name) => shop.exists(name)).length;
  const before = count();
  await shop.build(next);
  const ended = await shop.deploy(next);
  const isGone = () => count() === 0;
  shop.expectEnd('pruned', ended, { code: ended.code, ...await state(), before, gone: await shop.eventually(isGone, 500) }, { code: 0, ...expected(next), before: names.length, gone: true });
  shop.loadedRow(`without those objects (${next})`, `stable, ${names.length} objects are deleted`, { from: ended.begun, to: ended.ended });
  const back = await shop.command(['rollback', 'production', '--local', '--release', version, '--reason', 'the objects were needed']);
  shop.expectEnd('by hand', back, { code: back.code, ...await state(), back: count() }, { code: 0, ...expected(version), back: names.length });
  shop.loadedRow(`rollback by hand (to ${version})`, `${version} stable, the ${names.length} objects are back`, { from: back.begun, to: back.ended, restore: back.ended - back.begun });
}

/** A pod of a StatefulSet that never becomes ready blocks the manifests of Stable, too, until someone deletes it. */
async function stuck(version, stable) {
  const more = (name) => everyKind(name).map((object) => {
    if (object.kind !== 'StatefulSet') return object;
    const [container] = object.spec.template.spec.containers;
    // it ends at once, again and again, and is never ready
    const crashing = { ...container, args: ['-text', 'done', '-once'], readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 } };
    const template = { ...object.spec.template, spec: { ...object.spec.template.spec, containers: [crashing] } };
    return { ...object, spec: { ...object.spec, template } };
  });
  await shop.build(version, 'good', more);
  const ended = await shop.deploy(version);
  const ready = shop.kubectl('get', 'statefulset', 'other', '--output', 'jsonpath={.status.readyReplicas} {.status.updatedReplicas}');
  const facts = { code: ended.code, ...await state(), ready, deleted: /delete what is not ready, and not of v\d+: Pod other-0/.test(ended.output) };
  shop.expectEnd('StatefulSet', ended, facts, { code: 1, ...expected(stable), ready: '1 1', deleted: true });
  shop.loadedRow(`a StatefulSet that crashes (${version})`, `rolled back to ${stable}: its pod was deleted`, { from: ended.begun, to: ended.ended });
}

/** Without a rule of the role nothing is changed, and the message names what is missing. */
async function missingRule(version, stable) {
  await shop.build(version, 'good', everyKind);
  for (const rule of rules) {
    grant(role.rules.filter((other) => other !== rule));
    const ended = await shop.deploy(version);
    const shown = `${rule.verbs.join(' ')} ${rule.resources.join(' ')}`;
    const said = rule.resources.some((resource) => rule.verbs.some((verb) => new RegExp(`may not .*${verb} ${resource}|cannot ${verb} resource "${resource}"`).test(ended.output)));
    shop.expectEnd(`without ${shown}`, ended, { code: ended.code, said, ...await state() }, { code: 2, said: true, ...expected(stable) });
  }
  grant(role.rules);
  shop.row('without one rule of the role', `for each of the ${rules.length} rules: refused before anything changed`);
}

/** What the API server recorded of the account: each verb that the role grants was used, and no request was denied. */
function usedPermissions() {
  const requests = readFileSync(join(run, 'audit.log'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
    .filter(({ objectRef, user }) => objectRef && user.username === `system:serviceaccount:${NAMESPACE}:${account}`);
  const name = ({ objectRef: { apiGroup = '', resource, subresource }, verb }) => `${verb} ${resource}${subresource ? `/${subresource}` : ''}${apiGroup && `.${apiGroup}`}`;
  // applying what is not there is a patch that may create
  const used = new Set(requests.flatMap((request) => [name(request), ...request.responseStatus?.code === 201 ? [name({ ...request, verb: 'create' })] : []]));
  const granted = rules.flatMap(({ apiGroups: [group], resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group && `.${group}`}`)));
  const unused = [...new Set(granted)].filter((one) => !used.has(one));
  // kubectl looks whether the namespace is there where an object is not
  const denied = requests.filter((request) => name(request) !== 'get namespaces').filter(({ annotations }) => annotations['authorization.k8s.io/decision'] !== 'allow').map((request) => `${name(request)} (${request.userAgent.split(' ')[0]}, ${request.requestURI})`);
  shop.expectEnd('permissions', { output: `unused: ${unused.join(', ')}\ndenied: ${denied.join(', ')}` }, { unused: unused.length, denied: denied.length }, { unused: 0, denied: 0 });
  shop.row('permissions', `each of the ${new Set(granted).size} that the role grants was used in ${requests.length} requests, none was missing`);
}

/** The secrets are in no output of the runtime, and in none of its files but the manifests and the artifacts that hold them. */
function noTrace(token) {
  const files = readdirSync(shop.root, { recursive: true }).map((path) => join(shop.root, path))
    .filter((path) => !/\/(?:dist|artifacts)\//.test(path) && existsSync(path) && statSync(path).isFile());
  const found = files.filter((path) => [SECRET, token, shop.secrets.KUBECONFIG_DATA].some((text) => readFileSync(path).includes(text)));
  const printed = shop.outputs.filter((text) => [SECRET, Buffer.from(SECRET).toString('base64'), token, shop.secrets.KUBECONFIG_DATA].some((one) => text.includes(one)));
  shop.expectEnd('secrets', { output: [...found, ...printed].join('\n') }, { files: found.length, printed: printed.length }, { files: 0, printed: 0 });
  shop.row('secrets', `in no log, and in none of ${files.length} files`);
}

function fewFailed(from) {
  const { failed, requests } = shop.load(from);
  shop.expectEnd('failed requests', { output: `${failed} of ${requests} failed` }, { few: failed * 100 < requests }, { few: true });
  shop.loadedRow('all of these releases', 'less than 1 % failed', { from });
}

const isBroken = ({ status }) => status === 500;

/** The rollbacks that `npm run bench -- t` measures. */
async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('Kubernetes');
}

void shop.run(async () => {
  const token = createAccount();
  synthesize();
  await good('v1');
  const stop = shop.useService(shop.url, 25, 2);
  const begun = now();
  try {
    await good('v2');
    if (shop.measured) return await measure(shop.measured);
    await refused('v3', 'bad', 'v2', isBroken);
    await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
    await notReady('v5', 'absent', 'v2', /ErrImagePull|ImagePullBackOff/);
    await notReady('v6', 'crashing', 'v2', /CrashLoopBackOff/);
    await killed('v7', 'during the rollout', /apply \d+ objects/, 'v2');
    await pruned('v8', 'v9');
    await stuck('v10', 'v8');
    await changedByHand('v8', 'v2');
    fewFailed(begun);
    usedPermissions();
    await missingRule('v11', 'v8');
    noTrace(token);
  } finally {
    stop();
  }
}, 'real Kubernetes, kubectl, containerd and pods; RBAC on');
