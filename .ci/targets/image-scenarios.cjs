// The scenarios of .ci/targets/image: two environments, each a container on a port of its own.
const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { now, Scenarios } = require('./scenarios.cjs');

const run = process.argv[2];
const shop = new Scenarios('image', join(run, 'shop'));
const { root } = shop;
const { REGISTRY } = process.env;
const REPOSITORY = `${REGISTRY}/acme/shop`;
const PORTS = { staging: 8081, production: 8082 };
const docker = (...args) => execFileSync('docker', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A container is replaced, and the machine needs no registry for an image that it has. */
const DEPLOY = [
  'docker image inspect "$DELIVERY_IMAGE" > /dev/null 2>&1 || docker pull --quiet "$DELIVERY_IMAGE"',
  'docker rm --force "shop-$DEPLOY_ENV" > /dev/null 2>&1 || true',
  'docker run --detach --name "shop-$DEPLOY_ENV" --publish "127.0.0.1:$PORT:8080" "$DELIVERY_IMAGE"',
].join('; ');

function synthesize() {
  shop.synthesize(({ Artifact, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => {
    const environment = (name) => {
      const url = `http://127.0.0.1:${PORTS[name]}/health`;
      return {
        name,
        url,
        trigger: name === 'staging' ? Trigger.branch('main') : Trigger.tag('v*', { requires: 'staging' }),
        variables: { PORT: String(PORTS[name]) },
        strategy: Strategy.redeploy({ bake: Duration.seconds(2) }),
        healthChecks: [HealthCheck.http(url, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(2) }), interval: Duration.seconds(1), deadline: Duration.minutes(5),
        })],
      };
    };
    return {
      target: Target.commands({ deploy: DEPLOY }),
      artifact: Artifact.image({ repository: REPOSITORY }),
      environments: [environment('staging'), environment('production')],
      monitoring: { interval: Duration.minutes(5) },
    };
  });
}

/** The response of a release; a bad one has no such page. */
const PAGES = { good: (version) => ({ version }), stale: () => ({ version: 'v0' }), bad: () => undefined };

function write(version, kind) {
  const page = PAGES[kind](version);
  mkdirSync(join(root, 'app/www'), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'app/busybox'));
  writeFileSync(join(root, 'app/www', 'health'), page === undefined ? '' : JSON.stringify(page));
  writeFileSync(join(root, 'app/www', 'release'), version);
  writeFileSync(join(root, 'Dockerfile'), [
    'FROM scratch', 'COPY app/busybox /busybox', page === undefined ? 'COPY app/www/release /www/release' : 'COPY app/www /www',
    'ENTRYPOINT ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]', '',
  ].join('\n'));
}

/** The digest of the image that an environment runs. */
function live(environment) {
  const image = docker('inspect', '--format', '{{.Config.Image}}', `shop-${environment}`);
  return image.split('@')[1] ?? image;
}

const digests = {};
async function build(version, kind = 'good') {
  write(version, kind);
  shop.release(version);
  const built = await shop.delivery(['build']);
  digests[version] = /@(sha256:[0-9a-f]{64})/.exec(built.output)?.[1];
  shop.expectEnd(`build ${version}`, built, { code: built.code, isBuilt: digests[version] !== undefined }, { code: 0, isBuilt: true });
}

