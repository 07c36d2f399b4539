// The scenarios of .ci/targets/static-site. Users are a loop of requests to the distribution, which the emulator serves from the bucket.
const { execFileSync } = require('node:child_process');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { join } = require('node:path');
const { now, Scenarios, seconds, sleep } = require('./scenarios.cjs');

const shop = new Scenarios('static-site', join(process.argv[2], 'site'));
const { root } = shop;
const endpoint = new URL(process.env.AWS_ENDPOINT_URL);
const BUCKET = 'acme-site';
const aws = (...args) => execFileSync('aws', [...args, '--output', 'json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const json = (...args) => JSON.parse(aws(...args) || 'null');

/** A release as a build makes it: a page, a file whose name is a hash of its content, and what the health check reads. */
function writeSite(version, kind, files = 0) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist/assets'), { recursive: true });
  writeFileSync(join(root, 'dist/index.html'), `<h1>${version}</h1>\n`);
  writeFileSync(join(root, `dist/assets/app-${hash(version)}.js`), `export default '${version}';\n`);
  // a site has no code that fails: what is wrong is what the pages say
  const state = { good: version, bad: 'no data', stale: 'v1' }[kind];
  writeFileSync(join(root, 'dist/state.json'), JSON.stringify({ version: state, isGood: kind !== 'bad' }));
  for (let i = 0; i < files; i++) {
    const folder = join(root, 'dist/pages', String(i % 40));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `page-${i}.${['html', 'css', 'svg', 'txt'][i % 4]}`), `${version} ${i}\n`);
  }
}
const hash = (text) => require('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 12);

function release(version, kind, files) {
  writeSite(version, kind, files);
  shop.release(version);
}

let distribution;
function createDistribution(id) {
  const access = { Name: 'site', SigningProtocol: 'sigv4', SigningBehavior: 'always', OriginAccessControlOriginType: 's3' };
  const { id: control } = json('cloudfront', 'create-origin-access-control', '--origin-access-control-config', JSON.stringify(access), '--query', '{id:OriginAccessControl.Id}');
  writeFileSync(join(root, 'distribution.json'), JSON.stringify({
    CallerReference: id, Comment: id, Enabled: true, DefaultRootObject: 'index.html',
    Origins: { Quantity: 1, Items: [{ Id: 'site', DomainName: `${BUCKET}.s3.us-east-1.amazonaws.com`, OriginPath: '/by-hand', OriginAccessControlId: control, S3OriginConfig: { OriginAccessIdentity: '' }, CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'x-secret', HeaderValue: 'kept' }] } }] },
    DefaultCacheBehavior: { TargetOriginId: 'site', ViewerProtocolPolicy: 'allow-all', CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6' },
  }));
  return json('cloudfront', 'create-distribution', '--distribution-config', 'file://distribution.json', '--query', '{id:Distribution.Id,domain:Distribution.DomainName}');
}

