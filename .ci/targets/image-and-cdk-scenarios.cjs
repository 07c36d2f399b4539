// The scenarios of .ci/targets/image with Target.awsCdk: `cdk synth` writes the digest of the image into a stack, and users get what the image that the
// stack names responds.
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join, resolve } = require('node:path');
const { now, Scenarios } = require('./scenarios.cjs');

const run = process.argv[2];
const shop = new Scenarios('image and CDK', join(run, 'cdk-shop'));
const { root } = shop;
const { REGISTRY } = process.env;
const REPOSITORY = `${REGISTRY}/acme/cdk-shop`;
const call = (program, args) => execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** As the app of a user: without the image there is no template. */
const APP = `
const cdk = require('aws-cdk-lib');
const ssm = require('aws-cdk-lib/aws-ssm');
if (!process.env.DELIVERY_IMAGE) throw new Error('no image');
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Api', { stackName: 'image-api' });
new ssm.StringParameter(stack, 'Image', { parameterName: '/shop/image', stringValue: process.env.DELIVERY_IMAGE });
app.synth();
`;

function synthesize(url) {
  shop.synthesize(({ Artifact, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger }, project) => {
    project.addTask('contents', { exec: 'cp version contents' });
    project.addTask('synth', { exec: 'cdk synth --quiet --no-notices' });
    return {
      target: Target.awsCdk({ stacks: ['Api'], account: process.env.AWS_ACCESS_KEY_ID }),
      artifact: Artifact.image({ repository: REPOSITORY, buildTask: 'contents' }),
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
  }, ['cdk.out', '.delivery*', 'node_modules', 'contents']);
  writeFileSync(join(root, 'app.js'), APP);
  writeFileSync(join(root, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY contents /contents\nCMD ["-"]\n');
  // the tasks run without the npm registry
  symlinkSync(resolve(__dirname, '../../node_modules'), join(root, 'node_modules'));
}

/** The image that the stack names. */
const live = () => JSON.parse(call('aws', ['ssm', 'get-parameter', '--name', '/shop/image', '--output', 'json'])).Parameter.Value;

const responses = new Map();
/** What is in the image that the stack names, out of the registry's own copy. */
function response() {
  const image = live();
  if (!responses.has(image)) {
    const container = call('docker', ['create', image]);
    const folder = join(run, 'contents');
    mkdirSync(folder, { recursive: true });
    call('docker', ['cp', `${container}:/contents`, join(folder, container)]);
    call('docker', ['rm', container]);
    responses.set(image, readFileSync(join(folder, container), 'utf8'));
  }
  return responses.get(image);
}

async function listen() {
  const server = createServer(async (incoming, out) => {
    let body;
    try {
      body = response();
    } catch (error) {
      // before the first release there is no stack
      body = error.message;
    }
    const statusCode = body.startsWith('{') ? 200 : 500;
    await shop.usersFirst(incoming, { statusCode, body });
    out.writeHead(statusCode).end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

const digests = {};
async function build(version, kind = 'good') {
  writeFileSync(join(root, 'version'), kind === 'bad' ? `broken ${version}` : JSON.stringify({ version }));
  shop.release(version);
  const built = await shop.delivery(['build']);
  digests[version] = /@(sha256:[0-9a-f]{64})/.exec(built.output)?.[1];
  shop.expectEnd(`build ${version}`, built, { code: built.code }, { code: 0 });
  const template = readFileSync(join(root, 'cdk.out/Api.template.json'), 'utf8');
  shop.expectEnd(`build ${version}`, built, { names: template.includes(`${REPOSITORY}@${digests[version]}`) }, { names: true });
}

const deploy = (version, onLine) => shop.delivery(['deploy', 'production', '--release', version], onLine);
const right = (version) => ({ live: `${REPOSITORY}@${digests[version]}` });

async function good(version) {
  await build(version);
  const deployed = await deploy(version);
  shop.expectEnd(`good ${version}`, deployed, { code: deployed.code, live: live() }, { code: 0, ...right(version) });
  shop.row(`good (${version})`, `${version} stable, the stack names its digest`);
}

async function bad(version, stable) {
  await build(version, 'bad');
  const before = now();
  const deployed = await deploy(version);
  shop.expectEnd('bad', deployed, { code: deployed.code, live: live() }, { code: 1, ...right(stable) });
  const wrong = shop.firstAfter(before, ({ status }) => status === 500);
  const decided = shop.decisionIn(deployed, wrong);
  const restored = await shop.eventuallyAfter(decided, ({ version: served }) => served === stable);
  shop.expectEnd('bad', deployed, { wasSeen: wrong !== undefined, restored: restored > decided }, { wasSeen: true, restored: true });
  shop.row(`bad (${version})`, `rolled back to ${stable}: its assembly and its digest`, decided - wrong, restored - decided);
}

const forget = (version) => execFileSync('curl', ['-fsS', '-X', 'DELETE', `http://${REGISTRY}/v2/acme/cdk-shop/manifests/${digests[version]}`]);

async function gone(version, stable) {
  await build(version);
  forget(stable);
  const plan = await shop.delivery(['plan', 'production', '--release', version]);
  shop.expectEnd('Stable gone', plan, { code: plan.code, says: new RegExp(`the image of ${stable} .*is not in the registry`).test(plan.output) }, { code: 0, says: true });
  shop.row(`Stable's digest is gone (${stable})`, 'the plan says that a bad release would be halted', plan.ended - plan.begun);
  forget(version);
  const deployed = await deploy(version);
  shop.expectEnd('gone', deployed, { code: deployed.code, says: /is not in the registry/.test(deployed.output), live: live() }, { code: 2, says: true, ...right(stable) });
  shop.row(`its digest is gone (${version})`, 'refused, nothing changed', deployed.ended - deployed.begun);
}

void shop.run(async () => {
  const server = await listen();
  const url = `http://127.0.0.1:${server.address().port}/health`;
  synthesize(url);
  const stop = shop.useService(url, 200);
  try {
    await good('v1');
    await bad('v2', 'v1');
    await gone('v3', 'v1');
  } finally {
    stop();
    server.close();
    server.closeAllConnections();
  }
}, 'real docker, registry and CDK CLI, ministack');
