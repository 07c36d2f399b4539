// The scenarios of .ci/targets/servers with one release on each host. HAProxy leaves out a host whose service restarts.
const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { HOSTS, ServersShop } = require('./servers-shop.cjs');
const { now, seconds, sleep } = require('./scenarios.cjs');

const shop = new ServersShop('servers', process.argv[2], 'plain');
const url = 'http://10.77.4.2:8080/';

function synthesize() {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.servers({
      hosts: HOSTS, hostKeys: shop.hostKeys.filter((line) => !line.startsWith('proxy')), user: 'deploy', privateKeySecret: 'SSH_KEY', directory: '/srv/shop', files: 'dist',
      restart: '/srv/bin/host restart shop', atOnce: 1,
    }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      allowInsecure: true,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1), commandTimeout: Duration.seconds(60) }),
      healthChecks: [HealthCheck.http(url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), json: [{ path: 'isGood', value: true }],
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 3, failureThreshold: 2, deadline: Duration.minutes(5), allowInsecure: true,
      })],
    }],
  }));
}

/** Requests that fail while one host after the other restarts: the connections that a process had when it ended. */
const MOST_FAILED = 0.02;
const isLow = ({ failed, requests }) => failed <= Math.max(2, requests * MOST_FAILED);

async function good(version) {
  shop.build(version);
  const ended = await shop.deploy(version);
  shop.expectEnd(`good ${version}`, ended, { code: ended.code, live: shop.onAll(), low: isLow(shop.load(ended.begun, ended.ended)) }, { code: 0, live: version, low: true });
  shop.loadedRow(`good (${version})`, `stable on all hosts after ${seconds(ended.ended - ended.begun)} s`, { from: ended.begun, to: ended.ended });
}

async function refused(version, kind, stable, isWrong) {
  shop.build(version, kind);
  const ended = await shop.deploy(version);
  const wrong = shop.firstAfter(ended.begun, isWrong);
  const decided = shop.decisionIn(ended, wrong);
  // the last response of the wrong release
  const restored = shop.responses.filter((response) => response.at > decided && isWrong(response)).at(-1)?.at ?? decided;
  shop.expectEnd(kind, ended, { code: ended.code, live: shop.onAll(), seen: wrong !== undefined, decided: decided > wrong }, { code: 1, live: stable, seen: true, decided: true });
  shop.restores.push(restored - decided);
  shop.loadedRow(`${kind} (${version})`, `rolled back to ${stable} on all hosts`, { from: ended.begun, to: ended.ended, detect: decided - wrong, restore: restored - decided });
}

async function killed(version, stable) {
  shop.build(version);
  let seen = 0;
  const ended = await shop.lasting(() => shop.deploy(version, (line, kill) => {
    // one host has it, the next one is at it
    if (/web2/.test(line) && shop.releaseOn('web1') === version && seen++ === 0) kill();
  }));
  const between = shop.onAll();
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd('killed', { output: `${ended.output}\n--- recover\n${recovered.output}` },
    { signal: ended.signal, mixed: between !== stable, code: recovered.code, live: shop.onAll() }, { signal: 'SIGKILL', mixed: true, code: 0, live: stable });
  const restored = shop.responses.filter((response) => response.at > recovered.begun && response.version === version).at(-1)?.at ?? recovered.begun;
  shop.loadedRow(`killed in mid-batch (${version})`, `recovered to ${stable} on all hosts`, { from: ended.begun, to: recovered.ended, restore: restored - recovered.begun });
}

/** A host loses its power while it is deployed to: the others go back, and the list names the one that could not. */
async function hostDies(version, stable) {
  shop.build(version);
  let isDead = false;
  const ended = await shop.deploy(version, (line) => {
    if (isDead || shop.releaseOn('web1') !== version || !/web2/.test(line)) return;
    isDead = true;
    shop.killHost('web2');
  });
  const others = ['web1', 'web3'];
  shop.expectEnd('a host dies', ended, { isDead, code: ended.code, live: shop.onAll('shop', others), named: /web2/.test(ended.output) }, { isDead: true, code: 3, live: stable, named: true });
  shop.loadedRow(`a host dies in its batch (${version})`, `the others are on ${stable}, halted, names web2`, { from: ended.begun, to: ended.ended });
  await shop.startHost('web2');
  const begun = now();
  const restored = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'web2 is back']);
  shop.expectEnd('the host is back', restored, { code: restored.code, live: shop.onAll() }, { code: 0, live: stable });
  shop.loadedRow('the host is back', `${stable} on all hosts`, { from: begun, restore: restored.ended - begun });
}

async function changedByHand(stable) {
  const other = readdirSync(join(shop.disk('web2'), 'shop/releases')).find((name) => {
    const version = shop.releaseIn('web2', name);
    return version !== undefined && version !== stable;
  });
  const changed = now();
  shop.pointByHand('web2', other);
  const status = await shop.delivery(['status', '--json', '--local']);
  shop.expectEnd('changed by hand', status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
  const begun = now();
  const ended = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'a host was changed by hand']);
  shop.expectEnd('changed by hand', ended, { code: ended.code, live: shop.onAll() }, { code: 0, live: stable });
  shop.loadedRow('changed by hand (web2)', `${stable} on all hosts`, { from: changed, detect: status.ended - changed, restore: ended.ended - begun });
}

async function diskFull(version, stable) {
  shop.build(version);
  const free = shop.fillDisk('web3');
  const ended = await shop.deploy(version);
  free();
  shop.expectEnd('disk full', ended, { code: ended.code, live: shop.onAll(), named: /web3/.test(ended.output) }, { code: 2, live: stable, named: true });
  shop.loadedRow(`a full disk (${version})`, 'refused before anything changed, names web3', { from: ended.begun, to: ended.ended });
}

const isBad = ({ isGood }) => isGood === false;

async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBad);
  shop.keep('servers');
}

void shop.run(async () => {
  synthesize();
  let stop = () => undefined;
  try {
    shop.build('v1');
    const first = await shop.deploy('v1');
    shop.expectEnd('first', first, { code: first.code, live: shop.onAll() }, { code: 0, live: 'v1' });
    stop = shop.useService(url, 20, 5);
    await sleep(300);
    await good('v2');
    if (shop.measured) return await measure(shop.measured);
    await refused('v3', 'bad', 'v2', isBad);
    await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
    await killed('v5', 'v2');
    await hostDies('v6', 'v2');
    await changedByHand('v2');
    await good('v7');
    await shop.rollBackByHand('v7', 'v2');
    await diskFull('v8', 'v2');
  } finally {
    stop();
  }
}, 'real sshd, HAProxy and Node.js on network namespaces of one machine');
