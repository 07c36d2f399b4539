// What the scenarios of registries share: how releases of a package end. Each registry says how a version is built and published. Users download the newest
// version again and again meanwhile, with the requests that their tool sends.
const { createServer } = require('node:http');
const { LoadedScenarios, now, seconds } = require('./scenarios.cjs');

class PackageStories extends LoadedScenarios {
  /**
   * @param registry `packageName`; `build(version, kind)` makes what is published; `publish(version, kind)` lets users get it; `download()`: one of a user;
   *   `broken`: what failures say of a version that is broken in the registry
   */
  constructor(name, root, registry) {
    super(name, root);
    this.registry = registry;
    /** The version that users get, for the health check. */
    this.published = undefined;
  }

  get loadedWith() {
    return 'downloads';
  }

  request() {
    return this.registry.download();
  }

  /** Between two files of a version that is published, each user begins a download and ends it. */
  async betweenFiles() {
    if (this.users === 0) return;
    const end = this.responses.length + 2 * this.users;
    await this.eventually(() => this.responses.length >= end);
  }

  /** Users, from the first release on. Returns what ends them. */
  begin() {
    this.begun = now();
    return this.useService(undefined, 150);
  }

  /** Only versions that are broken in the registry may fail. */
  get failures() {
    const { broken } = this.registry;
    return this.responses.filter((response) => this.hasFailed(response) && !broken?.test(response.failure)).map(({ failure }) => failure);
  }

  /** Of all releases. */
  allDownloads() {
    const { failures } = this;
    this.expectEnd('failed downloads', { output: failures.join('\n') }, { failed: failures.length }, { failed: 0 });
    this.loadedRow('all of these versions', this.registry.broken ? 'only those of what is broken in the registry failed' : 'none failed', { from: this.begun });
  }

  /** The health check, and what else `respond` serves: it returns whether it did. */
  async listen(respond = () => false) {
    const server = createServer((request, response) => {
      if (respond(request, response)) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ version: this.published }));
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { server, address: `http://127.0.0.1:${server.address().port}` };
  }

  /** A delivery with the target, which `target` makes of the library. */
  deliverTo(url, target, ignored = []) {
    this.synthesize((library) => {
      const { Duration, HealthCheck, ReleaseIdentity, Strategy, Trigger } = library;
      return {
        target: target(library),
        environments: [{
          name: 'production',
          trigger: Trigger.tag('v*'),
          url,
          strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
          healthChecks: [HealthCheck.http(url, { release: ReleaseIdentity.json('version'), interval: Duration.seconds(1), successThreshold: 2, failureThreshold: 2 })],
        }],
      };
    }, ignored);
  }

  prepare(version, kind) {
    this.registry.build(version, kind);
    this.release(`v${version}`);
  }

  /** What the release workflow does. */
  async publish(version, kind) {
    await this.registry.publish(version, kind);
    this.published = `v${version}`;
  }

  deploy(version, onLine) {
    return this.delivery(['deploy', 'production', '--release', `v${version}`], onLine);
  }

  async good(version, how, kind = 'good') {
    this.prepare(version, kind);
    const begun = now();
    await this.publish(version, kind);
    const ended = await this.deploy(version);
    this.expectEnd(`good ${version}`, ended, { code: ended.code, tested: /and passed its test/.test(ended.output) }, { code: 0, tested: true });
    this.loadedRow(`good (${version})${how}`, `stable after ${this.took(ended)}; it was installed and run`, { from: begun, to: ended.ended });
  }

  async late(version) {
    this.prepare(version, 'good');
    let waits = 0;
    const ended = await this.deploy(version, (line) => {
      // it is published while the target waits for it
      if (/does not serve .* yet/.test(line) && ++waits === 2) void this.publish(version, 'good');
    });
    this.expectEnd('late', ended, { code: ended.code, waited: waits >= 2 }, { code: 0, waited: true });
    this.loadedRow(`published late (${version})`, `waited for, stable after ${this.took(ended)}`, { from: ended.begun, to: ended.ended });
  }

  async halted(scenario, version, prepare, why) {
    const from = now();
    await prepare();
    const begun = now();
    const ended = await this.deploy(version);
    const facts = { code: ended.code, why: why.test(ended.output), remedy: /The target cannot take a release back. \w+/.test(ended.output) };
    this.expectEnd(scenario, ended, facts, { code: 3, why: true, remedy: true });
    this.loadedRow(`${scenario} (${version})`, 'halted, with what a person does', { from, to: ended.ended, detect: ended.ended - begun });
  }

  async killed(version) {
    this.prepare(version, 'good');
    await this.publish(version, 'good');
    const ended = await this.lasting(() => this.deploy(version, (line, kill) => line.includes(`install ${this.registry.packageName}`) && kill()));
    this.expectEnd('killed', ended, { signal: ended.signal }, { signal: 'SIGKILL' });
    const recovered = await this.delivery(['rollback', 'production', '--recover', '--local']);
    this.expectEnd('killed', recovered, { code: recovered.code }, { code: 3 });
    const again = await this.deploy(version);
    this.expectEnd('killed, again', again, { code: again.code }, { code: 0 });
    this.loadedRow(`killed during the installation (${version})`, 'halted by the next command; the same release again is stable', { from: ended.begun, to: again.ended });
  }

  async refused(stable) {
    const ended = await this.delivery(['rollback', 'production', '--local', '--release', `v${stable}`, '--reason', 'a test']);
    this.expectEnd('a rollback by hand', ended, { code: ended.code, why: /cannot take a release back, so there is no rollback/.test(ended.output) }, { code: 2, why: true });
    this.row(`a rollback by hand (to ${stable})`, 'refused, with what a person does instead');
  }

  async changedByHand(scenario) {
    const ended = await this.delivery(['status', '--json', '--local']);
    this.expectEnd(scenario, ended, { said: /"changedByHand": "/.test(ended.output) }, { said: true });
    this.row(scenario, 'reported as changed by hand');
  }

  /** Each deployment removed its folders. A process that was killed cleans up nothing. */
  leavesFew(names) {
    const left = names.filter((name) => /^delivery-(package|files)-/.test(name));
    this.expectEnd('folders', { output: left.join('\n') }, { few: left.length <= 1 }, { few: true });
  }

  took({ begun, ended }) {
    return `${seconds(ended - begun)} s`;
  }
}

module.exports = { PackageStories };
