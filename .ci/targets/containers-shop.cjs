// What the scenarios of containers on servers share: images, what runs on each host, and the delivery of them.
const { execFileSync } = require('node:child_process');
const { appendFileSync, copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { ServersShop } = require('./servers-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

const HOSTS = ['web1', 'web2'];
const REPOSITORY = `${process.env.REGISTRY}/acme/shop`;
const URL_OF_USERS = 'http://10.77.4.2:8080/health';
/** What a release responds; a container that crashes says why, and ends; one that is unhealthy responds with 404. */
const PAGES = {
  good: (version) => ({ version, isGood: true }), bad: (version) => ({ version, isGood: false }), stale: () => ({ version: 'v0', isGood: true }), crashing: (version) => ({ version }), unhealthy: () => undefined,
};
const isWrong = ({ isGood }) => isGood === false;
const isStale = ({ version }) => version === 'v0';

class ContainersShop extends ServersShop {
  /** The engine on the hosts. */
  engine = 'docker';
  /** The account that the delivery signs in with. */
  user = 'deploy';
  digests = {};

  /** The files of an image: a web server of one file. */
  writeImage(version, kind = 'good') {
    const folder = join(this.root, 'app');
    mkdirSync(folder, { recursive: true });
    copyFileSync('/bin/busybox', join(folder, 'busybox'));
    writeFileSync(join(folder, 'index.html'), 'the shop\n');
    const page = PAGES[kind](version);
    writeFileSync(join(folder, page ? 'health' : 'no-health'), JSON.stringify(page ?? {}));
    const service = ['/busybox', 'httpd', '-f', '-p', '8080', '-h', '/www'];
    const crash = ['/busybox', 'sh', '-c', 'echo "no database for $SHOP_PASSWORD"; echo "cannot start"; exit 7'];
    const check = ['/busybox', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/health'];
    writeFileSync(join(this.root, 'Dockerfile'), [
      // as process 1 busybox ignores SIGTERM
      'FROM scratch', 'STOPSIGNAL SIGKILL', 'COPY app/busybox /busybox', `COPY app/index.html app/${page ? 'health' : 'no-health'} /www/`, 'LABEL service=shop',
      // Podman has systemd run it
      ...this.engine === 'docker' ? [`HEALTHCHECK --interval=1s --timeout=30s --retries=2 CMD ${JSON.stringify(check)}`] : [],
      `ENTRYPOINT ${JSON.stringify(kind === 'crashing' ? crash : service)}`, '',
    ].join('\n'));
  }

  /** The image of a release, in the registry. */
  async build(version, kind) {
    this.writeImage(version, kind);
    this.release(version);
    const built = await this.delivery(['build']);
    this.digests[version] = /@(sha256:[0-9a-f]{64})/.exec(built.output)?.[1];
    this.expectEnd(`build ${version}`, built, { code: built.code, isBuilt: this.digests[version] !== undefined }, { code: 0, isBuilt: true });
  }

  /** The registry loses the image of a release. */
  lose(version) {
    execFileSync('curl', ['-fsS', '-X', 'DELETE', `http://${process.env.REGISTRY}/v2/acme/shop/manifests/${this.digests[version]}`]);
  }

  /** The CLI of the engine on a host, as its administrator uses it. */
  engineOn(host, ...args) {
    return execFileSync('docker', ['--host', `unix://${this.disk(host)}/run/docker.sock`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** The version of the image that runs on a host, by its digest. */
  runningOn(host) {
    const image = this.engineOn(host, 'ps', '--no-trunc', '--filter', 'name=^shop$', '--format', '{{.Image}}');
    return Object.keys(this.digests).find((version) => image.endsWith(this.digests[version])) ?? image;
  }

  onBoth() {
    const found = HOSTS.map((host) => this.runningOn(host));
    return new Set(found).size === 1 ? found[0] : found.join(', ');
  }

  /** The containers of the name `shop`: others may have the same image. */
  containers() {
    return HOSTS.map((host) => this.engineOn(host, 'inspect', '--format', '{{.Id}}', 'shop')).join();
  }

  hasFailed({ status }) {
    return status === undefined || status >= 500;
  }

  onHost(host, line, user = 'deploy') {
    const options = ['-i', join(this.place, 'key'), '-o', 'BatchMode=yes', '-o', `UserKnownHostsFile=${join(this.place, 'known-hosts')}`];
    return execFileSync('ssh', [...options, `${user}@${host}`, line], { encoding: 'utf8' });
  }

  /** What the administrator of each host prepares. The service of the scenarios before has the port: it ends. */
  prepareHosts() {
    for (const host of ['web1', 'web2', 'web3']) {
      this.onHost(host, 'pid=$(cat /srv/run/shop.pid 2>/dev/null) && kill "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; rm -f /srv/run/shop.pid');
      writeFileSync(join(this.disk(host), 'shop.env'), 'SHOP_PASSWORD=a-secret-of-the-host\n', { mode: 0o644 });
    }
  }

  synthesizeContainers() {
    this.synthesize(({ Artifact, Duration, HealthCheck, ReleaseIdentity, ServerContainer, Strategy, Target, Trigger }) => ({
      artifact: Artifact.image({ repository: REPOSITORY }),
      target: Target.servers({
        hosts: HOSTS, hostKeys: this.hostKeys, user: this.user, privateKeySecret: 'SSH_KEY',
        container: ServerContainer[this.engine]({ name: 'shop', ports: ['3000:8080'], envFile: '/srv/shop.env', stopTimeout: Duration.seconds(5) }),
      }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url: URL_OF_USERS,
        allowInsecure: true,
        strategy: Strategy.redeploy({ bake: Duration.seconds(1), commandTimeout: Duration.minutes(2) }),
        healthChecks: [HealthCheck.http(URL_OF_USERS, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), json: [{ path: 'isGood', value: true }],
          interval: Duration.seconds(1), timeout: Duration.seconds(5), successThreshold: 3, failureThreshold: 2, deadline: Duration.seconds(60), allowInsecure: true,
        })],
      }],
    }));
  }

  /** The first release, and users from then on. Returns what ends them. */
  async begin(version) {
    this.prepareHosts();
    this.synthesizeContainers();
    await this.build(version);
    const first = await this.deploy(version);
    this.expectEnd('first', first, { code: first.code, live: this.onBoth() }, { code: 0, live: version });
    return this.useService(URL_OF_USERS, 20, 5);
  }

  /** A row that is also compared with what another tool does. */
  comparedRow(compared, scenario, end, row) {
    this.loadedRow(scenario, end, row);
    this.keepCompared('projen-delivery', compared, end, row);
  }

  /** Keeps a row for `npm run bench -- p`. */
  keepCompared(tool, scenario, end, { detect, from, restore, to }) {
    if (!process.env.COMPARED) return;
    const during = this.responses.filter(({ at }) => at >= from && at <= to);
    const harmed = during.filter((response) => this.hasFailed(response) || isWrong(response)).length;
    appendFileSync(process.env.COMPARED, `${JSON.stringify({ scenario, with: tool, end, detect, restore, harmed, requests: during.length })}\n`);
  }

  async good(version) {
    await this.build(version);
    const ended = await this.deploy(version);
    this.expectEnd(`good ${version}`, ended, { code: ended.code, live: this.onBoth() }, { code: 0, live: version });
    this.comparedRow('good', `good (${version})`, `stable on both hosts after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
  }

  /** Healthy on each host, and wrong for users. */
  async bad(version, stable) {
    await this.build(version, 'bad');
    const before = this.containers();
    const row = this.wrongForUsers('bad', isWrong, stable, before, await this.deploy(version));
    this.comparedRow('bad for users', `bad (${version})`, `the containers of ${stable} started again`, row);
  }

  /** Healthy on each host, and users get the response of another release. */
  async stale(version, stable) {
    await this.build(version, 'stale');
    const before = this.containers();
    const row = this.wrongForUsers('stale', isStale, stable, before, await this.impatient(() => this.deploy(version)));
    this.loadedRow(`stale (${version})`, `the containers of ${stable} started again`, row);
  }

  /** The times of a release that was rolled back. @param before the containers of Stable */
  wrongForUsers(what, isOfRelease, stable, before, ended) {
    const wrong = this.firstAfter(ended.begun, isOfRelease);
    const decided = this.decisionIn(ended, wrong);
    const restored = this.responses.filter((response) => response.at > decided && isOfRelease(response)).at(-1)?.at ?? decided;
    const same = this.containers() === before;
    this.expectEnd(what, ended, { code: ended.code, live: this.onBoth(), seen: wrong !== undefined, same }, { code: 1, live: stable, seen: true, same: true });
    this.restores.push(restored - decided);
    return { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided };
  }

  async killed(version, stable) {
    await this.build(version);
    const ended = await this.deploy(version, (line, kill) => {
      // one host has it, the next one is at it
      if (/web2: shop runs/.test(line)) kill();
    });
    const between = this.onBoth();
    const recovered = await this.delivery(['rollback', 'production', '--recover', '--local']);
    this.expectEnd('killed', { output: `${ended.output}\n--- recover\n${recovered.output}` },
      { signal: ended.signal, mixed: between !== stable, code: recovered.code, live: this.onBoth() }, { signal: 'SIGKILL', mixed: true, code: 0, live: stable });
    this.comparedRow('interrupted', `killed in mid-batch (${version})`, `recovered to ${stable} on both hosts`,
      { from: ended.begun, to: recovered.ended, restore: recovered.ended - recovered.begun });
  }
}

module.exports = { ContainersShop, HOSTS, isWrong, now, REPOSITORY, seconds, URL_OF_USERS };
