// The scenarios of .ci/targets/npm. Users install what the tag `latest` leads to, again and again, with the requests that npm sends.
const { execFile, execFileSync } = require('node:child_process');
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { gunzipSync } = require('node:zlib');
const users = require('./package-users.cjs');
const { LoadedScenarios, now, seconds } = require('./scenarios.cjs');

const NAME = '@acme/shop';
const REGISTRY = process.env.REGISTRY;

class PackageShop extends LoadedScenarios {
  get loadedWith() {
    return 'installs';
  }

  /** What a user gets: the state that the installed files name. */
  async request() {
    const { tarball, ...installed } = await users.npm(REGISTRY, NAME);
    return tarball ? { ...installed, ...JSON.parse(/"state":(\{[^}]*\})/.exec(gunzipSync(tarball).toString())[1]) } : installed;
  }
}
const shop = new PackageShop('npm', join(process.argv[2], 'shop'));
const { root } = shop;
const DEPRECATION = 'It was rolled back. Install the version before it.';
// a person at this machine
const settings = { [`npm_config_${REGISTRY.replace(/^http:/, '')}:_authToken`]: process.env.NPM_TOKEN, npm_config_registry: REGISTRY, npm_config_loglevel: 'error' };
// users go on meanwhile
const npm = (...args) => promisify(execFile)('npm', args, { cwd: root, env: { ...process.env, ...settings } });

const tarball = join(root, 'dist/js/shop.tgz');
// what the checks read is read without npm: a process of it costs half a second
const read = async (path) => (await fetch(`${REGISTRY}${path}`)).json();

/** A release as a build makes it: a tarball as npm packs it, in a folder `package`. `state` is what the health check reads, `test` what the smoke command does. */
function pack(version, kind) {
  const folder = join(root, 'package');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(root, 'dist/js'), { recursive: true });
  mkdirSync(folder);
  const state = { good: { version, isGood: true }, bad: { version, isGood: false }, stale: { version: '1.0.0', isGood: true }, broken: { version, isGood: true } }[kind];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({
    name: NAME, version, main: 'index.js', bin: { shop: 'index.js' }, state, scripts: { postinstall: 'node -e "if (process.env.NPM_TOKEN) process.exit(1)"' },
  }));
  writeFileSync(join(folder, 'index.js'), `#!/usr/bin/env node\n${kind === 'broken' ? 'throw new Error(\'cannot be required\')' : `console.log('shop ${version}')`};\n`);
  execFileSync('tar', ['--create', '--gzip', `--file=${tarball}`, `--directory=${root}`, 'package']);
}

function release(version, kind) {
  pack(version, kind);
  shop.release(`v${version}`);
}

const tags = () => read(`-/package/${NAME.replace('/', '%2f')}/dist-tags`);
const latest = async () => (await tags()).latest;
const published = async (version) => (await read(NAME.replace('/', '%2f'))).versions?.[version];
const deprecation = async (version) => (await published(version)).deprecated;

/** What the health check reads: the state that the package of the tag names. */
async function listen() {
  const server = require('node:http').createServer(async (incoming, response) => {
    const found = await fetch(`${REGISTRY}${NAME.replace('/', '%2f')}/latest`).then((answer) => answer.json()).catch(() => undefined);
    const result = { statusCode: found?.state ? 200 : 502, body: JSON.stringify(found?.state ?? {}) };
    await shop.usersFirst(incoming, result);
    response.writeHead(result.statusCode, { 'content-type': 'application/json' }).end(result.body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.npm({
      packageName: NAME, registry: REGISTRY, access: 'public', smoke: 'shop | grep -x "shop ${DELIVERY_VERSION#v}"', deprecation: DEPRECATION, tagCheck: false,
    }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.blueGreen({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }), json: [{ path: 'isGood', value: true }],
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
      })],
    }],
  }), ['dist', 'package']);
}

const outputs = [];
async function run(args, onLine) {
  const ended = await shop.delivery(args, onLine);
  outputs.push(ended.output);
  return ended;
}
const deploy = (version, onLine) => run(['deploy', 'production', '--release', `v${version}`], onLine);

