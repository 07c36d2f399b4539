// What the scenarios of servers with two slots share, whatever proxy moves users between the slots.
const { HOSTS, ServersShop } = require('./servers-shop.cjs');
const { now, seconds } = require('./scenarios.cjs');

class SlotsShop extends ServersShop {
  /** The URL that users reach the proxy at. */
  get url() {
    throw new Error('a proxy has a URL');
  }

  /** What moves users: the option `slots`. */
  slots(_library) {
    throw new Error('a proxy has options');
  }

  /** The weights of both slots: `100/0`. */
  weights() {
    throw new Error('a proxy has weights');
  }

  /** How many requests may fail between two times in which commands ran, because the proxy does not change its weights without a loss. */
  mayFail(_from, _to, _runs) {
    return 0;
  }

  hasTooManyFailed(from, to = now(), ...runs) {
    const allowed = this.mayFail(from, to, runs);
    const { failed } = this.load(from, to);
    return failed > allowed && `${failed} failed, at most ${allowed} may`;
  }

  synthesizeFor(strategyOf) {
    this.synthesize((library) => {
      const { Duration, HealthCheck, ReleaseIdentity, Target, Trigger } = library;
      return {
        target: Target.servers({
          hosts: HOSTS, hostKeys: this.hostKeys, user: 'deploy', privateKeySecret: 'SSH_KEY', directory: '/srv/shop', files: 'dist', restart: '/srv/bin/host restart "$DELIVERY_SLOT"',
          slots: this.slots(library),
        }),
        environments: [{
          name: 'production',
          trigger: Trigger.tag('v*'),
          url: this.url,
          allowInsecure: true,
          strategy: strategyOf(library, { bake: Duration.seconds(1), candidateUrl: `${this.url}{slot}` }),
          healthChecks: [HealthCheck.http(this.url, {
            release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }), json: [{ path: 'isGood', value: true }],
            interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5), allowInsecure: true,
          })],
        }],
      };
    });
  }

  /** Who is live: the weights, and the release in the slot that has all users. */
  async live() {
    const weights = await this.weights();
    const slot = { '100/0': 'blue', '0/100': 'green' }[weights];
    return slot === undefined ? weights : `${this.onAll(slot)} on ${slot}`;
  }

  async good(version, slot, what = 'good') {
    this.build(version);
    const ended = await this.deploy(version);
    this.expectEnd(`good ${version}`, ended, { code: ended.code, live: await this.live(), hasFailed: this.hasTooManyFailed(ended.begun, ended.ended, ended) }, { code: 0, live: `${version} on ${slot}`, hasFailed: false });
    this.loadedRow(`${what} (${version})`, `stable on ${slot} after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
  }

  /** The candidate is verified before users see it. */
  async refused(version, kind, stable) {
    this.build(version, kind);
    const ended = await this.deploy(version);
    const wasSeen = this.responses.some(({ at, version: served }) => at >= ended.begun && at <= ended.ended && served !== stable.split(' ')[0]);
    this.expectEnd(kind, ended, { code: ended.code, live: await this.live(), wasSeen, hasFailed: this.hasTooManyFailed(ended.begun, ended.ended, ended) }, { code: 1, live: stable, wasSeen: false, hasFailed: false });
    this.loadedRow(`${kind} (${version})`, `${stable}, users never saw ${version}`, { from: ended.begun, to: ended.ended });
  }

  /** Killed where a line appears: the next command brings users back. */
  async killed(version, where, pattern, stable, restart) {
    this.build(version);
    const ended = await this.lasting(() => this.deploy(version, (line, kill) => pattern.test(line) && kill()));
    const died = now();
    await restart?.();
    const recovered = await this.delivery(['rollback', 'production', '--recover', '--local']);
    this.expectEnd(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}` },
      { signal: ended.signal, code: recovered.code, live: await this.live(), hasFailed: this.hasTooManyFailed(ended.begun, recovered.ended, ended, recovered) }, { signal: 'SIGKILL', code: 0, live: stable, hasFailed: false });
    const wasSeen = this.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
    const moved = recovered.lines.find(({ text }) => /rollback succeeded|no users are on/.test(text))?.at;
    if (wasSeen) this.restores.push(moved - recovered.begun);
    this.loadedRow(`killed ${where} (${version})`, `recovered to ${stable}${wasSeen ? '' : `, users never saw ${version}`}`, { from: died, to: recovered.ended, restore: wasSeen ? moved - recovered.begun : undefined });
  }

  /** Only users see what is wrong with it. */
  async badAfterTheSwitch(version, stable) {
    this.build(version, 'badForUsers');
    await this.wrongForUsers('bad', version, version, stable, await this.deploy(version));
  }

  /** Only users get the response of another release. */
  async staleAfterTheSwitch(version, stable) {
    this.build(version, 'staleForUsers');
    await this.wrongForUsers('stale', version, 'v0', stable, await this.impatient(() => this.deploy(version)));
  }

  /** @param served the version that users get of it */
  async wrongForUsers(what, version, served, stable, ended) {
    const wrong = this.firstAfter(ended.begun, (response) => response.version === served);
    const decided = this.decisionIn(ended, wrong);
    const right = await this.eventuallyAfter(decided, (response) => response.version === stable.split(' ')[0]);
    const facts = { code: ended.code, live: await this.live(), hasFailed: this.hasTooManyFailed(ended.begun, ended.ended, ended), seen: wrong !== undefined, restored: right > decided };
    this.expectEnd(`${what} after the switch`, ended, facts, { code: 1, live: stable, hasFailed: false, seen: true, restored: true });
    this.restores.push(right - decided);
    this.loadedRow(`${what} for users only (${version})`, `rolled back to ${stable}`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: right - decided });
  }

  /** The rollbacks that `npm run bench -- t` measures. */
  async measure(target, stable) {
    for (const version of this.measured) await this.badAfterTheSwitch(version, stable);
    this.keep(target);
  }

  async changedByHand(what, change, stable) {
    const changed = now();
    await change();
    const status = await this.delivery(['status', '--json', '--local']);
    this.expectEnd(what, status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
    const run = await this.delivery(['rollback', 'production', '--local', '--release', stable.split(' ')[0], '--reason', 'it was changed by hand']);
    const moved = run.lines.find(({ text }) => /rollback succeeded/.test(text))?.at;
    this.expectEnd(what, run, { code: run.code, live: await this.live(), hasFailed: this.hasTooManyFailed(changed, undefined, run) }, { code: 0, live: stable, hasFailed: false });
    this.loadedRow(what, `restored to ${stable}`, { from: changed, detect: status.ended - changed, restore: moved - run.begun });
  }
}

module.exports = { SlotsShop };
