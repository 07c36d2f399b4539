// The scenarios of .ci/targets/servers with a container on each host. HAProxy leaves out a host whose container is replaced.
//   servers-containers-scenarios.cjs RUN
const { ContainersShop, now, REPOSITORY, seconds } = require('./containers-shop.cjs');
const { sleep } = require('./scenarios.cjs');

const shop = new ContainersShop('servers with containers', process.argv[2], 'containers');
const startOnSecond = () => shop.engineOn('web2', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', 'shop');

/** It ends on the first host: the second one keeps what it runs. */
async function crashing(version, stable) {
  await shop.build(version, 'crashing');
  const second = startOnSecond();
  const ended = await shop.deploy(version);
  shop.expectEnd('crashing', ended, {
    code: ended.code, live: shop.onBoth(), says: /web1: check: the container (?:ended|was)[^\n]*cannot start/.test(ended.output), secret: ended.output.includes('a-secret-of-the-host'),
    untouched: startOnSecond() === second,
  }, { code: 1, live: stable, says: true, secret: false, untouched: true });
  shop.loadedRow(`its container ends (${version})`, `${stable} again on web1, web2 untouched`, { from: ended.begun, to: ended.ended });
}

/** The health check of its image fails: the second host keeps what it runs. */
async function unhealthy(version, stable) {
  await shop.build(version, 'unhealthy');
  const second = startOnSecond();
  const ended = await shop.deploy(version);
  const at = (pattern) => ended.lines.find(({ text }) => pattern.test(text))?.at;
  const failed = at(/the health check of the image fails/);
  shop.expectEnd('unhealthy', ended, { code: ended.code, live: shop.onBoth(), says: failed !== undefined, untouched: startOnSecond() === second },
    { code: 1, live: stable, says: true, untouched: true });
  shop.comparedRow('unhealthy on a host', `unhealthy (${version})`, `${stable} again on web1, web2 untouched`,
    { from: ended.begun, to: ended.ended, detect: failed - at(/web1: shop runs/) });
}

async function missing(version, stable) {
  await shop.build(version);
  shop.lose(version);
  const before = shop.containers();
  const ended = await shop.deploy(version);
  const isNamed = /is not in the registry/.test(ended.output);
  shop.expectEnd('missing', ended, { code: ended.code, isNamed, live: shop.onBoth(), same: shop.containers() === before }, { code: 2, isNamed: true, live: stable, same: true });
  shop.comparedRow('its image is missing', `its image is missing (${version})`, 'refused before anything changed', { from: ended.begun, to: ended.ended });
}

async function byHand(version, to) {
  const ended = await shop.delivery(['rollback', 'production', '--local', '--release', to, '--reason', 'a person prefers it']);
  shop.expectEnd('by hand', ended, { code: ended.code, live: shop.onBoth() }, { code: 0, live: to });
  const last = shop.responses.filter((response) => response.at > ended.begun && response.version === version).at(-1);
  shop.comparedRow('rollback by hand', `rollback by hand (${version})`, `${to} on both hosts`, { from: ended.begun, to: ended.ended, restore: last.at - ended.begun });
}

async function changedByHand(stable, other) {
  const changed = now();
  shop.engineOn('web2', 'rm', '--force', 'shop');
  shop.engineOn('web2', 'run', '--detach', '--name', 'shop', '--publish', '3000:8080', `${REPOSITORY}@${shop.digests[other]}`);
  const status = await shop.delivery(['status', '--json', '--local']);
  const begun = now();
  const ended = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'a host was changed by hand']);
  shop.expectEnd('changed by hand', { output: `${status.output}\n${ended.output}` }, { status: /"changedByHand": "/.test(status.output), code: ended.code, live: shop.onBoth() }, { status: true, code: 0, live: stable });
  shop.loadedRow('changed by hand (web2)', `${stable} on both hosts`, { from: changed, detect: status.ended - changed, restore: ended.ended - begun });
}

/** The registry loses Stable, and a host its container and its image: a bad release could not go back there. */
async function imageGone(version, stable) {
  await shop.build(version);
  shop.lose(stable);
  shop.engineOn('web2', 'rm', '--force', 'shop');
  shop.engineOn('web2', 'image', 'rm', '--force', `${REPOSITORY}@${shop.digests[stable]}`);
  const before = shop.runningOn('web1');
  const ended = await shop.deploy(version);
  shop.expectEnd('image gone', ended, { code: ended.code, named: /web2 has no image of/.test(ended.output), live: shop.runningOn('web1') }, { code: 2, named: true, live: before });
  shop.loadedRow(`the image of ${stable} is gone (${version})`, 'refused before anything changed, names web2', { from: ended.begun, to: ended.ended });
}

void shop.run(async () => {
  const stop = await shop.begin('v1');
  try {
    await sleep(300);
    await shop.good('v2');
    if (shop.measured) {
      for (const version of shop.measured) await shop.bad(version, 'v2');
      return shop.keep('servers with containers');
    }
    await shop.bad('v3', 'v2');
    await shop.stale('v4', 'v2');
    await crashing('v5', 'v2');
    await unhealthy('v6', 'v2');
    await shop.killed('v7', 'v2');
    await missing('v8', 'v2');
    await byHand('v2', 'v1');
    await changedByHand('v1', 'v2');
    await imageGone('v9', 'v1');
  } finally {
    stop();
  }
}, 'real sshd, dockerd, registry and HAProxy on network namespaces of one machine');
