// The scenarios of .ci/targets/git-ops. Users send requests to the Service inside the cluster.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseAllDocuments } = require('yaml');
const { serveGit } = require('./git-http.cjs');
const { KubernetesShop, NAMESPACE } = require('./kubernetes-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

const [, , run, program] = process.argv;
const FLUX = 'flux-system';
const FOLDER = 'apps/shop';
const TOKEN = 'a-token-that-no-log-shows';
const shop = new KubernetesShop('git-ops', join(run, 'shop'), program);
const bare = join(run, 'git/acme/deployments.git');
const clone = join(run, 'clone');

const git = (folder, ...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const admin = (args, input) => execFileSync('kubectl', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });
const apply = (text) => admin(['apply', '--filename', '-'], text);

/** The blocks of the documentation that users paste, for our names. */
const page = readFileSync('docs/targets/git-ops.md', 'utf8');
const pasted = (begins) => new RegExp(`^ *\`\`\`yaml\\n( *apiVersion: ${begins}[\\s\\S]*?)^ *\`\`\`$`, 'm').exec(page)[1].replaceAll(/namespace: shop\b|targetNamespace: shop\b/g, (text) => text.replace('shop', NAMESPACE));

function makeRepository() {
  mkdirSync(bare, { recursive: true });
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
  git(bare, 'config', 'uploadpack.allowFilter', 'true');
  git(run, 'clone', '--quiet', bare, clone);
  git(clone, 'config', 'user.name', 'someone else');
  git(clone, 'config', 'user.email', 'someone@example.com');
  git(clone, 'checkout', '--quiet', '-B', 'main');
  commit({ 'README.md': 'deployments\n' });
}

/** Someone else commits files beside ours, or in our folder. */
function commit(files) {
  if (git(bare, 'for-each-ref', 'refs/heads/main') !== '') git(clone, 'pull', '--quiet', '--rebase', 'origin', 'main');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(clone, path, '..'), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
  git(clone, 'add', '.');
  git(clone, 'commit', '--quiet', '--message', 'chore: someone else');
  git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
}

const head = () => git(bare, 'rev-parse', 'main');
const history = () => git(bare, 'rev-list', 'main').split('\n');
const marked = () => JSON.parse(git(bare, 'show', `main:${FOLDER}/.projen-delivery`)).release.version;

/** The namespaces, Flux's objects and the account of the documentation. The runtime gets its token and nothing else. */
function prepare(url) {
  admin(['create', 'namespace', NAMESPACE]);
  const flux = pasted('source').replace(/url: '[^']*'/, `url: '${url}'`).replaceAll(/interval: 1m\b/g, 'interval: 1h').replaceAll(/interval: 10m/g, 'interval: 1h').replace('retryInterval: 30s', 'retryInterval: 5s');
  apply(flux.replace(/^ {3}/gm, ''));
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'delivery', namespace: NAMESPACE } };
  const roles = parseAllDocuments(pasted('rbac')).map((document) => document.toJS());
  const bindings = roles.map(({ metadata }) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }, subjects: [{ kind: 'ServiceAccount', name: 'delivery', namespace: NAMESPACE }],
  }));
  for (const object of [account, ...roles, ...bindings]) apply(JSON.stringify(object));
  const token = shop.kubectl('create', 'token', 'delivery', '--duration', '4h').trim();
  const config = JSON.parse(admin(['config', 'view', '--raw', '--flatten', '--output', 'json']));
  config.users = [{ name: 'delivery', user: { token } }];
  config.contexts = [{ name: 'delivery', context: { cluster: config.clusters[0].name, user: 'delivery' } }];
  config['current-context'] = 'delivery';
  Object.assign(shop.secrets, { KUBECONFIG_DATA: Buffer.from(JSON.stringify(config)).toString('base64'), DEPLOYMENTS_TOKEN: TOKEN });
  return token;
}

