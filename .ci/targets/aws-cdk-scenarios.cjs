// The scenarios of .ci/targets/aws-cdk. Users are a loop of requests to a small HTTP server, which invokes the function of the stack.
const { execFileSync, spawn } = require('node:child_process');
const { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

const root = join(process.argv[2], 'shop');
const endpoint = process.env.AWS_ENDPOINT_URL;
const run = (program, args, env = {}) => execFileSync(program, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
const aws = (...args) => run('aws', [...args, '--output', 'json']);
const git = (...args) => run('git', args);
const sleep = (millis) => new Promise((done) => setTimeout(done, millis));
const now = () => performance.now();
const seconds = (millis) => (millis === undefined ? '' : (millis / 1000).toFixed(1));

/** The app: two stacks for production, and one that is not deployed here. KIND says what is wrong with a release. */
const APP = `
const cdk = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const ssm = require('aws-cdk-lib/aws-ssm');
const { KIND, RELEASE } = process.env;
const app = new cdk.App({ context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' } });
const data = new cdk.Stack(app, 'Data', { stackName: 'shop-data' });
const table = new ssm.StringParameter(data, 'Table', { parameterName: '/shop/table', stringValue: 'orders' });
const api = new cdk.Stack(app, 'Api', { stackName: 'shop-api', description: 'the shop, with an umlaut: ü' });
const handler = (id, functionName, environment) => new lambda.Function(api, id, {
  functionName, environment, runtime: lambda.Runtime.PYTHON_3_11, handler: id + '.handle', code: lambda.Code.fromAsset('code/' + id), timeout: cdk.Duration.seconds(20),
});
handler('shop', 'shop', { TABLE: table.parameterName });
const guard = new cdk.CustomResource(api, 'Guard', { serviceToken: handler('guard', 'guard').functionArn, properties: { Mode: KIND === 'stuck' ? 'stuck' : 'free' } });
if (KIND === 'slow') {
  new cdk.CfnWaitCondition(api, 'Wait', { handle: new cdk.CfnWaitConditionHandle(api, 'Handle').ref, timeout: '6', count: 1 });
}
if (KIND === 'failed' || KIND === 'stuck') {
  const broken = new ssm.CfnParameter(api, 'Broken', { name: '/shop/broken', type: 'Nonsense', value: 'x' });
  broken.node.addDependency(guard);
}
const staging = new cdk.Stack(app, 'Staging', { stackName: 'shop-staging' });
new ssm.StringParameter(staging, 'Table', { stringValue: 'staging' });
`;

/** A custom resource that cannot be set back from "stuck" as long as the file `locked` exists. */
const GUARD = `
import json, os, urllib.request
def handle(event, context):
    old = event.get('OldResourceProperties', {}).get('Mode')
    fails = event['RequestType'] == 'Update' and old == 'stuck' and os.path.exists('${join(process.argv[2], 'locked')}')
    body = json.dumps({'Status': 'FAILED' if fails else 'SUCCESS', 'Reason': 'the guard is locked', 'PhysicalResourceId': 'guard', 'StackId': event['StackId'],
                       'RequestId': event['RequestId'], 'LogicalResourceId': event['LogicalResourceId'], 'Data': {}}).encode()
    urllib.request.urlopen(urllib.request.Request(event['ResponseURL'], data=body, method='PUT', headers={'content-type': ''}))
`;
const lock = join(process.argv[2], 'locked');

/** What a release does when it is invoked; `version` is what it calls itself. */
const BODIES = {
  good: (version) => `return {'statusCode': 200, 'body': json.dumps({'version': '${version}'})}`,
  bad: () => "return {'statusCode': 500, 'body': 'broken'}",
  stale: () => "return {'statusCode': 200, 'body': json.dumps({'version': 'v0'})}",
};

/** Commits, tags and builds a release, as the build job of the project does. */
function release(version, kind) {
  const body = (BODIES[kind] ?? BODIES.good)(version);
  writeFileSync(join(root, 'code/shop/shop.py'), `import json\ndef handle(event, context):\n    ${body}\n`);
  git('add', '.');
  git('commit', '--quiet', '--message', version);
  git('tag', version);
  synth('cdk.out', { KIND: kind, RELEASE: version });
}

function synth(folder, env) {
  rmSync(join(root, folder), { recursive: true, force: true });
  run('cdk', ['synth', '--quiet', '--no-notices', '--output', folder], env);
}

/** Each answer that users get, with the time. */
const answers = [];
async function ask(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  const body = await response?.text().catch(() => undefined);
  let version;
  try {
    version = JSON.parse(body).version;
  } catch {
    version = undefined;
  }
  answers.push({ at: now(), status: response?.status, version });
}

/** One user who asks again and again, and never twice at a time. */
function useService(url) {
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      await ask(url);
      await sleep(100);
    }
  };
  void loop();
  return { stop: () => { isOver = true; } };
}