async function good(version) {
  release(version, 'good');
  const ended = await deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, latest: await latest(), next: (await tags()).next }, { code: 0, latest: version, next: version });
  shop.loadedRow(`good (${version})`, `stable after ${seconds(ended.ended - ended.begun)} s; ${NAME}@${version} was installed and run before users got it`, { from: ended.begun, to: ended.ended });
}

async function refused(version, kind, stable, isWrong) {
  const before = now();
  release(version, kind);
  const ended = await deploy(version);
  shop.expectEnd(kind, ended, { code: ended.code, latest: await latest(), notice: await deprecation(version), kept: await deprecation(stable) }, { code: 1, latest: stable, notice: DEPRECATION, kept: undefined });
  const wrong = shop.firstAfter(before, isWrong);
  const decided = shop.decisionIn(ended, wrong);
  const restored = await shop.eventuallyAfter(decided, (answer) => answer.version === stable && answer.isGood);
  shop.expectEnd(kind, ended, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`${kind} (${version})`, `rolled back to ${stable}, and deprecated`, { from: before, to: now(), detect: decided - wrong, restore: restored - decided });
}

/** Fails its smoke command: users never get it. */
async function broken(version, stable) {
  release(version, 'broken');
  const ended = await deploy(version);
  const wasSeen = shop.firstAfter(ended.begun, (answer) => answer.version === version) !== undefined;
  shop.expectEnd('broken', ended, { code: ended.code, latest: await latest(), wasSeen, next: (await tags()).next }, { code: 1, latest: stable, wasSeen: false, next: version });
  shop.loadedRow(`fails its smoke command (${version})`, `${stable} stays, users never got ${version}`, { from: ended.begun, to: ended.ended });
}

/** Kills the runtime and its npm where a line appears, and lets the next command recover. */
async function killed(version, where, pattern, stable) {
  release(version, 'good');
  const ended = await shop.lasting(() => deploy(version, (line, kill) => pattern.test(line) && kill()));
  shop.expectEnd(`killed ${where}`, ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  const recovered = await run(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, latest: await latest() }, { code: 0, latest: stable });
  const wasSeen = shop.firstAfter(ended.begun, (answer) => answer.version === version) !== undefined;
  const restored = await shop.eventuallyAfter(recovered.begun, (answer) => answer.version === stable);
  shop.expectEnd(`killed ${where}`, recovered, { restored: restored !== undefined }, { restored: true });
  shop.loadedRow(`killed ${where} (${version})`, `recovered to ${stable}${wasSeen ? '' : `, users never got ${version}`}`, { from: ended.begun, to: recovered.ended, restore: wasSeen ? restored - recovered.begun : undefined });
}

/** After the kill, the version is in the registry or not. It is not published twice. */
async function again(version) {
  const wasPublished = await published(version) !== undefined;
  const ended = await deploy(version);
  shop.expectEnd('again', ended, { code: ended.code, latest: await latest(), publishes: /publish @acme/.test(ended.output) }, { code: 0, latest: version, publishes: !wasPublished });
  shop.loadedRow(`the same release again (${version})`, `stable; it was ${wasPublished ? 'published already, with the same integrity' : 'not published before'}`, { from: ended.begun, to: ended.ended });
}

async function publishedBefore(version) {
  const begun = now();
  release(version, 'good');
  await npm('publish', tarball, '--tag', 'next', '--access', 'public', '--silent');
  const ended = await deploy(version);
  shop.expectEnd('published before', ended, { code: ended.code, latest: await latest(), publishes: /publish @acme/.test(ended.output) }, { code: 0, latest: version, publishes: false });
  shop.loadedRow(`published by the release workflow (${version})`, 'verified, then latest', { from: begun, to: ended.ended });
}

async function otherFiles(version, stable) {
  pack(version, 'bad');
  await npm('publish', tarball, '--tag', 'next', '--access', 'public', '--silent');
  release(version, 'good');
  const ended = await deploy(version);
  shop.expectEnd('other files', ended, { code: ended.code, latest: await latest(), said: /is in the registry with other files/.test(ended.output) }, { code: 2, latest: stable, said: true });
  shop.row(`the version is there with another integrity (${version})`, 'refused before anything changed');
}