function synthesize(repository) {
  shop.synthesize(({ Duration, GitOpsController, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.gitOps({
      repository, path: FOLDER, manifests: 'dist', tokenSecret: 'DEPLOYMENTS_TOKEN', follows: GitOpsController.flux({ kustomization: 'shop', kubeconfigSecret: 'KUBECONFIG_DATA' }),
    }),
    monitoring: { interval: Duration.minutes(5) },
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: shop.url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(shop.url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(30) }),
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
      })],
    }],
  }), ['dist', '.delivery*']);
}

const state = async () => ({ served: (await shop.request(shop.url)).version, committed: marked() });
const expected = (version) => ({ served: version, committed: version });

async function good(version) {
  await shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, ...await state() }, { code: 0, ...expected(version) });
  shop.loadedRow(`good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

/** Users see it. */
async function refused(version, kind, stable, isWrong) {
  await shop.build(version, kind);
  const before = history();
  const deploy = () => shop.deploy(version);
  const ended = await (kind === 'stale' ? shop.impatient(deploy) : deploy());
  const kept = history().slice(-before.length).join() === before.join();
  shop.expectEnd(kind, ended, { code: ended.code, ...await state(), kept }, { code: 1, ...expected(stable), kept: true });
  const wrong = shop.firstAfter(ended.begun, isWrong);
  const decided = shop.decisionIn(ended, wrong);
  const restored = await shop.eventuallyAfter(decided, (response) => response.version === stable && response.status === 200);
  shop.expectEnd(kind, ended, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`${kind} (${version})`, `rolled back to ${stable} by a commit`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

const isBroken = ({ status }) => status === 500;

/** The rollbacks that `npm run bench -- t` measures. */
async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('GitOps');
}

/** Its pods never become ready: users do not see it. */
async function notReady(version, stable, reason) {
  await shop.build(version, 'absent');
  const ended = await shop.deploy(version);
  const seen = shop.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
  shop.expectEnd('absent', ended, { code: ended.code, ...await state(), seen, reason: reason.test(ended.output) }, { code: 1, ...expected(stable), seen: false, reason: true });
  const found = ended.lines.find(({ text }) => reason.test(text)).at;
  shop.loadedRow(`an image that is not there (${version})`, `${stable} stable, with the reason: ${reason.exec(ended.output)[0]}`, { from: ended.begun, to: ended.ended, detect: found - ended.begun, restore: ended.ended - found });
}

/** Before the push, and while the cluster is waited for. */
async function beside(version) {
  await shop.build(version);
  let commits = 0;
  // once each: the push that came too late is made again
  const moments = [/commit v\d+ to apps\/shop after/, /is to look at the repository now/];
  const ended = await shop.deploy(version, (line) => {
    if (!moments[commits]?.test(line)) return;
    commits += 1;
    commit({ 'apps/other/web.yaml': `# ${commits}\n` });
  });
  const isKept = git(bare, 'show', 'main:apps/other/web.yaml') === `# ${commits}`;
  shop.expectEnd('beside', ended, { code: ended.code, ...await state(), isKept, several: commits === 2 }, { code: 0, ...expected(version), isKept: true, several: true });
  shop.loadedRow(`others commit beside it (${version})`, 'stable, and their commits are kept', { from: ended.begun, to: ended.ended });
}

