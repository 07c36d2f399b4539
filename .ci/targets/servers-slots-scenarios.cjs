// The scenarios of .ci/targets/servers with two slots on each host. The weights of HAProxy move users between them.
const { HOSTS, ServersShop } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');

const shop = new ServersShop('servers with slots', process.argv[2], 'slots');
const url = 'http://10.77.4.2:8081/';
const servers = HOSTS.map((host) => `${host}-{slot}`);

function synthesize(strategyOf) {
  shop.synthesize((library) => {
    const { Duration, HealthCheck, ReleaseIdentity, ServerSlots, Target, Trigger } = library;
    return {
      target: Target.servers({
        hosts: HOSTS, hostKeys: shop.hostKeys, user: 'deploy', privateKeySecret: 'SSH_KEY', directory: '/srv/shop', files: 'dist', restart: '/srv/bin/host restart "$DELIVERY_SLOT"',
        slots: ServerSlots.haproxy({ hosts: ['proxy'], socket: '/srv/run/admin.sock', backend: 'shop', servers, stateFile: '/srv/run/server-state' }),
      }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url,
        allowInsecure: true,
        strategy: strategyOf(library, { bake: Duration.seconds(1), candidateUrl: `${url}{slot}` }),
        healthChecks: [HealthCheck.http(url, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }), json: [{ path: 'isGood', value: true }],
          interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5), allowInsecure: true,
        })],
      }],
    };
  });
}

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

/** Who is live: the weights, and the release in the slot that has all users. */
async function live() {
  const weights = await shop.weights();
  const slot = { '100/0': 'blue', '0/100': 'green' }[weights];
  return slot === undefined ? weights : `${shop.onAll(slot)} on ${slot}`;
}

const noneFailed = (from, to) => shop.load(from, to).failed;

async function good(version, slot, what = 'good') {
  shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, live: await live(), failed: noneFailed(ended.begun, ended.ended) }, { code: 0, live: `${version} on ${slot}`, failed: 0 });
  shop.loadedRow(`${what} (${version})`, `stable on ${slot} after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

/** The candidate is verified before users see it. */
async function refused(version, kind, stable) {
  shop.build(version, kind);
  const ended = await shop.deploy(version);
  const wasSeen = shop.responses.some(({ at, version: served }) => at >= ended.begun && at <= ended.ended && served !== stable.split(' ')[0]);
  shop.expectEnd(kind, ended, { code: ended.code, live: await live(), wasSeen, failed: noneFailed(ended.begun, ended.ended) }, { code: 1, live: stable, wasSeen: false, failed: 0 });
  shop.loadedRow(`${kind} (${version})`, `${stable}, users never saw ${version}`, { from: ended.begun, to: ended.ended });
}

/** Killed where a line appears: the next command brings users back. */
async function killed(version, where, pattern, stable, restart) {
  shop.build(version);
  const ended = await shop.lasting(() => shop.deploy(version, (line, kill) => pattern.test(line) && kill()));
  const died = now();
  await restart?.();
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${ended.output}\n--- recover\n${recovered.output}` },
    { signal: ended.signal, code: recovered.code, live: await live(), failed: noneFailed(ended.begun, recovered.ended) }, { signal: 'SIGKILL', code: 1, live: stable, failed: 0 });
  const wasSeen = shop.firstAfter(ended.begun, (response) => response.version === version) !== undefined;
  const moved = recovered.lines.find(({ text }) => /rollback succeeded|no users are on/.test(text))?.at;
  if (wasSeen) shop.restores.push(moved - recovered.begun);
  shop.loadedRow(`killed ${where} (${version})`, `recovered to ${stable}${wasSeen ? '' : `, users never saw ${version}`}`, { from: died, to: recovered.ended, restore: wasSeen ? moved - recovered.begun : undefined });
}

/** A release with 5 % errors passes the health checks, and the counters of HAProxy find it. */
async function worse(version, stable) {
  shop.build(version, 'errors');
  const ended = await shop.deploy(version);
  const exposed = ended.lines.find(({ text }) => /set the weight to 20 % succeeded/.test(text))?.at;
  const gone = ended.lines.findLast(({ text }) => /no users are on/.test(text))?.at;
  const harmed = shop.responses.filter(({ at, status, version: served }) => at >= ended.begun && at <= ended.ended && served === version && status >= 500).length;
  shop.expectEnd('5 % errors', ended, { code: ended.code, live: await live(), exposed: exposed !== undefined, harmed: harmed > 0, gone: gone > exposed }, { code: 1, live: stable, exposed: true, harmed: true, gone: true });
  shop.loadedRow(`5 % errors (${version})`, `the analysis takes its users away, ${stable}`, { from: ended.begun, to: ended.ended, detect: gone - exposed });
}

async function changedByHand(what, change, stable) {
  const changed = now();
  await change();
  const status = await shop.delivery(['status', '--json', '--local']);
  shop.expectEnd(what, status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable.split(' ')[0], '--reason', 'it was changed by hand']);
  const moved = run.lines.find(({ text }) => /rollback succeeded/.test(text))?.at;
  shop.expectEnd(what, run, { code: run.code, live: await live(), failed: noneFailed(changed) }, { code: 0, live: stable, failed: 0 });
  shop.loadedRow(what, `restored to ${stable}`, { from: changed, detect: status.ended - changed, restore: moved - run.begun });
}

void shop.run(async () => {
  synthesize(blueGreen);
  let stop = () => undefined;
  try {
    shop.build('v1');
    // no release is live yet: the first one goes to the slot without users
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: await live() }, { code: 0, live: 'v1 on green' });
    stop = shop.useService(url, 20, 5);
    await sleep(300);
    await good('v2', 'blue');
    await refused('v3', 'bad', 'v2 on blue');
    await refused('v4', 'stale', 'v2 on blue');
    await killed('v5', 'in mid-batch', /^web2: current leads/, 'v2 on blue');
    await killed('v6', 'after the promotion', /promote succeeded/, 'v2 on blue');
    synthesize(canary(10));
    await good('v7', 'green', 'canary');
    // these end with a verdict, or are killed
    synthesize(canary(300));
    await worse('v8', 'v7 on green');
    await killed('v9', 'at 20 %', /set the weight to 20 % succeeded/, 'v7 on green');
    await changedByHand('weights by hand', () => shop.haproxy(HOSTS.map((host) => `set server shop/${host}-blue weight 50; set server shop/${host}-green weight 50`).join('; ')), 'v7 on green');
    const before = now();
    await shop.reload();
    shop.expectEnd('reload', { output: '' }, { live: await live() }, { live: 'v7 on green' });
    shop.loadedRow('HAProxy reloads', 'v7 on green: the weights are those of its state file', { from: before });
  } finally {
    stop();
  }
}, 'real sshd, HAProxy and Node.js on network namespaces of one machine');
