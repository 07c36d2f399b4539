// The scenarios of .ci/targets/kubernetes for two slots behind a Service, while users send requests to it: from redeploy to slots and back, a release that
// is bad before or after the switch, a runtime that is killed during the switch, and a selector that is changed by hand.
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { join } = require('node:path');
const { parseAllDocuments } = require('yaml');
const { KubernetesShop } = require('./kubernetes-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

const [, , run, program] = process.argv;
const NAMESPACE = 'slots';
const shop = new KubernetesShop('kubernetes with slots', join(run, 'slots-shop'), program, { namespace: NAMESPACE, port: 30_091 });

const apply = (object) => execFileSync('kubectl', ['apply', '--namespace', NAMESPACE, '--filename', '-'], { input: JSON.stringify(object), stdio: ['pipe', 'ignore', 'pipe'] });

/** A namespace, and a service account with the role of the documentation. The runtime gets its token and nothing else. */
function createAccount() {
  execFileSync('kubectl', ['create', 'namespace', NAMESPACE]);
  const pasted = /^```yaml\n(apiVersion: rbac[\s\S]*?)^```$/m.exec(readFileSync('docs/targets/kubernetes.md', 'utf8'))[1].replaceAll('namespace: shop', `namespace: ${NAMESPACE}`);
  const objects = parseAllDocuments(pasted).map((document) => document.toJS());
  const account = objects[1].subjects[0].name;
  for (const object of [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } }, ...objects]) apply(object);
  const config = JSON.parse(execFileSync('kubectl', ['config', 'view', '--raw', '--flatten', '--output', 'json'], { encoding: 'utf8' }));
  config.users = [{ name: account, user: { token: shop.kubectl('create', 'token', account, '--duration', '4h').trim() } }];
  config.contexts = [{ name: account, context: { cluster: config.clusters[0].name, user: account } }];
  config['current-context'] = account;
  shop.secrets.KUBECONFIG_DATA = Buffer.from(JSON.stringify(config)).toString('base64');
  return objects[0];
}

/** Without the rule for slots nothing is changed, and with the role of the documentation nothing was denied. */
async function permissions(role, version) {
  const requests = readFileSync(join(run, 'audit.log'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ user }) => user.username.startsWith(`system:serviceaccount:${NAMESPACE}:`));
  // kubectl looks whether the namespace is there where an object is not
  const denied = requests.filter(({ annotations, objectRef }) => annotations['authorization.k8s.io/decision'] !== 'allow' && objectRef?.resource !== 'namespaces').map(({ requestURI, verb }) => `${verb} ${requestURI}`);
  const used = requests.some(({ objectRef, verb }) => verb === 'list' && objectRef?.resource === 'endpointslices');
  await shop.build(version);
  apply({ ...role, rules: role.rules.filter(({ resources }) => !resources.includes('endpointslices')) });
  const ended = await shop.deploy(version);
  apply(role);
  const facts = { denied: denied.length, used, code: ended.code, said: /may not list endpointslices/.test(ended.output) };
  shop.expectEnd('permissions', { output: `${denied.join('\n')}\n${ended.output}` }, facts, { denied: 0, used: true, code: 2, said: true });
  shop.row('permissions', 'the rule for slots is needed, and nothing was denied');
}

/** Whether candidates seem to be right whatever they respond: what is bad shows only with users then. */
let masks = false;