/** Kills the runtime after its push, and lets the next command recover. */
async function killed(version, stable) {
  await shop.build(version);
  const ended = await shop.lasting(() => shop.deploy(version, (line, kill) => /is to look at the repository now/.test(line) && kill()));
  shop.expectEnd('killed', ended, { signal: ended.signal, committed: marked() }, { signal: 'SIGKILL', committed: version });
  const recovered = await shop.command(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed', { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, ...await state() }, { code: 0, ...expected(stable) });
  shop.loadedRow(`killed after its push (${version})`, `recovered to ${stable}`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
}

async function changedByHand(stable) {
  git(clone, 'pull', '--quiet', '--rebase', 'origin', 'main');
  const file = join(FOLDER, 'shop.k8s.yaml');
  commit({ [file]: readFileSync(join(clone, file), 'utf8').replace(/hello from v\d+/, 'hello by hand') });
  const changed = now();
  admin(['--namespace', FLUX, 'annotate', 'gitrepository', 'shop', '--overwrite', `reconcile.fluxcd.io/requestedAt=${Date.now()}`]);
  let status;
  await shop.eventually(() => shop.kubectl('get', 'configmap', 'settings', '--output', 'jsonpath={.data.greeting}') === 'hello by hand', 200);
  admin(['--namespace', FLUX, 'wait', 'kustomization/shop', '--for=condition=ready', '--timeout=120s']);
  for (let i = 0; i < 30 && !/"changedByHand": "/.test(status?.output ?? ''); i++) status = await shop.command(['status', '--json', '--local']);
  const watch = await shop.command(['watch', 'production']);
  shop.expectEnd('changed by hand', { output: `${status.output}\n${watch.output}` }, { status: /"changedByHand": "/.test(status.output), watch: watch.code }, { status: true, watch: 1 });
  const begun = now();
  const ended = await shop.command(['rollback', 'production', '--local', '--release', stable, '--reason', 'its folder was changed by hand']);
  const setting = shop.kubectl('get', 'configmap', 'settings', '--output', 'jsonpath={.data.greeting}');
  shop.expectEnd('changed by hand', ended, { code: ended.code, ...await state(), setting }, { code: 0, ...expected(stable), setting: `hello from ${stable}` });
  shop.loadedRow('its folder changed by hand', `restored to ${stable}; the watch says so`, { from: changed, to: ended.ended, detect: status.ended - changed, restore: ended.ended - begun });
}

async function byHand(version) {
  const ended = await shop.command(['rollback', 'production', '--local', '--release', version, '--reason', 'a test']);
  shop.expectEnd('by hand', ended, { code: ended.code, ...await state() }, { code: 0, ...expected(version) });
  shop.loadedRow(`rollback by hand (to ${version})`, `${version} stable`, { from: ended.begun, to: ended.ended, restore: ended.ended - ended.begun });
}

/** The secrets are in no output of the runtime, and in none of its files. */
function noTrace(token) {
  const secrets = [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64'), token, shop.secrets.KUBECONFIG_DATA];
  const files = readdirSync(shop.root, { recursive: true }).map((path) => join(shop.root, path)).filter((path) => existsSync(path) && statSync(path).isFile());
  const found = files.filter((path) => secrets.some((text) => readFileSync(path).includes(text)));
  const printed = shop.outputs.filter((text) => secrets.some((one) => text.includes(one)));
  shop.expectEnd('secrets', { output: [...found, ...printed].join('\n') }, { files: found.length, printed: printed.length }, { files: 0, printed: 0 });
  shop.row('secrets', `in no log, and in none of ${files.length} files`);
}

void shop.run(async () => {
  makeRepository();
  const url = `${await serveGit(join(run, 'git'), TOKEN)}/acme/deployments.git`;
  const token = prepare(url);
  synthesize(url);
  await good('v1');
  const first = head();
  const stop = shop.useService(shop.url, 25, 2);
  const begun = now();
  try {
    await good('v2');
    if (shop.measured) return await measure(shop.measured);
    await refused('v3', 'bad', 'v2', isBroken);
    await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
    await notReady('v5', 'v2', /ErrImagePull|ImagePullBackOff/);
    await beside('v6');
    await killed('v7', 'v6');
    await changedByHand('v6');
    await byHand('v2');
    const { failed, requests } = shop.load(begun);
    shop.expectEnd('failed requests', { output: `${failed} of ${requests} failed` }, { few: failed * 100 < requests, kept: history().includes(first) }, { few: true, kept: true });
    shop.loadedRow('all of these releases', 'less than 1 % failed, and no commit is lost', { from: begun });
    noTrace(token);
  } finally {
    stop();
  }
}, 'real Flux, Kubernetes, git, kubectl, containerd and pods; RBAC on');