const deploy = (environment, version, onLine) => shop.delivery(['deploy', environment, '--release', version], onLine);
const pushes = () => readFileSync(join(run, 'registry.log'), 'utf8').split('\n').filter((line) => /"PUT \/v2\/acme\/shop\/manifests\//.test(line)).length;

async function good(version) {
  const before = pushes();
  await build(version);
  for (const environment of ['staging', 'production']) {
    const deployed = await deploy(environment, version);
    shop.expectEnd(`good ${version}`, deployed, { code: deployed.code, live: live(environment) }, { code: 0, live: digests[version] });
  }
  shop.expectEnd(`good ${version}`, { output: '' }, { pushes: pushes() - before }, { pushes: 1 });
  shop.row(`good (${version})`, `${version} stable on both, pushed once`);
}

async function refused(version, kind, stable, isWrong) {
  await build(version, kind);
  const before = now();
  const deployed = await deploy('staging', version);
  shop.expectEnd(kind, deployed, { code: deployed.code, live: live('staging') }, { code: 1, live: digests[stable] });
  const wrong = shop.firstAfter(before, isWrong);
  const decided = shop.decisionIn(deployed, wrong);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.expectEnd(kind, deployed, { wasSeen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { wasSeen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  shop.row(`${kind} (${version})`, `rolled back to ${stable} by its digest`, decided - wrong, restored - decided);
}

/** Someone moves the tag of a build between two environments. */
async function movedTag(version, other) {
  await build(version);
  const staged = await deploy('staging', version);
  const tags = JSON.parse(execFileSync('curl', ['-fsS', `http://${REGISTRY}/v2/acme/shop/tags/list`], { encoding: 'utf8' })).tags;
  const sha = shop.git('rev-parse', '--short=12', version).trim();
  docker('tag', `${REPOSITORY}@${digests[other]}`, `${REPOSITORY}:${tags.find((tag) => tag.startsWith(sha))}`);
  docker('push', '--quiet', `${REPOSITORY}:${tags.find((tag) => tag.startsWith(sha))}`);
  const deployed = await deploy('production', version);
  shop.expectEnd('moved tag', { output: staged.output + deployed.output }, { code: deployed.code, live: live('production') }, { code: 0, live: digests[version] });
  shop.row(`its tag was moved to ${other} (${version})`, `${version} stable on both`);
}

async function killed(version, stable) {
  await build(version);
  const run = await shop.lasting(() => deploy('staging', version, (line, kill) => /│ [0-9a-f]{64}/.test(line) && kill()));
  shop.expectEnd('killed', run, { signal: run.signal, live: live('staging') }, { signal: 'SIGKILL', live: digests[version] });
  const recovered = await shop.delivery(['rollback', 'staging', '--recover', '--local']);
  shop.expectEnd('killed', { output: `${run.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, live: live('staging') }, { code: 0, live: digests[stable] });
  const restored = await shop.eventuallyAfter(recovered.begun, ({ version: served }) => served === stable);
  shop.row(`killed after the container began (${version})`, `recovered to ${stable} by its digest`, undefined, restored - recovered.begun);
}

/** Without a driver the health checks notice it: the ledger still says that v5 is live. What is live is recorded first, then a person chooses another release. */
async function changedByHand(stable, other) {
  const changed = now();
  docker('rm', '--force', 'shop-staging');
  docker('run', '--detach', '--name', 'shop-staging', '--publish', `127.0.0.1:${PORTS.staging}:8080`, `${REPOSITORY}@${digests[other]}`);
  const monitored = await shop.delivery(['watch', 'staging']);
  shop.expectEnd('changed by hand', monitored, { code: monitored.code }, { code: 1 });
  const refused = await shop.delivery(['rollback', 'staging', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  const [, adopt] = /record it first: npx projen delivery (.*)/.exec(refused.output) ?? [];
  shop.expectEnd('changed by hand', refused, { code: refused.code, adopt, live: live('staging') }, { code: 2, adopt: `adopt staging --release ${other} --local`, live: digests[other] });
  const adopted = await shop.delivery(adopt.split(' '));
  shop.expectEnd('changed by hand', adopted, { code: adopted.code }, { code: 0 });
  const begun = now();
  const back = await shop.delivery(['rollback', 'staging', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', back, { code: back.code, live: live('staging') }, { code: 0, live: digests[stable] });
  shop.row(`changed by hand (to ${other})`, `${other} adopted, as the refusal says; restored to ${stable} by its digest`, monitored.ended - changed, (await shop.eventuallyAfter(begun, ({ version: served }) => served === stable)) - begun);
}

/** Deletes an image from the registry. */
const forget = (version) => execFileSync('curl', ['-fsS', '-X', 'DELETE', `http://${REGISTRY}/v2/acme/shop/manifests/${digests[version]}`]);

async function gone(version, stable) {
  await build(version);
  forget(version);
  const before = docker('inspect', '--format', '{{.Id}}', 'shop-staging');
  const begun = now();
  const deployed = await deploy('staging', version);
  const isTouched = docker('inspect', '--format', '{{.Id}}', 'shop-staging') !== before;
  shop.expectEnd('gone', deployed, { code: deployed.code, says: /is not in the registry/.test(deployed.output), isTouched }, { code: 2, says: true, isTouched: false });
  shop.row(`its digest is gone (${version})`, 'refused, nothing changed', deployed.ended - begun);
  forget(stable);
  await build(`${version}-next`);
  const plan = await shop.delivery(['plan', 'staging', '--release', `${version}-next`]);
  const says = new RegExp(`the image of ${stable} .*is not in the registry`).test(plan.output);
  shop.expectEnd('Stable gone', plan, { says }, { says: true });
  shop.row(`Stable's digest is gone (${stable})`, 'the plan says that a bad release would be halted', plan.ended - plan.begun);
}

const isBroken = ({ status }) => status === 404;

async function play() {
  await refused('v3', 'bad', 'v2', isBroken);
  await refused('v4', 'stale', 'v2', ({ version: served }) => served === 'v0');
  await movedTag('v5', 'v1');
  await killed('v6', 'v5');
  await changedByHand('v2', 'v1');
  await gone('v7', 'v2');
}

async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('image and commands');
}

void shop.run(async () => {
  synthesize();
  const stop = shop.useService(`http://127.0.0.1:${PORTS.staging}/health`);
  try {
    await good('v1');
    await good('v2');
    await (shop.measured ? measure(shop.measured) : play());
  } finally {
    stop();
  }
}, 'real docker and registry');
