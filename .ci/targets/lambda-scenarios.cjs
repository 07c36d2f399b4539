// The scenarios of .ci/targets/lambda. Users are a loop of requests to a small HTTP server, which invokes the alias through the emulator.
const { execFileSync } = require('node:child_process');
const { mkdirSync, writeFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { join } = require('node:path');
const { now, Scenarios, seconds } = require('./scenarios.cjs');

const shop = new Scenarios('lambda', join(process.argv[2], 'shop'));
const { root } = shop;
const endpoint = process.env.AWS_ENDPOINT_URL;
const aws = (...args) => execFileSync('aws', [...args, '--output', 'json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What a release does when it is invoked; `version` is what it calls itself. */
const BODIES = {
  good: (version) => `return {'statusCode': 200, 'body': json.dumps({'version': '${version}'})}`,
  bad: () => "return {'statusCode': 500, 'body': 'broken'}",
  stale: () => "return {'statusCode': 200, 'body': json.dumps({'version': 'v0'})}",
  failing: () => "raise Exception('it does not start')",
};

/** A function as a zip file, as the build of a project makes it. */
function writeFunction(version, kind) {
  const code = `import json\nRELEASE = '${version}'\ndef handle(event, context):\n    ${BODIES[kind](version)}\n`;
  writeFileSync(join(root, 'handler.py'), code);
  const pack = "import zipfile; z = zipfile.ZipFile('dist/function.zip', 'w'); z.writestr(zipfile.ZipInfo('handler.py'), open('handler.py').read()); z.close()";
  execFileSync('python3', ['-c', pack], { cwd: root });
}

function release(version, kind) {
  writeFunction(version, kind);
  shop.release(version);
}

/** The number of the version that the alias points at, and the release that its description names. */
function alias() {
  const { FunctionVersion: number } = JSON.parse(aws('lambda', 'get-alias', '--function-name', 'shop', '--name', 'live'));
  const { Description: description } = JSON.parse(aws('lambda', 'get-function-configuration', '--function-name', 'shop', '--qualifier', number));
  return { number, release: /^delivery (\S+)/.exec(description ?? '')?.[1] ?? `version ${number}` };
}

/** What users get before anything is deployed: the emulator starts a function with its first request. */
async function firstResponse(url) {
  const begun = now();
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  return `${response.status} ${await response.text()} before the first deployment, after ${seconds(now() - begun)} s`;
}

/** Invokes the alias for each request, as an API gateway does. */
async function invoke() {
  const response = await fetch(`${endpoint}/2015-03-31/functions/shop:live/invocations`, { method: 'POST', body: '{"path":"/health"}' });
  const failed = response.headers.get('x-amz-function-error') !== null;
  const result = await response.json().catch(() => undefined);
  return failed || result?.statusCode === undefined ? { statusCode: 502, body: 'the function failed' } : result;
}

async function listen() {
  const server = createServer(async (incoming, response) => {
    const result = await invoke().catch(() => ({ statusCode: 503, body: 'no response' }));
    await shop.usersFirst(incoming, result);
    response.writeHead(result.statusCode).end(result.body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** The emulator for the AWS CLI of one command. It keeps what the alias is after each change: who reads it in between comes too late on a busy machine. */
async function recordAlias() {
  const states = [];
  const server = createServer((incoming, response) => {
    const passed = request(new URL(incoming.url, endpoint), { method: incoming.method, headers: incoming.headers }, async (received) => {
      const body = Buffer.concat(await received.toArray());
      if (incoming.method === 'PUT' && /\/aliases\/live$/.test(incoming.url) && received.statusCode === 200) states.push(sharesIn(JSON.parse(body.toString())));
      response.writeHead(received.statusCode, received.headers).end(body);
    });
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { states, env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}` }, close: () => server.close() };
}

/** @param alarm whether the environment has a CloudWatch alarm, too
 * @param bake the seconds of the bake
 * @param canary the seconds of each step in which the alias splits the traffic; without it the traffic moves at once */
function synthesize(url, { alarm = false, bake = 3, canary } = {}) {
  shop.synthesize(({ CanaryStep, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.lambda({ functionName: 'shop', alias: 'live', code: 'dist/function.zip', testEvent: { path: '/health' } }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: canary === undefined
        ? Strategy.blueGreen({ bake: Duration.seconds(bake) })
        : Strategy.canary({ bake: Duration.seconds(bake), steps: [5, 25].map((percent) => CanaryStep.weight(percent, { atLeast: Duration.seconds(canary) })) }),
      healthChecks: [HealthCheck.http(url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }),
        interval: Duration.seconds(1), timeout: Duration.seconds(60), failureThreshold: 3, deadline: Duration.minutes(5),
      }), ...(alarm ? [HealthCheck.cloudWatchAlarm('shop-errors', { interval: Duration.seconds(2), timeout: Duration.seconds(60), recovery: Duration.minutes(5) })] : [])],
    }],
  }), ['dist']);
}

async function good(version) {
  release(version, 'good');
  const run = await shop.delivery(['deploy', 'production', '--release', version]);
  shop.expectEnd(`good ${version}`, run, { code: run.code, live: alias().release }, { code: 0, live: version });
  shop.row(`good (${version})`, `${version} stable`);
}

const isBroken = ({ status }) => status === 500;

/** @param seen whether users get the release before it is found bad */
async function refused(version, kind, stable, isWrong) {
  const before = now();
  release(version, kind);
  const run = await shop.delivery(['deploy', 'production', '--release', version]);
  const facts = { code: run.code, live: alias().release };
  shop.expectEnd(kind, run, facts, { code: 1, live: stable });
  const wrong = shop.firstAfter(before, isWrong);
  if (kind === 'failing') {
    shop.expectEnd(kind, run, { seen: wrong !== undefined }, { seen: false });
    return shop.row(`${kind} (${version})`, `${stable} stable, users never saw ${version}`);
  }
  shop.expectEnd(kind, run, { seen: wrong !== undefined }, { seen: true });
  const decided = shop.decisionIn(run, wrong);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.expectEnd(kind, run, { decided: decided > wrong, restored: restored > decided }, { decided: true, restored: true });
  shop.restores.push(restored - decided);
  return shop.row(`${kind} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

/** Kills the runtime and its AWS CLI where a line appears, and lets the next command recover. */
async function killed(version, where, pattern, stable) {
  release(version, 'good');
  const run = await shop.lasting(() => shop.delivery(['deploy', 'production', '--release', version], (line, kill) => pattern.test(line) && kill()));
  shop.expectEnd(`killed ${where}`, run, { signal: run.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${run.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, live: alias().release }, { code: 0, live: stable });
  const wasSeen = shop.firstAfter(run.begun, ({ version: served }) => served === version) !== undefined;
  const restored = await shop.eventuallyAfter(recovered.begun, ({ version: served }) => served === stable);
  shop.expectEnd(`killed ${where}`, recovered, { restored: restored !== undefined }, { restored: true });
  shop.row(`killed ${where} (${version})`, `recovered to ${stable}${wasSeen ? '' : `, users never saw ${version}`}`, undefined, wasSeen ? restored - recovered.begun : undefined);
}

async function changedByHand(stable, version) {
  const changed = now();
  aws('lambda', 'update-alias', '--function-name', 'shop', '--name', 'live', '--function-version', '1');
  const status = await shop.delivery(['status', '--json', '--local']);
  const detected = status.ended;
  const plan = await shop.delivery(['plan', 'production', '--release', version]);
  shop.expectEnd('changed by hand', { output: `${status.output}\n--- plan\n${plan.output}` }, { status: /"changedByHand": "/.test(status.output), plan: /by hand/.test(plan.output) }, { status: true, plan: true });
  const begun = now();
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', run, { code: run.code, live: alias().release }, { code: 0, live: stable });
  const restored = await shop.eventuallyAfter(begun, ({ version: served }) => served === stable);
  shop.row('changed by hand (to version 1)', `restored to ${stable}`, detected - changed, restored - begun);
}

const setAlarm = (state) => aws('cloudwatch', 'set-alarm-state', '--alarm-name', 'shop-errors', '--state-value', state, '--state-reason', `the scenario sets ${state}`);

/** The release responds well, and its alarm fires while users see it; the alarm is OK again some time after the old release is back. */
async function alarmFires(url, version, stable) {
  aws('cloudwatch', 'put-metric-alarm', '--alarm-name', 'shop-errors', '--metric-name', 'Errors', '--namespace', 'Shop', '--statistic', 'Sum', '--period', '60',
    '--evaluation-periods', '1', '--threshold', '1', '--comparison-operator', 'GreaterThanOrEqualToThreshold');
  setAlarm('OK');
  // it ends when the alarm has fired
  synthesize(url, { alarm: true, bake: 600 });
  release(version, 'good');
  let fired;
  let isOver = false;
  const run = await shop.delivery(['deploy', 'production', '--release', version], (line) => {
    if (fired === undefined && /Bake: /.test(line)) {
      setAlarm('ALARM');
      fired = now();
    } else if (!isOver && /alarm shop-errors: in ALARM.*before this change.*waiting/.test(line)) {
      setAlarm('OK');
      isOver = true;
    }
  });
  const facts = { code: run.code, live: alias().release, named: /alarm shop-errors: in ALARM since \S+Z: the scenario sets ALARM \(3 in a row\)/.test(run.output), isOver };
  shop.expectEnd('alarm', run, facts, { code: 1, live: stable, named: true, isOver: true });
  const decided = shop.decisionIn(run, fired);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.row(`alarm fires in the bake (${version})`, `rolled back to ${stable}`, decided - fired, restored - decided);
}

/** The alarm is in ALARM before the deployment that fixes it: it is named, and waited for. */
async function alarmBefore(url, version) {
  setAlarm('ALARM');
  synthesize(url, { alarm: true });
  release(version, 'good');
  const plan = await shop.delivery(['plan', 'production', '--release', version]);
  let isOver = false;
  const run = await shop.delivery(['deploy', 'production', '--release', version], (line) => {
    if (isOver || !/alarm shop-errors: in ALARM.*before this change.*waiting/.test(line)) return;
    setAlarm('OK');
    isOver = true;
  });
  const named = [plan, run].every(({ output }) => /"shop-errors" is in ALARM since \S+Z, before this deployment/.test(output));
  shop.expectEnd('alarm before', { output: `${plan.output}\n--- deploy\n${run.output}` }, { code: run.code, live: alias().release, named, isOver }, { code: 0, live: version, named: true, isOver: true });
  shop.row(`in ALARM before (${version})`, `${version} stable, named in the plan`);
}

/** The shares of the alias. */
const shares = () => sharesIn(JSON.parse(aws('lambda', 'get-alias', '--function-name', 'shop', '--name', 'live')));

/** `2`, or `2 and 3 with 5 %`. The emulator stores them, and does not use them when the alias is invoked. */
function sharesIn({ FunctionVersion: first, RoutingConfig: { AdditionalVersionWeights: others = {} } = {} }) {
  return [first, ...Object.entries(others).map(([other, share]) => `${other} with ${Math.round(share * 100)} %`)].join(' and ');
}

/** The shares that the alias has after each change. */
async function canary(url, version, stable) {
  synthesize(url, { canary: 2 });
  release(version, 'good');
  const before = alias().number;
  const { close, env, states } = await recordAlias();
  const run = await shop.delivery(['deploy', 'production', '--release', version], undefined, env);
  close();
  const after = alias().number;
  const expected = [`${before} and ${after} with 5 %`, `${before} and ${after} with 25 %`, after];
  shop.expectEnd('canary', run, { code: run.code, live: alias().release, states: states.join(', ') }, { code: 0, live: version, states: expected.join(', ') });
  shop.row(`canary, ${stable} to ${version}`, `${version} stable, the alias had 5 %, 25 %, 100 %`);
}

/** Kills it while the release has a share of the traffic. */
async function canaryKilled(url, version, stable) {
  // a person who reads the line has the whole step to act
  synthesize(url, { canary: 120 });
  release(version, 'good');
  const before = alias().number;
  const run = await shop.delivery(['deploy', 'production', '--release', version], (line, kill) => /set the weight to 25 % succeeded/.test(line) && kill());
  const left = shares();
  const status = await shop.delivery(['status', '--json', '--local']);
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  const facts = { left: / with 25 %$/.test(left), status: status.output.includes('with 25 %'), code: recovered.code, shares: shares() };
  shop.expectEnd('canary killed', { output: `${run.output}\n--- recover\n${recovered.output}` }, facts, { left: true, status: true, code: 0, shares: before });
  shop.row(`canary killed with 25 % (${version})`, `recovered to ${stable}, no share left`);
}

/** A person gives another version a share: it is named, and removed by the next rollback to Stable. */
async function sharedByHand(stable) {
  const before = alias().number;
  aws('lambda', 'update-alias', '--function-name', 'shop', '--name', 'live', '--routing-config', '{"AdditionalVersionWeights":{"1":0.1}}');
  const status = await shop.delivery(['status', '--json', '--local']);
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'someone set a weight']);
  const facts = { status: /"changedByHand": ".*1 with 10 %/.test(status.output), code: run.code, shares: shares() };
  shop.expectEnd('weights by hand', { output: `${status.output}\n--- rollback\n${run.output}` }, facts, { status: true, code: 0, shares: before });
  shop.row('weights set by hand (version 1, 10 %)', `${stable} stable, no share left`);
}

async function play(url) {
  process.stdout.write(`lambda: ${await firstResponse(url)}\n`);
  await good('v1');
  await good('v2');
  await refused('v3', 'bad', 'v2', isBroken);
  await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
  await refused('v5', 'failing', 'v2', ({ status }) => status === 502);
  await killed('v6', 'during deploy', /publish a version/, 'v2');
  await killed('v7', 'during promote', /promote/i, 'v2');
  await killed('v8', 'after promote', /moved from version/, 'v2');
  await changedByHand('v2', 'v2');
  await good('v9');
  await refused('v10', 'bad', 'v9', isBroken);
  await alarmFires(url, 'v13', 'v9');
  await alarmBefore(url, 'v14');
  await canary(url, 'v15', 'v14');
  await canaryKilled(url, 'v16', 'v15');
  await sharedByHand('v15');
}

async function measure(versions) {
  await good('v1');
  await good('v2');
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('Lambda');
}

void shop.run(async () => {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const front = await listen();
  const url = `http://127.0.0.1:${front.address().port}/`;
  synthesize(url);
  writeFunction('v0', 'good');
  aws('lambda', 'create-function', '--function-name', 'shop', '--runtime', 'python3.11', '--handler', 'handler.handle',
    '--role', 'arn:aws:iam::000000000000:role/shop', '--zip-file', 'fileb://dist/function.zip', '--publish');
  aws('lambda', 'create-alias', '--function-name', 'shop', '--name', 'live', '--function-version', '1');
  const stop = shop.useService(url);
  try {
    await (shop.measured ? measure(shop.measured) : play(url));
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real AWS CLI, emulated AWS');