async function changedByHand(stable, other) {
  const changed = now();
  await npm('dist-tag', 'add', `${NAME}@${other}`, 'latest');
  const status = await run(['status', '--json', '--local']);
  const plan = await run(['plan', 'production', '--release', `v${stable}`]);
  const facts = { status: /"changedByHand": "/.test(status.output), plan: /by hand/.test(plan.output) };
  shop.expectEnd('changed by hand', { output: `${status.output}\n--- plan\n${plan.output}` }, facts, { status: true, plan: true });
  const begun = now();
  const ended = await run(['rollback', 'production', '--local', '--release', `v${stable}`, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', ended, { code: ended.code, latest: await latest() }, { code: 0, latest: stable });
  const restored = await shop.eventuallyAfter(begun, (answer) => answer.version === stable);
  shop.loadedRow(`changed by hand (to ${other})`, `restored to ${stable}`, { from: changed, to: ended.ended, detect: status.ended - changed, restore: restored - begun });
}

async function notRestorable(version, stable) {
  const metadata = join(process.argv[2], 'storage', NAME, 'package.json');
  const saved = readFileSync(metadata, 'utf8');
  // as Verdaccio writes it: users read it meanwhile
  const replace = (text) => {
    writeFileSync(`${metadata}.new`, text);
    renameSync(`${metadata}.new`, metadata);
  };
  const { versions, ...rest } = JSON.parse(saved);
  delete versions[stable];
  replace(JSON.stringify({ ...rest, versions, 'dist-tags': { ...rest['dist-tags'], latest: '1.0.0' } }));
  release(version, 'good');
  const ended = await deploy(version);
  replace(saved);
  shop.expectEnd('Stable is gone', ended, { code: ended.code, latest: await latest(), said: /could not be rolled back/.test(ended.output) }, { code: 2, latest: stable, said: true });
  shop.row(`Stable was unpublished (${version})`, 'refused before anything changed');
}

async function wrongToken(version, stable) {
  const ended = await shop.delivery(['deploy', 'production', '--release', `v${version}`], undefined, { NPM_TOKEN: 'npm_expired' });
  shop.expectEnd('wrong token', ended, { code: ended.code, latest: await latest(), said: /granular access token/.test(ended.output) }, { code: 2, latest: stable, said: true });
  shop.row(`a token that expired (${version})`, 'refused before anything changed');
}

/** The token is in no output of the runtime, and in no file that it or npm left. */
function noTrace() {
  const token = process.env.NPM_TOKEN;
  const folders = [root, process.env.npm_config_cache];
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((path) => join(folder, path))).filter((path) => statSync(path).isFile());
  const found = files.filter((path) => readFileSync(path).includes(token));
  shop.expectEnd('the token', { output: found.join('\n') }, { files: found.length, printed: outputs.some((text) => text.includes(token)) }, { files: 0, printed: false });
  shop.row('the token', `in none of ${files.length} files, and in no log`);
}

const isBad = ({ isGood }) => isGood === false;

/** The rollbacks that `npm run bench -- t` measures. */
async function measure(versions) {
  for (const version of versions) await refused(version.replace(/^v/, '1.') + '.0', 'bad', '1.1.0', isBad);
  shop.keep('npm');
}

void shop.run(async () => {
  const front = await listen();
  synthesize(`http://127.0.0.1:${front.address().port}/`);
  await good('1.0.0');
  const stop = shop.useService(undefined, 150);
  const begun = now();
  try {
    await good('1.1.0');
    if (shop.measured) return await measure(shop.measured);
    await refused('1.2.0', 'bad', '1.1.0', isBad);
    await refused('1.3.0', 'stale', '1.1.0', ({ version }) => version === '1.0.0');
    await broken('1.4.0', '1.1.0');
    await killed('1.5.0', 'during publish', /publish @acme/, '1.1.0');
    await again('1.5.0');
    await killed('1.6.0', 'during promote', /move latest/, '1.5.0');
    await publishedBefore('1.7.0');
    await otherFiles('1.8.0', '1.7.0');
    await changedByHand('1.7.0', '1.0.0');
    await notRestorable('1.9.0', '1.7.0');
    await wrongToken('1.9.0', '1.7.0');
    shop.noneFailed(begun);
    noTrace();
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real npm CLI, Verdaccio: npmjs.com is behind a cache of up to 5 minutes');
