// The scenarios of .ci/targets/ecs with a canary, after those of blue/green and on the same services. Users' requests pass a proxy that draws the slot of each
// one by the weights of the listener, and counts as a load balancer does.
const { now } = require('./scenarios.cjs');

class EcsCanary {
  /** @param world the shop, the URL of its users, the listener, the proxy with its weights, and what is live */
  constructor(world) {
    Object.assign(this, world);
  }

  /** Where users' requests go. */
  get passing() {
    return { through: this.proxy, headers: { 'x-users-of': this.listener } };
  }

  /** @param longest of a step without a verdict: in seconds */
  synthesize(longest) {
    const { listener, proxy, shop, url } = this;
    shop.synthesize(({ Analysis, CanaryStep, Duration, HealthCheck, Metric, ReleaseIdentity, Strategy, Target, Trigger, WithoutVerdict }) => ({
      target: Target.ecs({ cluster: 'slots', blueGreen: { blue: 'web-blue', green: 'web-green', listener } }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url,
        strategy: Strategy.canary({
          bake: Duration.seconds(2),
          candidateUrl: `${url}{slot}`,
          steps: [CanaryStep.weight(20, { atLeast: Duration.seconds(2) }), CanaryStep.weight(50, { atLeast: Duration.seconds(2) })],
          analysis: [Analysis.errors(
            Metric.command(`curl --silent --fail "${proxy}/_counts?canary=$DELIVERY_SLOT"`, { interval: Duration.seconds(1), timeout: Duration.seconds(60) }), { splitsByRequest: true },
          )],
          withoutVerdict: WithoutVerdict.PROMOTE,
          maxDuration: Duration.seconds(longest),
        }),
        healthChecks: [HealthCheck.http(`${url}page`, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), interval: Duration.seconds(1), deadline: Duration.minutes(5),
        })],
      }],
    }));
  }

  /** The weights of blue and green, as the AWS CLI shows them. */
  weights() {
    const { listener, shop } = this;
    const groups = shop.aws('elbv2', 'describe-listeners', '--listener-arns', listener, '--query', 'Listeners[0].DefaultActions[0].ForwardConfig.TargetGroups');
    return ['blue', 'green'].map((slot) => groups.find(({ TargetGroupArn: arn }) => arn.includes(`/web-${slot}/`)).Weight).join('/');
  }

  tasks(slot) {
    return this.shop.aws('ecs', 'describe-services', '--cluster', 'slots', '--services', `web-${slot}`, '--query', 'services[0].desiredCount');
  }

  failed(from, to, version) {
    const during = this.shop.responses.filter(({ at }) => at >= from && at <= to);
    return { of: during.length, failed: during.filter(({ status, version: served }) => status !== 200 && (version === undefined || served === version)).length };
  }

  /** All users move in steps, and none of their requests fails. */
  async good(version, slot) {
    const { shop } = this;
    await shop.build(version);
    const run = await shop.deploy(version);
    const { failed, of } = this.failed(run.begun, run.ended);
    const steps = [20, 50, 100].every((percent) => run.output.includes(`set the weight to ${percent} % succeeded`));
    shop.expectEnd('canary', run, { code: run.code, live: this.live(), steps, failed }, { code: 0, live: `${version} on ${slot}`, steps: true, failed: 0 });
    shop.row(`canary (${version})`, `${version} stable on ${slot}: 20 %, 50 %, 100 %; 0 of ${of} requests failed`);
  }

  /** A release with 5 % errors passes the health checks; the counts find it. Its service had no task before, and has none afterwards. */
  async worse(version, slot, stable) {
    const { shop } = this;
    shop.aws('ecs', 'update-service', '--cluster', 'slots', '--service', `web-${slot}`, '--desired-count', '0');
    await shop.build(version, 'errors');
    const run = await shop.deploy(version);
    const exposed = run.lines.find(({ text }) => /set the weight to 20 % succeeded/.test(text))?.at;
    const gone = run.lines.findLast(({ text }) => /set the weight to 0 % succeeded/.test(text))?.at;
    const harmed = this.failed(run.begun, run.ended, version);
    const others = this.failed(run.begun, run.ended).failed - harmed.failed;
    const facts = { code: run.code, live: this.live(), tasks: this.tasks(slot), exposed: exposed !== undefined, gone: gone > exposed, harmed: harmed.failed > 0, others };
    shop.expectEnd('5 % errors', run, facts, { code: 1, live: stable, tasks: 0, exposed: true, gone: true, harmed: true, others: 0 });
    shop.row(`canary, 5 % errors (${version})`, `the counts take its users away, ${stable}, no task left; ${harmed.failed} of ${harmed.of} requests failed`, gone - exposed);
  }

  /** The process is killed while the release has a share: the next command takes it away. */
  async killed(version, stable) {
    const { shop } = this;
    await shop.build(version);
    const run = await shop.deploy(version, (line, kill) => /set the weight to 20 % succeeded/.test(line) && kill());
    const left = this.weights();
    const status = await shop.delivery(['status', '--json', '--local']);
    const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
    const facts = { signal: run.signal, left: /^(20\/80|80\/20)$/.test(left), status: status.output.includes('with 20 %'), code: recovered.code, live: this.live(), weights: this.weights() };
    const expected = { signal: 'SIGKILL', left: true, status: true, code: 0, live: stable, weights: stable.endsWith('blue') ? '100/0' : '0/100' };
    shop.expectEnd('canary killed', { output: `${run.output}\n--- status\n${status.output}\n--- recover\n${recovered.output}` }, facts, expected);
    shop.row(`canary killed with 20 % (${version})`, `recovered to ${stable}, no share left`, undefined, recovered.ended - recovered.begun);
  }

  /** A person rolls back to an older release while the canary of a process that was killed has users: all of them leave it first. */
  async byHand(version, older, end) {
    const { shop } = this;
    await shop.build(version);
    const run = await shop.deploy(version, (line, kill) => /set the weight to 20 % succeeded/.test(line) && kill());
    const left = this.weights();
    const back = await shop.delivery(['rollback', 'production', '--local', '--release', older, '--reason', 'a person decided']);
    const { failed, of } = this.failed(run.begun, back.ended);
    const facts = { signal: run.signal, left: /^(20\/80|80\/20)$/.test(left), code: back.code, live: this.live(), failed };
    shop.expectEnd('by hand', { output: `${run.output}\n--- rollback\n${back.output}` }, facts, { signal: 'SIGKILL', left: true, code: 0, live: end, failed: 0 });
    shop.row(`rollback by hand in mid-canary (${version})`, `${end}; 0 of ${of} requests failed`, undefined, back.ended - back.begun);
  }

  /** @param stable what is live at first, on green */
  async play(stable) {
    const { shop, url } = this;
    const begun = now();
    this.synthesize(10);
    const stop = shop.useService(`${url}cgi-bin/page`, 30, 3);
    try {
      await shop.eventually(() => shop.firstAfter(begun, ({ status }) => status === 200) !== undefined);
      await this.good('v7', 'blue');
      // these end with a verdict, or are killed
      this.synthesize(300);
      await this.byHand('v8', stable.split(' ')[0], stable);
      await this.worse('v9', 'blue', stable);
      await this.killed('v10', stable);
    } finally {
      stop();
    }
  }
}

module.exports = { EcsCanary };
