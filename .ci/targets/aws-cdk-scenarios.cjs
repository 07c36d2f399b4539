// The scenarios of .ci/targets/aws-cdk. Users are a loop of requests to a small HTTP server, which invokes the alias of the function of the stack.
const { execFileSync } = require('node:child_process');
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const { ShopApp } = require('./aws-cdk-app.cjs');
const reviewScenarios = require('./aws-cdk-review-scenarios.cjs');
const { now, Scenarios, seconds } = require('./scenarios.cjs');

const shop = new Scenarios('aws-cdk', join(process.argv[2], 'shop'));
const { root } = shop;
const endpoint = process.env.AWS_ENDPOINT_URL;
const run = (program, args, env = {}) => execFileSync(program, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
const aws = (...args) => run('aws', [...args, '--output', 'json']);

const lock = join(process.argv[2], 'locked');
const app = new ShopApp(root, lock);

/** Commits, tags and builds a release, as the build job of the project does. */
function release(version, kind) {
  app.write(version, kind);
  shop.release(version);
  app.build(version, kind);
}

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

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }, project) => {
    project.addTask('synth', { exec: 'cdk synth --quiet' });
    return {
      target: Target.awsCdk({ stacks: ['Api'], account: process.env.AWS_ACCESS_KEY_ID }),
      environments: [{
        name: 'production',
        trigger: Trigger.tag('v*'),
        url,
        strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
        healthChecks: [HealthCheck.http(url, {
          release: ReleaseIdentity.json('version', { propagation: Duration.seconds(2) }),
          interval: Duration.seconds(1), timeout: Duration.seconds(60), failureThreshold: 2, deadline: Duration.minutes(5),
        })],
      }],
    };
  }, ['cdk.out', 'other.out', '.delivery*']);
}

/** Changes the settings of the driver, as a mistake in .projenrc would, while `work` runs. */
function withSettings(changes, work) {
  return shop.withEnvironments(({ target }) => Object.assign(target.driver, changes), work);
}

const statusOf = (name) => JSON.parse(aws('cloudformation', 'describe-stacks', '--stack-name', name)).Stacks[0].StackStatus;
const changeSets = (name) => JSON.parse(aws('cloudformation', 'list-change-sets', '--stack-name', name)).Summaries;
const stacks = () => JSON.parse(aws('cloudformation', 'describe-stacks')).Stacks.map(({ StackName }) => StackName).filter((name) => name.startsWith('shop')).sort().join(' ');

async function served() {
  return (await invoke().then(({ body }) => JSON.parse(body)).catch(() => ({ version: 'none' }))).version;
}

/** The ledger's Stable release, and what the stacks serve by their templates. */
async function status() {
  const { output } = await shop.delivery(['status', 'production', '--json']);
  const [found] = JSON.parse(output.slice(output.indexOf('[')));
  return { stable: found.stable?.version, live: found.live ?? '', changedByHand: found.changedByHand };
}

async function good(version, kind = 'good') {
  release(version, kind);
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  const { live, stable } = await status();
  shop.expectEnd(`good ${version}`, ran, { code: ran.code, served: await served(), stable, live: live.startsWith(version), stacks: stacks() },
    { code: 0, served: version, stable: version, live: true, stacks: 'shop-api shop-data' });
  shop.row(`good (${version})`, `${version} stable after ${seconds(ran.ended - ran.begun)} s`);
}