/** In place of an Ingress: /blue and /green lead to the Services of the slots. */
async function candidates() {
  const server = createServer((incoming, response) => {
    const [, slot, ...rest] = incoming.url.split('/');
    let host;
    try {
      host = shop.kubectl('get', 'service', `web-${slot}`, '--output', 'jsonpath={.spec.clusterIP}');
    } catch {
      return response.writeHead(502).end();
    }
    const sent = request({ agent: false, host, port: 80, path: `/${rest.join('/')}` }, (found) => {
      response.writeHead(masks ? 200 : found.statusCode, found.headers);
      found.pipe(response);
    });
    sent.on('error', () => response.writeHead(502).end());
    return sent.end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/{slot}`, close: () => server.close() };
}

function synthesize(candidateUrl) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.kubernetes({ manifests: 'dist', namespace: NAMESPACE, kubeconfigSecret: 'KUBECONFIG_DATA', ...candidateUrl && { slots: { service: 'web' } } }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: shop.url,
      strategy: candidateUrl ? Strategy.blueGreen({ bake: Duration.seconds(1), candidateUrl }) : Strategy.redeploy({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(shop.url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
        interval: Duration.seconds(1), timeout: Duration.seconds(5), successThreshold: 1, failureThreshold: 2, deadline: Duration.seconds(60),
      })],
    }],
  }), ['dist', '.delivery*']);
}

const selected = () => JSON.parse(shop.kubectl('get', 'service', 'web', '--output', 'jsonpath={.spec.selector}'))['projen-delivery/name'] ?? 'no slot';
/** What users get, where the Service says that it comes from. */
const state = async () => ({ ...await shop.request(shop.url).then(({ greeting, version }) => ({ served: version, greeting })), slot: /(?:blue|green|no slot)$/.exec(selected())?.[0] });
const expected = (version, slot) => ({ served: version, greeting: `hello from ${version}`, slot });
/** Users saw only these releases. */
const seenSince = (from) => [...new Set(shop.responses.filter(({ at, version }) => at >= from && version !== undefined).map(({ version }) => version))].sort().join(' ');
const byHand = (version) => shop.command(['rollback', 'production', '--local', '--release', version, '--reason', 'a test']);

async function good(version, slot, what, seen) {
  await shop.build(version);
  const begun = now();
  const ended = await shop.deploy(version);
  shop.expectEnd(what, ended, { code: ended.code, ...await state(), seen: seenSince(begun) }, { code: 0, ...expected(version, slot), seen });
  shop.loadedRow(`${what} (${version})`, `stable on ${slot} after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

/** No user sees a candidate that is not verified. */
async function badCandidate(version, kind, stable, slot) {
  await shop.build(version, kind);
  const begun = now();
  const ended = await shop.deploy(version);
  shop.expectEnd(kind, ended, { code: ended.code, ...await state(), seen: seenSince(begun) }, { code: 1, ...expected(stable, slot), seen: stable });
  shop.loadedRow(`${kind} in its slot (${version})`, `users stayed on ${stable}`, { from: ended.begun, to: ended.ended });
}

/** It is right as a candidate, and bad with users. */
async function badAfter(version, stable, slot) {
  await shop.build(version, 'bad');
  masks = true;
  const ended = await shop.deploy(version);
  masks = false;
  shop.expectEnd('bad after the switch', ended, { code: ended.code, ...await state() }, { code: 1, ...expected(stable, slot) });
  const wrong = shop.firstAfter(ended.begun, (response) => response.status === 500);
  const decided = shop.decisionIn(ended, wrong);
  const restored = shop.firstAfter(decided, (response) => response.version === stable && response.status === 200);
  shop.expectEnd('bad after the switch', ended, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.row(`bad after the switch (${version})`, `back on ${stable} in ${slot}`, decided - wrong, restored - decided);
}

async function killed(version, stable, slot) {
  await shop.build(version);
  const ended = await shop.deploy(version, (line, kill) => /send them to (?:blue|green)/.test(line) && kill());
  shop.expectEnd('killed during the switch', ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.command(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed during the switch', { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, ...await state() }, { code: 0, ...expected(stable, slot) });
  shop.loadedRow(`killed during the switch (${version})`, `recovered to ${stable}`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
}

/** Someone leads users to the other slot. */
async function changedByHand(stable, slot, other) {
  const name = selected();
  const changed = now();
  shop.kubectl('patch', 'service', 'web', '--type=merge', '--patch', JSON.stringify({ spec: { selector: { 'projen-delivery/name': name.replace(slot, other) } } }));
  const status = await shop.command(['status', '--json', '--local']);
  const ended = await byHand(stable);
  shop.expectEnd('changed by hand', { output: `${status.output}\n---\n${ended.output}` }, { status: /"changedByHand": "/.test(status.output), code: ended.code, ...await state() }, { status: true, code: 0, ...expected(stable, slot) });
  shop.loadedRow('the selector changed by hand', `status says so, ${stable} restored`, { from: changed, to: ended.ended, detect: status.ended - changed, restore: ended.ended - ended.begun });
}

/** The rollbacks that `npm run bench -- t` measures. */
async function measure(versions) {
  for (const version of versions) await badAfter(version, 'v2', 'blue');
  shop.keep('Kubernetes with slots');
}

void shop.run(async () => {
  const role = createAccount();
  const { close, url } = await candidates();
  synthesize();
  await shop.build('v1');
  const first = await shop.deploy('v1');
  shop.expectEnd('redeploy', first, { code: first.code, ...await state() }, { code: 0, ...expected('v1', 'no slot') });
  const stop = shop.useService(shop.url, 25, 2);
  const begun = now();
  try {
    synthesize(url);
    await good('v2', 'blue', 'from redeploy to slots', 'v1 v2');
    if (shop.measured) return await measure(shop.measured);
    await good('v3', 'green', 'good', 'v2 v3');
    await changedByHand('v3', 'green', 'blue');
    await badCandidate('v4', 'stale', 'v3', 'green');
    await killed('v5', 'v3', 'green');
    const { failed, requests } = shop.load(begun);
    shop.expectEnd('failed requests', { output: `${failed} of ${requests} failed` }, { few: failed * 100 < requests }, { few: true });
    shop.loadedRow('all of these switches', 'less than 1 % failed', { from: begun });
    await badAfter('v6', 'v3', 'green');
    await permissions(role, 'v7');
    synthesize();
    await good('v8', 'no slot', 'from slots to redeploy', 'v3 v8');
    const left = shop.kubectl('get', 'deployments,services,configmaps', '--output', 'name').split('\n').filter((name) => /-(?:blue|green)$/.test(name));
    shop.expectEnd('from slots to redeploy', { output: left.join('\n') }, { left: left.length, slot: selected() }, { left: 0, slot: 'no slot' });
  } finally {
    stop();
    close();
  }
}, 'real Kubernetes, kubectl, containerd and pods; RBAC on');
