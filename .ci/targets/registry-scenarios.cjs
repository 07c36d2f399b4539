// The scenarios of .ci/targets/registry.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { createServer } = require('node:http');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { now, Scenarios, seconds } = require('./scenarios.cjs');

const shop = new Scenarios('registry', join(process.argv[2], 'shop'));
const { root } = shop;
const PACKAGES = join(process.argv[2], 'packages');
const wheelOf = (version) => `acme_shop-${version}-py3-none-any.whl`;
/** The version that users get, for the health check. */
let users;
/** Of the index in JSON. */
const yanked = new Map();

/** A wheel without a tool that needs a network: three files in a zip. */
const BUILD = `
import sys, zipfile
file, version, kind = sys.argv[1:]
info = f"acme_shop-{version}.dist-info/"
code = "raise RuntimeError('cannot be imported')" if kind == "broken" else f"VERSION = {version!r}\\ndef main(): print('shop', VERSION)"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr("acme_shop/__init__.py", code + "\\n")
    wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\\nName: acme-shop\\nVersion: {version}\\n# {kind}\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: a test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nshop = acme_shop:main\\n")
    wheel.writestr(info + "RECORD", "")
`;

function build(version, kind) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'));
  execFileSync('python3', ['-c', BUILD, join(root, 'dist', wheelOf(version)), version, kind]);
}

/** What the release workflow does. */
function publish(version) {
  copyFileSync(join(root, 'dist', wheelOf(version)), join(PACKAGES, wheelOf(version)));
  users = `v${version}`;
}

function release(version, kind) {
  build(version, kind);
  shop.release(`v${version}`);
}

/** The health check, and an index in JSON with the same files (PEP 691). */
async function listen() {
  const server = createServer(({ url }, response) => {
    if (url === '/simple/acme-shop/') {
      const files = readdirSync(PACKAGES).map((name) => ({
        filename: name, url: `/files/${name}`, hashes: { sha256: createHash('sha256').update(readFileSync(join(PACKAGES, name))).digest('hex') }, yanked: yanked.get(name) ?? false,
      }));
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
      return response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'acme-shop', files }));
    }
    if (url.startsWith('/files/')) return response.end(readFileSync(join(PACKAGES, url.slice('/files/'.length))));
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ version: users }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function synthesize(url, index) {
  shop.synthesize(({ Duration, HealthCheck, Registry, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.registry({ registry: Registry.pypi({ packageName: 'Acme.Shop', index, directory: 'dist' }), smoke: 'shop | grep -x "shop ${DELIVERY_VERSION#v}"' }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(url, { release: ReleaseIdentity.json('version'), interval: Duration.seconds(1), successThreshold: 2, failureThreshold: 2 })],
    }],
  }), ['dist']);
}

const deploy = (version, onLine) => shop.delivery(['deploy', 'production', '--release', `v${version}`], onLine);
const took = ({ begun, ended }) => `${seconds(ended - begun)} s`;

async function good(version, how = 'html') {
  release(version, 'good');
  publish(version);
  const ended = await deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, tested: /and passed its test/.test(ended.output) }, { code: 0, tested: true });
  shop.row(`good (${version}), index in ${how}`, `stable after ${took(ended)}; it was installed and run`);
}

async function late(version) {
  release(version, 'good');
  let waits = 0;
  const ended = await deploy(version, (line) => {
    // it is published while the target waits for it
    if (/does not serve acme-shop .* yet/.test(line) && ++waits === 2) publish(version);
  });
  shop.expectEnd('late', ended, { code: ended.code, waited: waits >= 2 }, { code: 0, waited: true });
  shop.row(`published late (${version})`, `waited for, stable after ${took(ended)}`);
}

async function halted(scenario, version, prepare, why) {
  prepare();
  const begun = now();
  const ended = await deploy(version);
  const facts = { code: ended.code, why: why.test(ended.output), remedy: /The target cannot take a release back. Withdraw the version of acme-shop/.test(ended.output) };
  shop.expectEnd(scenario, ended, facts, { code: 3, why: true, remedy: true });
  shop.row(`${scenario} (${version})`, 'halted, with what a person does', ended.ended - begun);
}

async function killed(version) {
  release(version, 'good');
  publish(version);
  const ended = await shop.lasting(() => deploy(version, (line, kill) => /install acme-shop/.test(line) && kill()));
  shop.expectEnd('killed', ended, { signal: ended.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed', recovered, { code: recovered.code }, { code: 3 });
  const again = await deploy(version);
  shop.expectEnd('killed, again', again, { code: again.code }, { code: 0 });
  shop.row(`killed during pip install (${version})`, 'halted by the next command; the same release again is stable');
}

async function refused(stable) {
  const ended = await shop.delivery(['rollback', 'production', '--local', '--release', `v${stable}`, '--reason', 'a test']);
  shop.expectEnd('a rollback by hand', ended, { code: ended.code, why: /cannot take a release back, so there is no rollback/.test(ended.output) }, { code: 2, why: true });
  shop.row(`a rollback by hand (to ${stable})`, 'refused, with what a person does instead');
}

async function yankedByHand(version) {
  yanked.set(wheelOf(version), 'a test');
  const ended = await shop.delivery(['status', '--json', '--local']);
  shop.expectEnd('yanked by hand', ended, { said: /"changedByHand": "/.test(ended.output) }, { said: true });
  shop.row(`Stable is yanked (${version})`, 'reported as changed by hand');
}

void shop.run(async () => {
  const before = readdirSync(tmpdir());
  const server = await listen();
  const address = `http://127.0.0.1:${server.address().port}`;
  synthesize(`${address}/state`, process.env.INDEX);
  try {
    await good('1.0.0');
    await late('1.1.0');
    await halted('fails its smoke command', '1.2.0', () => {
      release('1.2.0', 'broken');
      publish('1.2.0');
    }, /the smoke command failed with acme-shop 1\.2\.0: exit code 1/);
    await good('1.3.0');
    await halted('other files than those that were built', '1.4.0', () => {
      build('1.4.0', 'other');
      publish('1.4.0');
      release('1.4.0', 'good');
    }, /is in the registry with another acme_shop-1\.4\.0/);
    await killed('1.5.0');
    await refused('1.3.0');
    synthesize(`${address}/state`, `${address}/simple/`);
    await good('1.6.0', 'json');
    await halted('yanked before it is verified', '1.7.0', () => {
      release('1.7.0', 'good');
      publish('1.7.0');
      yanked.set(wheelOf('1.7.0'), 'a test');
    }, /was withdrawn from the registry: a test/);
    await good('1.8.0', 'json');
    await yankedByHand('1.8.0');
    const left = readdirSync(tmpdir()).filter((name) => /^delivery-(package|files)-/.test(name) && !before.includes(name));
    // a process that was killed cleans up nothing
    shop.expectEnd('folders', { output: left.join('\n') }, { few: left.length <= 1 }, { few: true });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}, 'real pip, pypiserver and an index in JSON');
