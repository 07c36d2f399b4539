// The scenarios of .ci/targets/ecs with two services behind one listener. The emulator knows no weights: a proxy in front of it keeps them.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { EcsCanary } = require('./ecs-canary-scenarios.cjs');
const { EcsShop } = require('./ecs-shop.cjs');
const { now } = require('./scenarios.cjs');

const shop = new EcsShop('ecs blue/green', join(process.argv[2], 'slots'));
let groups;
let listener;
let proxy;
let canary;

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.ecs({ cluster: 'slots', blueGreen: { blue: 'web-blue', green: 'web-green', listener } }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.blueGreen({ bake: Duration.seconds(2), candidateUrl: `${url}{slot}` }),
      healthChecks: [HealthCheck.http(`${url}page`, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), interval: Duration.seconds(1), deadline: Duration.minutes(5),
      })],
    }],
  }));
}

/** How often a listener was changed so far. */
async function changes() {
  const calls = await (await fetch(`${proxy}/_calls`)).json();
  return calls.filter((call) => /^Modify/.test(call)).length;
}

/** What a person or a stack sets. */
function weigh(blue, green) {
  const action = { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: [{ TargetGroupArn: groups[0], Weight: blue }, { TargetGroupArn: groups[1], Weight: green }] } };
  shop.aws('elbv2', 'modify-listener', '--listener-arn', listener, '--default-actions', JSON.stringify([action]));
}

/** The slot that the listener sends users to, and its release. */
function live() {
  const shown = shop.aws('elbv2', 'describe-listeners', '--listener-arns', listener, '--query', 'Listeners[0].DefaultActions[0].ForwardConfig.TargetGroups');
  const slot = shown.find(({ Weight }) => Weight > 0).TargetGroupArn === groups[0] ? 'blue' : 'green';
  return `${shop.releaseOf('slots', `web-${slot}`)} on ${slot}`;
}

async function good(version, slot) {
  await shop.build(version);
  const [before, from] = [now(), await changes()];
  const deployed = await shop.deploy(version);
  const moves = await changes() - from;
  const failed = shop.responses.filter(({ at, status }) => at >= before && at <= deployed.ended && status !== 200).length;
  shop.expectEnd(`good ${version}`, deployed, { code: deployed.code, live: live(), moves, failed }, { code: 0, live: `${version} on ${slot}`, moves: 1, failed: 0 });
  shop.row(`good (${version})`, `${version} stable on ${slot}, no request failed`);
}

/** The candidate is verified before users see it. */
async function refused(version, kind, stable) {
  await shop.build(version, kind);
  const [before, from] = [now(), await changes()];
  const deployed = await shop.deploy(version);
  const moves = await changes() - from;
  const other = shop.responses.filter(({ at, version: served }) => at >= before && at <= deployed.ended && served !== stable.split(' ')[0]).length;
  shop.expectEnd(kind, deployed, { code: deployed.code, live: live(), moves, other }, { code: 1, live: stable, moves: 0, other: 0 });
  shop.row(`${kind} (${version})`, `${stable}, users never saw ${version}`);
}

/** The process is killed when users see the release: the weights go back in one call. */
async function killed(version, stable) {
  await shop.build(version);
  let seen = false;
  // users see it before it is killed
  const isSeen = () => shop.firstAfter(began, ({ version: served }) => served === version) !== undefined;
  const began = now();
  const run = await shop.lasting(() => shop.deploy(version, async (line, kill) => {
    if (!/promote succeeded/.test(line)) return;
    seen = await shop.eventually(isSeen);
    kill();
  }));
  const from = await changes();
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  const moves = await changes() - from;
  const back = await shop.eventuallyAfter(recovered.begun, ({ version: served }) => served === stable.split(' ')[0]);
  const decided = recovered.lines.find(({ text }) => /Roll back to/.test(text))?.at;
  shop.expectEnd('killed', { output: `${run.output}\n--- recover\n${recovered.output}` },
    { signal: run.signal, code: recovered.code, live: live(), moves, seen, isBack: back > decided }, { signal: 'SIGKILL', code: 0, live: stable, moves: 1, seen: true, isBack: true });
  shop.restores.push(back - decided);
  shop.row(`killed after the promotion (${version})`, `recovered to ${stable}`, undefined, back - decided);
}

/** A stack update sets the weights of its template. */
async function reset(to, [blue, green], stable) {
  const changed = now();
  weigh(blue, green);
  const status = await shop.delivery(['status', '--json', '--local']);
  shop.expectEnd(to, status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
  const from = await changes();
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable.split(' ')[0], '--reason', 'a stack update changed the weights']);
  const moves = await changes() - from;
  const moved = run.lines.find(({ text }) => /rollback succeeded/.test(text))?.at;
  shop.expectEnd(to, run, { code: run.code, live: live(), moves }, { code: 0, live: stable, moves: 1 });
  shop.row(to, `restored to ${stable} with one change`, status.ended - changed, moved - run.begun);
}

async function play() {
  await refused('v3', 'bad', 'v2 on blue');
  await refused('v4', 'failing', 'v2 on blue');
  await good('v5', 'green');
  await killed('v6', 'v5 on green');
  await reset('weights of a stack update', [100, 0], 'v5 on green');
  await reset('users on both slots', [50, 50], 'v5 on green');
}

/** The same services, with a canary. */
async function playCanary(url) {
  canary = new EcsCanary({ shop, url, listener, proxy, live });
  await canary.play('v5 on green');
}

/** A bad candidate is found before users see it: only a process that was killed after the promotion brings the old release back. */
async function measure(versions) {
  for (const version of versions) await killed(version, 'v2 on blue');
  shop.keep('ECS blue/green');
}

void shop.run(async () => {
  const child = spawn(process.execPath, [join(__dirname, 'elb-weights.cjs'), shop.emulator], { stdio: ['ignore', 'pipe', 'inherit'] });
  [proxy] = (await once(child.stdout.setEncoding('utf8'), 'data')).map((line) => line.trim());
  process.env.AWS_ENDPOINT_URL = proxy;
  let host;
  const front = await shop.listen(() => host, () => canary?.passing);
  const url = `http://127.0.0.1:${front.address().port}/`;
  listener = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/slots/0123456789abcdef/0123456789abcdef';
  synthesize(url);
  ({ groups, host, listener } = shop.createCluster('slots', `${shop.repository}@${await shop.build('v0')}`, ['web-blue', 'web-green']));
  synthesize(url);
  for (const [at, slot] of ['blue', 'green'].entries()) {
    shop.aws('elbv2', 'create-rule', '--listener-arn', listener, '--priority', String(at + 1), '--actions', `Type=forward,TargetGroupArn=${groups[at]}`,
      '--conditions', JSON.stringify([{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-slot', Values: [slot] } }]));
  }
  weigh(100, 0);
  const stop = shop.useService(`${url}page`);
  try {
    await good('v1', 'green');
    await good('v2', 'blue');
    if (shop.measured) return await measure(shop.measured);
    await play();
    stop();
    await playCanary(url);
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
    child.kill();
  }
}, 'real AWS CLI and containers, emulated AWS, weights by a proxy');
