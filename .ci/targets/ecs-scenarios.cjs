// The scenarios of .ci/targets/ecs with one service. Users send requests to a small HTTP server, which passes their requests to the emulator's load balancer.
const { join } = require('node:path');
const { EcsShop } = require('./ecs-shop.cjs');
const { now } = require('./scenarios.cjs');

const shop = new EcsShop('ecs', join(process.argv[2], 'shop'));
const build = (version, kind) => shop.build(version, kind);

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.ecs({ cluster: 'shop', service: 'web' }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(2) }),
      healthChecks: [HealthCheck.http(`${url}page`, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), interval: Duration.seconds(1), deadline: Duration.minutes(5),
      })],
    }],
  }));
}

const live = () => shop.releaseOf('shop', 'web');
const deploy = (version, onLine) => shop.deploy(version, onLine);

async function good(version) {
  await build(version);
  const deployed = await deploy(version);
  shop.expectEnd(`good ${version}`, deployed, { code: deployed.code, live: live() }, { code: 0, live: version });
  shop.row(`good (${version})`, `${version} stable`);
}

async function refused(version, kind, stable, isWrong) {
  await build(version, kind);
  const before = now();
  const deployed = await deploy(version);
  shop.expectEnd(kind, deployed, { code: deployed.code, live: live() }, { code: 1, live: stable });
  const wrong = shop.firstAfter(before, isWrong);
  if (kind === 'failing') {
    // the emulator's load balancer may send single requests to a task that ends: compared with a limit, not with 0
    const received = shop.responses.filter(({ at }) => at >= before && at <= deployed.ended);
    const lost = received.filter(({ version: served }) => served !== stable).length;
    const failed = deployed.lines.find(({ text }) => /circuit breaker/.test(text))?.at;
    shop.expectEnd(kind, deployed, { wasSeen: wrong !== undefined, hasReason: failed !== undefined, fewLost: lost <= received.length / 20 }, { wasSeen: false, hasReason: true, fewLost: true });
    return shop.row(`${kind} (${version})`, `${stable} stable, users never saw ${version}, ${lost} of ${received.length} requests failed`, failed - before);
  }
  const decided = shop.decisionIn(deployed, wrong);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.expectEnd(kind, deployed, { wasSeen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { wasSeen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  return shop.row(`${kind} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

async function killed(version, where, pattern, stable) {
  await build(version);
  // after a moment in which the change may begin, or not
  const run = await shop.lasting(() => deploy(version, (line, kill) => pattern.test(line) && setTimeout(kill, 1_000)));
  shop.expectEnd(`killed ${where}`, run, { signal: run.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${run.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, live: live() }, { code: 0, live: stable });
  const restored = await shop.eventuallyAfter(recovered.ended, ({ version: served }) => served === stable);
  shop.expectEnd(`killed ${where}`, recovered, { restored: restored !== undefined }, { restored: true });
  shop.row(`killed ${where} (${version})`, `recovered to ${stable}`, undefined, recovered.ended - recovered.begun);
}

async function changedByHand(stable) {
  const changed = now();
  shop.aws('ecs', 'update-service', '--cluster', 'shop', '--service', 'web', '--task-definition', 'shop:2');
  let status;
  do status = await shop.delivery(['status', '--json', '--local']);
  while (!/"changedByHand": "/.test(status.output) && now() - changed < 120_000);
  shop.expectEnd('changed by hand', status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
  const begun = now();
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', run, { code: run.code, live: live() }, { code: 0, live: stable });
  shop.row('changed by hand (to shop:2)', `restored to ${stable}`, status.ended - changed, run.ended - begun);
}

const isBroken = ({ status }) => status === 404;

async function play() {
  await refused('v3', 'bad', 'v2', isBroken);
  await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
  await refused('v5', 'failing', 'v2', ({ version }) => version === 'v5');
  await killed('v6', 'during the rollout', /update web from/, 'v2');
  await changedByHand('v2');
}

async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('ECS rolling');
}

void shop.run(async () => {
  let host;
  const front = await shop.listen(() => host);
  const url = `http://127.0.0.1:${front.address().port}/`;
  synthesize(url);
  ({ host } = shop.createCluster('shop', `${shop.repository}@${await build('v0')}`, ['web']));
  const stop = shop.useService(`${url}page`);
  try {
    await good('v1');
    await good('v2');
    await (shop.measured ? measure(shop.measured) : play());
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real AWS CLI and containers, emulated AWS');