function createBucket() {
  aws('s3api', 'create-bucket', '--bucket', BUCKET);
  const allow = { Effect: 'Allow', Principal: { Service: 'cloudfront.amazonaws.com' }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/*` };
  aws('s3api', 'put-bucket-policy', '--bucket', BUCKET, '--policy', JSON.stringify({ Version: '2012-10-17', Statement: [allow] }));
}

const stateOf = () => json('cloudfront', 'get-distribution', '--id', distribution.id);
const originPath = () => stateOf().Distribution.DistributionConfig.Origins.Items[0].OriginPath;
/** The release that the distribution serves, as the file beside its prefix names it. */
function live() {
  const path = originPath();
  if (!/^\/releases\/production\//.test(path)) return path;
  aws('s3api', 'get-object', '--bucket', BUCKET, '--key', `${path.slice(1)}.json`, 'record.json');
  return JSON.parse(require('node:fs').readFileSync(join(root, 'record.json'), 'utf8')).version;
}

/** A person, or another program, changes the path of the origin. */
function moveByHand(path) {
  const { ETag, Distribution: { DistributionConfig: config } } = stateOf();
  config.Origins.Items[0].OriginPath = path;
  writeFileSync(join(root, 'moved.json'), JSON.stringify(config));
  aws('cloudfront', 'update-distribution', '--id', distribution.id, '--if-match', ETag, '--distribution-config', 'file://moved.json');
}

/** Users reach the distribution by its domain; here it is the Host of a request to the emulator. */
async function listen() {
  const server = createServer((incoming, response) => {
    const { method, url } = incoming;
    const options = { host: endpoint.hostname, port: endpoint.port, method, path: url, headers: { host: distribution.domain } };
    const forwarded = request(options, async (received) => {
      const body = Buffer.concat(await received.toArray());
      if (url === '/state.json') await shop.usersFirst(incoming, { statusCode: received.statusCode, body: body.toString() });
      response.writeHead(received.statusCode, received.headers).end(body);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    forwarded.end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function synthesize(url) {
  shop.synthesize(({ Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }) => ({
    target: Target.staticSite({ bucket: BUCKET, directory: 'dist', distribution: distribution.id, keep: 4, releaseCheck: false }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.blueGreen({ bake: Duration.seconds(1) }),
      healthChecks: [HealthCheck.http(`${url}state.json`, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(3) }), json: [{ path: 'isGood', value: true }],
        interval: Duration.seconds(1), timeout: Duration.seconds(60), successThreshold: 2, failureThreshold: 2, deadline: Duration.minutes(5),
      })],
    }],
  }), ['dist', '/*.json']);
}

const deploy = (version, onLine, env) => shop.delivery(['deploy', 'production', '--release', version], onLine, env);

async function good(version, files) {
  release(version, 'good', files);
  const run = await deploy(version);
  shop.expectEnd(`good ${version}`, run, { code: run.code, live: live() }, { code: 0, live: version });
  return run;
}

async function refused(version, kind, stable, isWrong) {
  const before = now();
  release(version, kind);
  const run = await deploy(version);
  shop.expectEnd(kind, run, { code: run.code, live: live() }, { code: 1, live: stable });
  const wrong = shop.firstAfter(before, isWrong);
  const decided = shop.decisionIn(run, wrong);
  const restored = await shop.eventuallyAfter(decided, (response) => response.version === stable && response.isGood);
  shop.expectEnd(kind, run, { seen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { seen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  return shop.row(`${kind} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

/** Kills the runtime and its AWS CLI where a line appears, and lets the next command recover. */
async function killed(version, where, pattern, stable) {
  release(version, 'good');
  const run = await shop.lasting(() => deploy(version, (line, kill) => pattern.test(line) && kill()));
  shop.expectEnd(`killed ${where}`, run, { signal: run.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${run.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, live: live() }, { code: 0, live: stable });
  const wasSeen = shop.firstAfter(run.begun, (response) => response.version === version) !== undefined;
  const restored = await shop.eventuallyAfter(recovered.begun, (response) => response.version === stable);
  shop.expectEnd(`killed ${where}`, recovered, { restored: restored !== undefined }, { restored: true });
  shop.row(`killed ${where} (${version})`, `recovered to ${stable}${wasSeen ? '' : `, users never saw ${version}`}`, undefined, wasSeen ? restored - recovered.begun : undefined);
}

/** Kills the runtime when some files are there, and others are not. */
async function killedDuringUpload(version, stable, files) {
  release(version, 'good', files);
  const sha = shop.git('rev-parse', version).trim();
  let isOver = false;
  const some = async (kill) => {
    while (!isOver) {
      const list = await fetch(`${endpoint}${BUCKET}?list-type=2&prefix=releases/production/${sha}`, { headers: { authorization: AUTHORIZATION } }).then((response) => response.text());
      const count = list.split('<Key>').length - 1;
      if (count > 20) return count < files && kill();
      await sleep(50);
    }
  };
  const run = await deploy(version, (line, kill) => { if (/upload \d+ of/.test(line)) void some(kill); });
  isOver = true;
  shop.expectEnd('killed during the upload', run, { signal: run.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  const wasSeen = shop.firstAfter(run.begun, (response) => response.version === version) !== undefined;
  shop.expectEnd('killed during the upload', recovered, { code: recovered.code, live: live(), wasSeen }, { code: 0, live: stable, wasSeen: false });
  shop.row(`killed during the upload (${version})`, `recovered to ${stable}, users never saw ${version}`);
}
/** As the emulator reads it: only the account counts. */
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';

/** The upload that was interrupted goes on: only what is missing is uploaded. */
async function continued(version) {
  const run = await deploy(version);
  const [, missing, all] = /upload (\d+) of (\d+) files/.exec(run.output) ?? [];
  shop.expectEnd('continued', run, { code: run.code, live: live(), isLess: Number(missing) < Number(all) }, { code: 0, live: version, isLess: true });
  shop.row(`the same release again (${version})`, `stable; uploaded ${missing} of ${all} files, the others were there`);
}

async function changedByHand(stable) {
  const changed = now();
  moveByHand('/by-hand');
  const status = await shop.delivery(['status', '--json', '--local']);
  const detected = status.ended;
  const plan = await shop.delivery(['plan', 'production', '--release', stable]);
  const facts = { status: /"changedByHand": "/.test(status.output), plan: /by hand/.test(plan.output) };
  shop.expectEnd('changed by hand', { output: `${status.output}\n--- plan\n${plan.output}` }, facts, { status: true, plan: true });
  const begun = now();
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', run, { code: run.code, live: live() }, { code: 0, live: stable });
  const restored = await shop.eventuallyAfter(begun, (response) => response.version === stable);
  shop.row('changed by hand (to /by-hand)', `restored to ${stable}`, detected - changed, restored - begun);
}

/** Someone moves the distribution in the moment in which a deployment is about to do so: their change stands until a person decides. */
async function movedMeanwhile(version, stable) {
  release(version, 'good');
  const run = await deploy(version, undefined, meanwhile('config.Origins.Items[0].OriginPath = "/by-hand"'));
  shop.expectEnd('moved meanwhile', run, { code: run.code, live: live(), said: /someone else moved the distribution/.test(run.output) }, { code: 3, live: '/by-hand', said: true });
  const restored = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'agreed with whoever moved it']);
  shop.expectEnd('moved meanwhile', restored, { code: restored.code, live: live() }, { code: 0, live: stable });
  shop.row(`someone else moves the distribution meanwhile (${version})`, `gave way and halted; a rollback by hand restored ${stable}`);
}

/** Someone changes another setting in that moment: the ETag is stale, and neither change is lost. */
async function changedMeanwhile(version, files) {
  release(version, 'good', files);
  const run = await deploy(version, undefined, meanwhile('config.Comment = "changed by someone else"'));
  const { Comment: comment, Origins: { Items: [{ CustomHeaders: headers }] } } = stateOf().Distribution.DistributionConfig;
  const facts = { code: run.code, live: live(), isStale: /PreconditionFailed/.test(run.output), comment, header: headers.Items[0].HeaderValue };
  shop.expectEnd('changed meanwhile', run, facts, { code: 0, live: version, isStale: true, comment: 'changed by someone else', header: 'kept' });
  shop.row(`stale ETag, ${files} files (${version})`, `stable after ${seconds(run.ended - run.begun)} s; both changes are there`);
}

/** The PATH with an `aws` that makes a change of someone else before the first update of the distribution, and is the real one otherwise. */
function meanwhile(change) {
  const real = execFileSync('bash', ['-c', 'command -v aws'], { encoding: 'utf8' }).trim();
  const folder = join(root, '../meanwhile');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pending'), '');
  writeFileSync(join(folder, 'aws'), `#!/usr/bin/env node
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, rmSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args[1] === 'update-distribution' && existsSync('${folder}/pending')) {
  rmSync('${folder}/pending');
  const { ETag, Distribution: { DistributionConfig: config } } = JSON.parse(execFileSync('${real}', ['cloudfront', 'get-distribution', '--id', '${distribution.id}', '--output', 'json']));
  ${change};
  writeFileSync('${folder}/config.json', JSON.stringify(config));
  execFileSync('${real}', ['cloudfront', 'update-distribution', '--id', '${distribution.id}', '--if-match', ETag, '--distribution-config', 'file://${folder}/config.json']);
}
process.exit(spawnSync('${real}', args, { stdio: 'inherit' }).status ?? 1);
`, { mode: 0o755 });
  return { PATH: `${folder}:${process.env.PATH}` };
}

/** A file of Stable is deleted: nothing begins. */
async function notRestorable(version, stable) {
  const key = `${originPath().slice(1)}/index.html`;
  aws('s3api', 'get-object', '--bucket', BUCKET, '--key', key, 'index.saved');
  aws('s3api', 'delete-object', '--bucket', BUCKET, '--key', key);
  release(version, 'good');
  const run = await deploy(version);
  shop.expectEnd('a file of Stable is gone', run, { code: run.code, live: live(), said: /could not be rolled back/.test(run.output) }, { code: 2, live: stable, said: true });
  aws('s3api', 'put-object', '--bucket', BUCKET, '--key', key, '--body', 'index.saved', '--content-type', 'text/html; charset=utf-8', '--cache-control', 'no-cache');
  shop.row(`a file of Stable is gone (${version})`, 'refused before anything changed');
}

async function checkHeaders(url, version) {
  const of = async (path) => {
    const { headers, status } = await fetch(url + path);
    return `${status} ${headers.get('content-type')} ${headers.get('cache-control')}`;
  };
  const facts = { page: await of(''), script: await of(`assets/app-${hash(version)}.js`), release: await of('delivery-release.json') };
  shop.expectEnd('headers', { output: '' }, facts, {
    page: '200 text/html; charset=utf-8 no-cache',
    script: '200 text/javascript; charset=utf-8 public, max-age=31536000, immutable',
    release: '200 application/json no-cache',
  });
  shop.row('headers', 'pages no-cache, hashed files immutable, right types');
}

function kept(stable) {
  const names = json('s3api', 'list-objects-v2', '--bucket', BUCKET, '--prefix', 'releases/production/', '--delimiter', '/', '--query', 'CommonPrefixes[].Prefix');
  shop.expectEnd('old releases', { output: names.join('\n') }, { few: names.length <= 5, live: live() }, { few: true, live: stable });
  shop.row('old releases', `${names.length} prefixes stay, Stable among them`);
}

const isBroken = ({ isGood }) => isGood === false;

async function play(url) {
  await checkHeaders(url, 'v2');
  await refused('v3', 'bad', 'v2', isBroken);
  await refused('v4', 'stale', 'v2', ({ version }) => version === 'v1');
  await killedDuringUpload('v5', 'v2', 400);
  await continued('v5');
  await killed('v6', 'during promote', /move the distribution/, 'v5');
  await changedByHand('v5');
  await movedMeanwhile('v7', 'v5');
  await changedMeanwhile('v8', 2_000);
  await notRestorable('v9', 'v8');
  await refused('v10', 'bad', 'v8', isBroken);
  kept('v8');
}

async function measure(versions) {
  for (const version of versions) await refused(version, 'bad', 'v2', isBroken);
  shop.keep('static site');
}

void shop.run(async () => {
  createBucket();
  distribution = createDistribution('shop');
  const front = await listen();
  const url = `http://127.0.0.1:${front.address().port}/`;
  synthesize(url);
  const stop = shop.useService(`${url}state.json`);
  try {
    for (const version of ['v1', 'v2']) {
      await good(version);
      shop.row(`good (${version})`, `${version} stable`);
    }
    await (shop.measured ? measure(shop.measured) : play(url));
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real AWS CLI, emulated AWS: a real distribution takes minutes');
