// The scenarios of .ci/targets/servers with a container on each host. HAProxy leaves out a host whose container is replaced.
const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ServersShop } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');

const HOSTS = ['web1', 'web2'];
const REPOSITORY = `${process.env.REGISTRY}/acme/shop`;
const url = 'http://10.77.4.2:8080/health';
/** What a release responds; a container that crashes says why, and ends. */
const PAGES = { good: (version) => ({ version, isGood: true }), bad: (version) => ({ version, isGood: false }), crashing: (version) => ({ version }) };

class ContainersShop extends ServersShop {
  digests = {};

  /** The image of a release, in the registry. */
  async build(version, kind = 'good') {
    mkdirSync(join(this.root, 'app'), { recursive: true });
    copyFileSync('/bin/busybox', join(this.root, 'app/busybox'));
    writeFileSync(join(this.root, 'app/health'), JSON.stringify(PAGES[kind](version)));
    const service = ['/busybox', 'httpd', '-f', '-p', '8080', '-h', '/www'];
    const crash = ['/busybox', 'sh', '-c', 'echo "no database for $SHOP_PASSWORD"; echo "cannot start"; exit 7'];
    writeFileSync(join(this.root, 'Dockerfile'), [
      // as process 1 busybox ignores SIGTERM
      'FROM scratch', 'STOPSIGNAL SIGKILL', 'COPY app/busybox /busybox', 'COPY app/health /www/health',
      `ENTRYPOINT ${JSON.stringify(kind === 'crashing' ? crash : service)}`, '',
    ].join('\n'));
    this.release(version);
    const built = await this.delivery(['build']);
    this.digests[version] = /@(sha256:[0-9a-f]{64})/.exec(built.output)?.[1];
    this.expectEnd(`build ${version}`, built, { code: built.code, isBuilt: this.digests[version] !== undefined }, { code: 0, isBuilt: true });
  }

  docker(host, ...args) {
    return execFileSync('docker', ['--host', `unix://${this.disk(host)}/run/docker.sock`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** The version of the image that runs on a host, by its digest. */
  runningOn(host) {
    const image = this.docker(host, 'ps', '--no-trunc', '--filter', 'name=^shop$', '--format', '{{.Image}}');
    return Object.keys(this.digests).find((version) => image.endsWith(this.digests[version])) ?? image;
  }

  onBoth() {
    const found = HOSTS.map((host) => this.runningOn(host));
    return new Set(found).size === 1 ? found[0] : found.join(', ');
  }

  /** What the administrator of each host prepares. The service of the scenarios before has the port: it ends. */
  prepareHosts() {
    for (const host of ['web1', 'web2', 'web3']) {
      this.onHost(host, 'pid=$(cat /srv/run/shop.pid 2>/dev/null) && kill "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; true');
      writeFileSync(join(this.disk(host), 'shop.env'), 'SHOP_PASSWORD=a-secret-of-the-host\n', { mode: 0o644 });
    }
  }

  hasFailed({ status }) {
    return status === undefined || status >= 500;
  }

  onHost(host, line) {
    return execFileSync('ssh', ['-i', join(this.place, 'key'), '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${join(this.place, 'known-hosts')}`, `deploy@${host}`, line], { encoding: 'utf8' });
  }
}

const shop = new ContainersShop('servers with containers', process.argv[2], 'containers');

function synthesize() {
  shop.synthesize(({ Artifact, Duration, HealthCheck, ReleaseIdentity, ServerContainer, Strategy, Target, Trigger }) => ({
    artifact: Artifact.image({ repository: REPOSITORY }),
    target: Target.servers({
      hosts: HOSTS, hostKeys: shop.hostKeys, user: 'deploy', privateKeySecret: 'SSH_KEY',
      container: ServerContainer.docker({ name: 'shop', ports: ['3000:8080'], envFile: '/srv/shop.env', stopTimeout: Duration.seconds(5) }),
    }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      allowInsecure: true,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1), commandTimeout: Duration.minutes(2) }),
      healthChecks: [HealthCheck.http(url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), json: [{ path: 'isGood', value: true }],
        interval: Duration.seconds(1), timeout: Duration.seconds(5), successThreshold: 3, failureThreshold: 2, deadline: Duration.seconds(60), allowInsecure: true,
      })],
    }],
  }));
}