/** The first answer after a time that fits. */
const firstAfter = (at, fits) => answers.find((answer) => answer.at >= at && fits(answer))?.at;

async function invoke() {
  const response = await fetch(`${endpoint}/2015-03-31/functions/shop/invocations`, { method: 'POST', body: '{"path":"/health"}' });
  const failed = response.headers.get('x-amz-function-error') !== null;
  const result = await response.json().catch(() => undefined);
  return failed || result?.statusCode === undefined ? { statusCode: 502, body: 'the function failed' } : result;
}

async function listen() {
  const server = createServer((_, response) => {
    invoke().catch(() => ({ statusCode: 503, body: 'no answer' })).then(({ statusCode, body }) => response.writeHead(statusCode).end(body));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function synthesize(url) {
  const { Project, github } = require('projen');
  const { Delivery, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } = require('../../lib');
  const project = new Project({ name: 'shop', outdir: root });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  project.logger.info = () => undefined;
  project.gitignore.exclude('cdk.out', 'other.out', 'ledger.json*', '.delivery*');
  project.addTask('synth', { exec: 'cdk synth --quiet' });
  new Delivery(project, {
    target: Target.awsCdk({ stacks: ['Api'], account: process.env.AWS_ACCESS_KEY_ID }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(url, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(2) }),
        interval: Duration.seconds(1), timeout: Duration.seconds(5), failureThreshold: 2, deadline: Duration.seconds(40),
      })],
    }],
  });
  project.synth();
}

/** Changes the settings of the driver, as a mistake in .projenrc would, while `work` runs. */
async function withSettings(changes, work) {
  const file = join(root, '.projen/delivery.json');
  const before = readFileSync(file, 'utf8');
  const manifest = JSON.parse(before);
  Object.assign(manifest.environments[0].target.driver, changes);
  writeFileSync(file, JSON.stringify(manifest), { mode: 0o644 });
  try {
    return await work();
  } finally {
    writeFileSync(file, before);
  }
}