/** A release that the CDK deploys, and that the health checks find bad. */
async function unhealthy(version, kind, stable, isWrong, { what = kind, restores = shop.restores } = {}) {
  const before = now();
  release(version, kind);
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  const facts = { code: ran.code, served: await served(), stable: (await status()).stable };
  shop.expectEnd(kind, ran, facts, { code: 1, served: stable, stable });
  const wrong = shop.firstAfter(before, isWrong);
  const decided = shop.decisionIn(ran, wrong);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.expectEnd(kind, ran, { seen: wrong !== undefined, restored: restored > decided }, { seen: true, restored: true });
  restores.push(restored - decided);
  shop.row(`${what} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

/** CloudFormation fails, and rolls back by itself. */
async function failing(version, stable) {
  release(version, 'failed');
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  const facts = { code: ran.code, served: await served(), stable: (await status()).stable, events: /Broken \(AWS::SSM::Parameter\) (CREATE|UPDATE)_FAILED/.test(ran.output) };
  shop.expectEnd('failed', ran, facts, { code: 1, served: stable, stable, events: true });
  shop.row(`CloudFormation refuses (${version})`, `${stable} stable, users never saw ${version}`);
}

/** CloudFormation fails, and so does its rollback, until a person has repaired what its events name. */
async function stuck(version, stable) {
  writeFileSync(lock, '');
  release(version, 'stuck');
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  shop.expectEnd('stuck', ran, { code: ran.code, stack: statusOf('shop-api'), events: /the guard is locked/.test(ran.output) }, { code: 3, stack: 'UPDATE_ROLLBACK_FAILED', events: true });
  shop.row(`stuck (${version})`, 'halted with the failed resource');
  rmSync(lock);
  const begun = now();
  const back = await shop.delivery(['rollback', 'production', '--release', stable, '--reason', 'the guard is unlocked']);
  shop.expectEnd('stuck, then repaired', back, { code: back.code, served: await served(), stable: (await status()).stable, continued: /continue its rollback/.test(back.output) },
    { code: 0, served: stable, stable, continued: true });
  shop.row('stuck, then repaired', `rollback continued, ${stable} stable`, undefined, back.ended - begun);
}

/** Kills the runtime and its CLIs where a line appears, and lets the next command recover. */
async function killed(version, kind, where, pattern, stable) {
  release(version, kind);
  const ran = await shop.lasting(() => shop.delivery(['deploy', 'production', '--release', version], (line, kill) => pattern.test(line) && kill()));
  shop.expectEnd(`killed ${where}`, ran, { signal: ran.signal }, { signal: 'SIGKILL' });
  const before = statusOf('shop-api');
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  const facts = { code: recovered.code, served: await served(), stable: (await status()).stable };
  shop.expectEnd(`killed ${where}`, { output: `${ran.output}\n--- recover\n${recovered.output}` }, facts, { code: 0, served: stable, stable });
  shop.row(`killed ${where} (${version})`, `${before}, recovered to ${stable}`, undefined, recovered.ended - recovered.begun);
}

/** Someone deploys another template, with the CDK itself. */
function deployByHand() {
  app.build('by-hand', 'good', 'other.out');
  run('cdk', ['deploy', '--app', 'other.out', '--no-notices', '--require-approval', 'never', 'Api']);
}

async function changedByHand(stable) {
  deployByHand();
  const changed = now();
  const seen = await status();
  const detected = now();
  const plan = await shop.delivery(['plan', 'production', '--release', stable]);
  shop.expectEnd('changed by hand', plan, { status: seen.changedByHand !== undefined, plan: /by hand/.test(plan.output) }, { status: true, plan: true });
  const begun = now();
  const back = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', back, { code: back.code, served: await served(), change: (await status()).changedByHand }, { code: 0, served: stable, change: undefined });
  shop.row('changed by hand', `restored to ${stable}`, detected - changed, back.ended - begun);
}

/** The value of a template parameter belongs to the environment: releases and rollbacks keep it, and it is no change by hand. */
async function parameterByHand(version, stable) {
  const mode = () => JSON.parse(aws('lambda', 'get-function-configuration', '--function-name', 'shop')).Environment.Variables.MODE;
  const update = ['--use-previous-template', '--parameters', 'ParameterKey=Mode,ParameterValue=busy', 'ParameterKey=BootstrapVersion,UsePreviousValue=true'];
  aws('cloudformation', 'update-stack', '--stack-name', 'shop-api', '--capabilities', 'CAPABILITY_IAM', ...update);
  run('aws', ['cloudformation', 'wait', 'stack-update-complete', '--stack-name', 'shop-api']);
  const { changedByHand: seen } = await status();
  release(version, 'bad');
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  shop.expectEnd('parameter changed by hand', ran, { seen, code: ran.code, served: await served(), mode: mode() }, { seen: undefined, code: 1, served: stable, mode: 'busy' });
  shop.row(`parameter changed by hand (${version})`, `rolled back to ${stable}, which keeps the value`);
}

/** `cdk gc` deleted what no stack uses: the files of Stable are published again before the first change. */
async function collected(version) {
  const bucket = `cdk-hnb659fds-assets-${process.env.AWS_ACCESS_KEY_ID}-${process.env.AWS_REGION}`;
  aws('s3', 'rm', `s3://${bucket}`, '--recursive', '--exclude', '*', '--include', '*.zip');
  release(version, 'good');
  const ran = await shop.delivery(['deploy', 'production', '--release', version]);
  const [again, deploy] = [/assets of v\d+ are published again/, /deploying/i].map((text) => ran.lines.findIndex((line) => text.test(line.text)));
  shop.expectEnd('assets are gone', ran, { code: ran.code, served: await served(), isFirst: again >= 0 && again < deploy }, { code: 0, served: version, isFirst: true });
  shop.row(`assets of Stable are gone (${version})`, `published again first, ${version} stable`);
}

/** The alias goes back in one call, before CloudFormation begins. */
async function fastPath(version, bad) {
  await withSettings({ fastPath: [{ alias: 'live', functionName: 'shop' }] }, async () => {
    await good(version);
    const restores = [];
    await unhealthy(bad, 'bad', version, isBroken, { what: 'bad, with the fast path', restores });
    const at = JSON.parse(aws('lambda', 'get-alias', '--function-name', 'shop', '--name', 'live')).FunctionVersion;
    const { changedByHand: seen } = await status();
    shop.expectEnd('fast path', { output: `the alias is at version ${at}` }, { seen, isFaster: restores[0] < Math.min(...shop.restores) }, { seen: undefined, isFaster: true });
    process.stdout.write(`from the decision to the first response of the old release: ${seconds(restores[0])} s with the fast path, ${shop.restores.map(seconds).join(' and ')} s without\n`);
  });
}

/** Someone changes a resource, and changes it back: the watch alerts, once. */
async function drifted() {
  const file = join(root, '.projen/delivery.json');
  const before = readFileSync(file, 'utf8');
  const manifest = JSON.parse(before);
  const monitoring = { environments: ['production'], intervalMs: 300_000, retries: 0, firesAfter: 1, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [] };
  Object.assign(manifest.environments[0].target.driver, { driftIntervalMs: 3_600_000 });
  writeFileSync(file, JSON.stringify({ ...manifest, monitoring }));
  const setTable = (value) => aws('ssm', 'put-parameter', '--name', '/shop/table', '--value', value, '--overwrite');
  const watch = () => shop.delivery(['watch']);
  try {
    const clean = [await watch(), await watch()].at(-1);
    setTable('by hand');
    // the next detection is due in an hour: begin it as the console would
    aws('cloudformation', 'detect-stack-drift', '--stack-name', 'shop-data');
    const fired = await watch();
    setTable('orders');
    aws('cloudformation', 'detect-stack-drift', '--stack-name', 'shop-data');
    const ended = await watch();
    shop.expectEnd('drift', { output: `${clean.output}\n---\n${fired.output}\n---\n${ended.output}` },
      { clean: clean.code, fired: fired.code, names: /shop-data: Table\w* \(AWS::SSM::Parameter\) modified: \/Value/.test(fired.output), ended: ended.code }, { clean: 0, fired: 1, names: true, ended: 0 });
    shop.row('a resource changed by hand', 'the watch alerts of its drift, until it is changed back');
  } finally {
    writeFileSync(file, before);
  }
}

/** What cannot work changes nothing. */
async function refused(what, version, expected, settings, env) {
  const before = stacks() + statusOf('shop-api') + statusOf('shop-data');
  const ran = await withSettings(settings, () => shop.delivery(['deploy', 'production', '--release', version], undefined, env));
  shop.expectEnd(what, ran, { code: ran.code, message: expected.test(ran.output) && /Nothing was changed/.test(ran.output), stacks: stacks() + statusOf('shop-api') + statusOf('shop-data') },
    { code: 2, message: true, stacks: before });
  shop.row(what, 'refused, nothing changed');
}

const isBroken = ({ status }) => status === 500;

/** The releases of the scenarios, by what is wrong with them. */
const RELEASES = {
  good: ['v1', 'v2', 'v6', 'v8', 'v10', 'v11', 'v12', 'v13', 'v21', 'v23', 'by-hand'], bad: ['v3', 'v22', 'v24'], stale: ['v4'], failed: ['v5'], slow: ['v7'], stuck: ['v9'],
};

async function play() {
  await unhealthy('v3', 'bad', 'v2', isBroken);
  await unhealthy('v4', 'stale', 'v2', ({ version }) => version === 'v0');
  await failing('v5', 'v2');
  await killed('v6', 'good', 'before the CDK begins', /Publishing|creating CloudFormation changeset/, 'v2');
  await killed('v7', 'slow', 'while CloudFormation updates', /\| UPDATE_IN_PROGRESS +\| AWS::CloudFormation::Stack/, 'v2');
  await killed('v8', 'good', 'after the deployment', /have the templates of/, 'v2');
  await stuck('v9', 'v2');
  await changedByHand('v2');
  release('v10', 'good');
  await refused('unknown stack', 'v10', /the app has no stack "Web"/, { stacks: ['Web'] });
  await refused('stacks not named', 'v10', /several stacks \(Data \(shop-data\), Api \(shop-api\), Staging \(shop-staging\)\)/, { stacks: undefined });
  await refused('wrong account', 'v10', /belong to the account 000000000000, not 999999999999/, { account: '999999999999' });
  await refused('region without bootstrap', 'v10', /not bootstrapped/, { region: 'eu-west-1' });
  await refused('no CDK CLI', 'v10', /cdk: not found/, {}, { PATH: process.env.PATH.split(':').filter((folder) => !folder.includes('/cdk-')).join(':') });
  await good('v11');
  await reviewScenarios({ changeSets, deployByHand, release, served, shop, status, statusOf, withSettings })('v12', 'v13', 'v11');
  await drifted();
  await collected('v21');
  await parameterByHand('v22', 'v21');
  await fastPath('v23', 'v24');
  await refused('no such alias', 'v24', /has the alias blue of the function shop/, { fastPath: [{ alias: 'blue', functionName: 'shop' }] });
}

async function measure(versions) {
  // a deployment never lowers the version
  const later = versions.map((version) => `v${Number(version.slice(1)) + 100}`);
  app.prepare([['v100', 'good'], ...[...versions, ...later].map((version) => [version, 'bad'])]);
  for (const version of versions) await unhealthy(version, 'bad', 'v2', isBroken);
  shop.keep('CDK');
  await withSettings({ fastPath: [{ alias: 'live', functionName: 'shop' }] }, async () => {
    await good('v100');
    const restores = [];
    for (const version of later) await unhealthy(version, 'bad', 'v100', isBroken, { what: 'bad, with the fast path', restores });
    shop.keep('CDK, fast path', restores);
  });
}

void shop.run(async () => {
  const front = await listen();
  const url = `http://127.0.0.1:${front.address().port}/`;
  synthesize(url);
  app.prepare(Object.entries(shop.measured ? { good: ['v1', 'v2'] } : RELEASES).flatMap(([kind, versions]) => versions.map((version) => [version, kind])));
  const stop = shop.useService(url, 100);
  try {
    await good('v1');
    await good('v2');
    await (shop.measured ? measure(shop.measured) : play());
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real CDK CLI and AWS CLI, emulated CloudFormation');