async function good(version) {
  await shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, live: shop.onBoth() }, { code: 0, live: version });
  shop.loadedRow(`good (${version})`, `stable on both hosts after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

async function bad(version, stable) {
  await shop.build(version, 'bad');
  const before = HOSTS.map((host) => shop.docker(host, 'inspect', '--format', '{{.Id}}', 'shop')).join();
  const ended = await shop.deploy(version);
  const isWrong = ({ isGood }) => isGood === false;
  const wrong = shop.firstAfter(ended.begun, isWrong);
  const decided = shop.decisionIn(ended, wrong);
  const restored = shop.responses.filter((response) => response.at > decided && isWrong(response)).at(-1)?.at ?? decided;
  const after = HOSTS.map((host) => shop.docker(host, 'inspect', '--format', '{{.Id}}', 'shop')).join();
  shop.expectEnd('bad', ended, { code: ended.code, live: shop.onBoth(), seen: wrong !== undefined, same: after === before }, { code: 1, live: stable, seen: true, same: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`bad (${version})`, `the containers of ${stable} started again`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

/** It ends on the first host: the second one keeps what it runs. */
async function crashing(version, stable) {
  await shop.build(version, 'crashing');
  const second = shop.docker('web2', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', 'shop');
  const ended = await shop.deploy(version);
  shop.expectEnd('crashing', ended, {
    code: ended.code, live: shop.onBoth(), says: /web1: check: the container (?:ended|was)[^\n]*cannot start/.test(ended.output), secret: ended.output.includes('a-secret-of-the-host'),
    untouched: shop.docker('web2', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', 'shop') === second,
  }, { code: 1, live: stable, says: true, secret: false, untouched: true });
  shop.loadedRow(`its container ends (${version})`, `${stable} again on web1, web2 untouched`, { from: ended.begun, to: ended.ended });
}

async function killed(version, stable) {
  await shop.build(version);
  const ended = await shop.deploy(version, (line, kill) => {
    // one host has it, the next one is at it
    if (/web2: shop runs/.test(line)) kill();
  });
  const between = shop.onBoth();
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed', { output: `${ended.output}\n--- recover\n${recovered.output}` },
    { signal: ended.signal, mixed: between !== stable, code: recovered.code, live: shop.onBoth() }, { signal: 'SIGKILL', mixed: true, code: 1, live: stable });
  shop.loadedRow(`killed in mid-batch (${version})`, `recovered to ${stable} on both hosts`, { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
}

async function changedByHand(stable, other) {
  const changed = now();
  shop.docker('web2', 'rm', '--force', 'shop');
  shop.docker('web2', 'run', '--detach', '--name', 'shop', '--publish', '3000:8080', `${REPOSITORY}@${shop.digests[other]}`);
  const status = await shop.delivery(['status', '--json', '--local']);
  const begun = now();
  const ended = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'a host was changed by hand']);
  shop.expectEnd('changed by hand', { output: `${status.output}\n${ended.output}` }, { status: /"changedByHand": "/.test(status.output), code: ended.code, live: shop.onBoth() }, { status: true, code: 0, live: stable });
  shop.loadedRow('changed by hand (web2)', `${stable} on both hosts`, { from: changed, detect: status.ended - changed, restore: ended.ended - begun });
}

/** The registry loses Stable, and a host its container and its image: a bad release could not go back there. */
async function imageGone(version, stable) {
  await shop.build(version);
  execFileSync('curl', ['-fsS', '-X', 'DELETE', `http://${process.env.REGISTRY}/v2/acme/shop/manifests/${shop.digests[stable]}`]);
  shop.docker('web2', 'rm', '--force', 'shop');
  shop.docker('web2', 'image', 'rm', '--force', `${REPOSITORY}@${shop.digests[stable]}`);
  const before = shop.runningOn('web1');
  const ended = await shop.deploy(version);
  shop.expectEnd('image gone', ended, { code: ended.code, named: /web2 has no image of/.test(ended.output), live: shop.runningOn('web1') }, { code: 2, named: true, live: before });
  shop.loadedRow(`the image of ${stable} is gone (${version})`, 'refused before anything changed, names web2', { from: ended.begun, to: ended.ended });
}

void shop.run(async () => {
  shop.prepareHosts();
  synthesize();
  let stop = () => undefined;
  try {
    await shop.build('v1');
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: shop.onBoth() }, { code: 0, live: 'v1' });
    stop = shop.useService(url, 20, 5);
    await sleep(300);
    await good('v2');
    await bad('v3', 'v2');
    await crashing('v4', 'v2');
    await killed('v5', 'v2');
    await changedByHand('v2', 'v1');
    await imageGone('v6', 'v2');
  } finally {
    stop();
  }
}, 'real sshd, dockerd, registry and HAProxy on network namespaces of one machine');