/** A command of the runtime. `onLine` sees each line as it comes, and may kill the process. */
function delivery(args, onLine = () => undefined, env = {}) {
  const begun = now();
  const child = spawn(process.execPath, ['.projen/delivery.cjs', ...args], {
    cwd: root, env: { ...process.env, DELIVERY_LEDGER: join(root, 'ledger.json'), GITHUB_ACTIONS: '', ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
  });
  const lines = [];
  const kill = () => process.kill(-child.pid, 'SIGKILL');
  const read = (chunk) => {
    for (const text of chunk.toString().split('\n').filter((line) => line !== '')) {
      lines.push({ at: now(), text });
      onLine(text, kill);
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return new Promise((done) => child.on('close', (code, signal) => done({ begun, ended: now(), code, signal, lines, output: lines.map(({ text }) => text).join('\n') })));
}

const rows = [];
const restores = [];

/** Fails with all that was printed where an end is not the expected one. */
function expectEnd(scenario, { output }, facts, expected) {
  const wrong = Object.keys(expected).filter((name) => facts[name] !== expected[name]);
  if (wrong.length === 0) return;
  process.stderr.write(`${output}\n`);
  throw new Error(`${scenario}: ${wrong.map((name) => `${name} is ${facts[name]}, expected ${expected[name]}`).join('; ')}`);
}

function row(scenario, end, detect, restore) {
  rows.push([scenario, end, seconds(detect), seconds(restore)]);
  process.stdout.write(`aws-cdk: ${scenario}: ${end}\n`);
}

/** When the runtime decided to go back: the first line that says so after users got a wrong answer. */
const decisionIn = ({ lines }, wrong) => lines.find(({ at, text }) => at > wrong && /roll(ed|ing|s)? ?back|restore|is bad/i.test(text))?.at;
const statusOf = (name) => JSON.parse(aws('cloudformation', 'describe-stacks', '--stack-name', name)).Stacks[0].StackStatus;
const stacks = () => JSON.parse(aws('cloudformation', 'describe-stacks')).Stacks.map(({ StackName }) => StackName).filter((name) => name.startsWith('shop')).sort().join(' ');

async function served() {
  return (await invoke().then(({ body }) => JSON.parse(body)).catch(() => ({ version: 'none' }))).version;
}

/** The ledger's Stable release, and what the stacks serve by their templates. */
async function status() {
  const { output } = await delivery(['status', 'production', '--json']);
  const [found] = JSON.parse(output.slice(output.indexOf('[')));
  return { stable: found.stable?.version, live: found.live ?? '', changedByHand: found.changedByHand };
}

async function good(version, kind = 'good') {
  release(version, kind);
  const ran = await delivery(['deploy', 'production', '--release', version]);
  const { live, stable } = await status();
  expectEnd(`good ${version}`, ran, { code: ran.code, served: await served(), stable, live: live.startsWith(version), stacks: stacks() },
    { code: 0, served: version, stable: version, live: true, stacks: 'shop-api shop-data' });
  row(`good (${version})`, `${version} stable after ${seconds(ran.ended - ran.begun)} s`, undefined, undefined);
}

/** A release that the CDK deploys, and that the health checks find bad. */
async function unhealthy(version, kind, stable, isWrong) {
  const before = now();
  release(version, kind);
  const ran = await delivery(['deploy', 'production', '--release', version]);
  const facts = { code: ran.code, served: await served(), stable: (await status()).stable };
  expectEnd(kind, ran, facts, { code: 1, served: stable, stable });
  const wrong = firstAfter(before, isWrong);
  const decided = decisionIn(ran, wrong);
  const restored = firstAfter(decided, ({ version: answered }) => answered === stable);
  expectEnd(kind, ran, { seen: wrong !== undefined, restored: restored > decided }, { seen: true, restored: true });
  restores.push(restored - decided);
  row(`${kind} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

/** CloudFormation fails, and rolls back by itself. */
async function failing(version, stable) {
  release(version, 'failed');
  const ran = await delivery(['deploy', 'production', '--release', version]);
  const facts = { code: ran.code, served: await served(), stable: (await status()).stable, events: /Broken \(AWS::SSM::Parameter\) (CREATE|UPDATE)_FAILED/.test(ran.output) };
  expectEnd('failed', ran, facts, { code: 1, served: stable, stable, events: true });
  row(`CloudFormation refuses (${version})`, `${stable} stable, users never saw ${version}`, undefined, undefined);
}

/** CloudFormation fails, and so does its rollback, until a person has repaired what its events name. */
async function stuck(version, stable) {
  writeFileSync(lock, '');
  release(version, 'stuck');
  const ran = await delivery(['deploy', 'production', '--release', version]);
  expectEnd('stuck', ran, { code: ran.code, stack: statusOf('shop-api'), events: /the guard is locked/.test(ran.output) }, { code: 3, stack: 'UPDATE_ROLLBACK_FAILED', events: true });
  row(`stuck (${version})`, 'halted with the failed resource', undefined, undefined);
  rmSync(lock);
  const begun = now();
  const back = await delivery(['rollback', 'production', '--release', stable, '--reason', 'the guard is unlocked']);
  expectEnd('stuck, then repaired', back, { code: back.code, served: await served(), stable: (await status()).stable, continued: /continue its rollback/.test(back.output) },
    { code: 0, served: stable, stable, continued: true });
  row('stuck, then repaired', `rollback continued, ${stable} stable`, undefined, back.ended - begun);
}

/** Kills the runtime and its CLIs where a line appears, and lets the next command recover. */
async function killed(version, kind, where, pattern, stable) {
  release(version, kind);
  const ran = await delivery(['deploy', 'production', '--release', version], (line, kill) => pattern.test(line) && kill());
  expectEnd(`killed ${where}`, ran, { signal: ran.signal }, { signal: 'SIGKILL' });
  const before = statusOf('shop-api');
  const recovered = await delivery(['rollback', 'production', '--recover', '--local']);
  const facts = { code: recovered.code, served: await served(), stable: (await status()).stable };
  expectEnd(`killed ${where}`, { output: `${ran.output}\n--- recover\n${recovered.output}` }, facts, { code: 1, served: stable, stable });
  row(`killed ${where} (${version})`, `${before}, recovered to ${stable}`, undefined, recovered.ended - recovered.begun);
}

/** Somebody deploys another template, with the CDK itself. */
async function changedByHand(stable) {
  cpSync(join(root, 'code'), join(root, 'code.before'), { recursive: true });
  writeFileSync(join(root, 'code/shop/shop.py'), `import json\ndef handle(event, context):\n    ${BODIES.good('by-hand')}\n`);
  synth('other.out', { KIND: 'good' });
  rmSync(join(root, 'code'), { recursive: true });
  cpSync(join(root, 'code.before'), join(root, 'code'), { recursive: true });
  rmSync(join(root, 'code.before'), { recursive: true });
  run('cdk', ['deploy', '--app', 'other.out', '--no-notices', '--require-approval', 'never', 'Api']);
  const changed = now();
  const seen = await status();
  const detected = now();
  const plan = await delivery(['plan', 'production', '--release', stable]);
  expectEnd('changed by hand', plan, { status: seen.changedByHand !== undefined, plan: /by hand/.test(plan.output) }, { status: true, plan: true });
  const begun = now();
  const back = await delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  expectEnd('changed by hand', back, { code: back.code, served: await served(), change: (await status()).changedByHand }, { code: 0, served: stable, change: undefined });
  row('changed by hand', `restored to ${stable}`, detected - changed, back.ended - begun);
}

/** What cannot work changes nothing. */
async function refused(what, version, expected, settings, env) {
  const before = stacks() + statusOf('shop-api') + statusOf('shop-data');
  const ran = await withSettings(settings, () => delivery(['deploy', 'production', '--release', version], undefined, env));
  expectEnd(what, ran, { code: ran.code, message: expected.test(ran.output) && /Nothing was changed/.test(ran.output), stacks: stacks() + statusOf('shop-api') + statusOf('shop-data') },
    { code: 2, message: true, stacks: before });
  row(what, 'refused, nothing changed', undefined, undefined);
}

function table() {
  const all = [['scenario', 'end', 'seconds to detect', 'seconds to restore'], ...rows];
  const widths = all[0].map((_, i) => Math.max(...all.map((cells) => cells[i].length)));
  return all.map((cells) => cells.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
}

async function main() {
  for (const id of ['shop', 'guard']) mkdirSync(join(root, 'code', id), { recursive: true });
  writeFileSync(join(root, 'app.js'), APP);
  writeFileSync(join(root, 'code/guard/guard.py'), GUARD);
  // the build command would fail a deployment that runs it: the assembly is not built again
  writeFileSync(join(root, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  const front = await listen();
  const url = `http://127.0.0.1:${front.address().port}/`;
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'an engineer');
  git('config', 'user.email', 'engineer@example.com');
  synthesize(url);
  const users = useService(url);
  try {
    await good('v1');
    await good('v2');
    await unhealthy('v3', 'bad', 'v2', ({ status: answered }) => answered === 500);
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
  } finally {
    users.stop();
    front.close();
    front.closeAllConnections();
    process.stdout.write(`\n${table()}\n`);
  }
  process.stdout.write(`\nfrom the decision to the old release answering: ${restores.map((one) => `${seconds(one)} s`).join(', ')} (real CDK CLI and AWS CLI, emulated CloudFormation)\n`);
  await sleep(100);
}

main().catch((error) => {
  process.stderr.write(`aws-cdk: ${error.message}\n`);
  process.exitCode = 1;
});
