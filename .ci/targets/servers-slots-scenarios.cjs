// The scenarios of .ci/targets/servers with two slots on each host. The weights of HAProxy move users between them.
const { HOSTS } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');
const { SlotsShop } = require('./servers-slots-shop.cjs');

const servers = HOSTS.map((host) => `${host}-{slot}`);

class HaproxyShop extends SlotsShop {
  get url() {
    return 'http://10.77.4.2:8081/';
  }

  slots({ ServerSlots }) {
    return ServerSlots.haproxy({ hosts: ['proxy'], socket: '/srv/run/admin.sock', backend: 'shop', servers, stateFile: '/srv/run/server-state' });
  }

  weights() {
    return this.haproxyWeights();
  }
}
const shop = new HaproxyShop('servers with slots', process.argv[2], 'slots');

const blueGreen = ({ Strategy }, options) => Strategy.blueGreen(options);
/** @param longest of a step without a verdict: in seconds */
const canary = (longest) => ({ Analysis, CanaryStep, Duration, Metric, Strategy, WithoutVerdict }, options) => Strategy.canary({
  ...options,
  steps: [CanaryStep.weight(20, { atLeast: Duration.seconds(2) }), CanaryStep.weight(50, { atLeast: Duration.seconds(2) })],
  analysis: [Analysis.errors(
    Metric.haproxy({ socket: `${shop.disk('proxy')}/run/admin.sock`, backend: 'shop', canaryServers: servers, interval: Duration.seconds(1) }), { splitsByRequest: true },
  )],
  withoutVerdict: WithoutVerdict.PROMOTE,
  maxDuration: Duration.seconds(longest),
});

/** A release with 5 % errors passes the health checks, and the counters of HAProxy find it. */
async function worse(version, stable) {
  shop.build(version, 'errors');
  const ended = await shop.deploy(version);
  const exposed = ended.lines.find(({ text }) => /set the weight to 20 % succeeded/.test(text))?.at;
  const gone = ended.lines.findLast(({ text }) => /no users are on/.test(text))?.at;
  const harmed = shop.responses.filter(({ at, status, version: served }) => at >= ended.begun && at <= ended.ended && served === version && status >= 500).length;
  shop.expectEnd('5 % errors', ended, { code: ended.code, live: await shop.live(), exposed: exposed !== undefined, harmed: harmed > 0, gone: gone > exposed }, { code: 1, live: stable, exposed: true, harmed: true, gone: true });
  shop.loadedRow(`5 % errors (${version})`, `the analysis takes its users away, ${stable}`, { from: ended.begun, to: ended.ended, detect: gone - exposed });
}

void shop.run(async () => {
  shop.synthesizeFor(blueGreen);
  let stop = () => undefined;
  try {
    shop.build('v1');
    // no release is live yet: the first one goes to the slot without users
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: await shop.live() }, { code: 0, live: 'v1 on green' });
    stop = shop.useService(shop.url, 20, 5);
    await sleep(300);
    await shop.good('v2', 'blue');
    if (shop.measured) return await shop.measure('servers behind HAProxy', 'v2 on blue');
    await shop.refused('v3', 'bad', 'v2 on blue');
    await shop.refused('v4', 'stale', 'v2 on blue');
    await shop.killed('v5', 'in mid-batch', /^web2: current leads/, 'v2 on blue');
    await shop.killed('v6', 'after the promotion', /promote succeeded/, 'v2 on blue');
    shop.synthesizeFor(canary(10));
    await shop.good('v7', 'green', 'canary');
    // these end with a verdict, or are killed
    shop.synthesizeFor(canary(300));
    await worse('v8', 'v7 on green');
    await shop.killed('v9', 'at 20 %', /set the weight to 20 % succeeded/, 'v7 on green');
    await shop.changedByHand('weights by hand', () => shop.haproxy(HOSTS.map((host) => `set server shop/${host}-blue weight 50; set server shop/${host}-green weight 50`).join('; ')), 'v7 on green');
    const before = now();
    await shop.reload();
    shop.expectEnd('reload', { output: '' }, { live: await shop.live() }, { live: 'v7 on green' });
    shop.loadedRow('HAProxy reloads', 'v7 on green: the weights are those of its state file', { from: before });
  } finally {
    stop();
  }
}, 'real sshd, HAProxy and Node.js on network namespaces of one machine');
