// The scenarios of .ci/targets/ecs. Users ask a small HTTP server, which passes their requests to the emulator's load balancer.
const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { join } = require('node:path');
const { now, Scenarios } = require('./scenarios.cjs');

const shop = new Scenarios('ecs', join(process.argv[2], 'shop'));
const { root } = shop;
const { AWS_ENDPOINT_URL: endpoint, REGISTRY } = process.env;
const REPOSITORY = `${REGISTRY}/acme/shop`;
const aws = (...args) => JSON.parse(execFileSync('aws', [...args, '--output', 'json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) || 'null');

function synthesize(url) {
  const { Project, github } = require('projen');
  const { Artifact, Delivery, Duration, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } = require('../../lib');
  const project = new Project({ name: 'shop', outdir: root });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  project.logger.info = () => undefined;
  project.gitignore.exclude('ledger.json*');
  new Delivery(project, {
    artifact: Artifact.image({ repository: REPOSITORY }),
    target: Target.ecs({ cluster: 'shop', service: 'web' }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url,
      strategy: Strategy.redeploy({ bake: Duration.seconds(2) }),
      healthChecks: [HealthCheck.http(`${url}page`, {
        release: ReleaseIdentity.json('version', { propagation: Duration.seconds(5) }), interval: Duration.seconds(1), deadline: Duration.seconds(40),
      })],
    }],
  });
  project.synth();
}

/** What a release answers; a bad one has no such page, and a failing one ends at once. */
const PAGES = { good: (version) => ({ version }), stale: () => ({ version: 'v0' }), bad: () => undefined, failing: (version) => ({ version }) };

function write(version, kind) {
  const page = PAGES[kind](version);
  mkdirSync(join(root, 'app/www'), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'app/busybox'));
  writeFileSync(join(root, 'app/www', page === undefined ? 'release' : 'page'), page === undefined ? version : JSON.stringify(page));
  writeFileSync(join(root, 'Dockerfile'), [
    // as process 1 busybox ignores SIGTERM
    'FROM scratch', 'STOPSIGNAL SIGKILL', 'COPY app/busybox /busybox', `COPY app/www/${page === undefined ? 'release' : 'page'} /www/`,
    kind === 'failing' ? 'ENTRYPOINT ["/busybox", "false"]' : 'ENTRYPOINT ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]', '',
  ].join('\n'));
}

async function build(version, kind = 'good') {
  write(version, kind);
  shop.release(version);
  const built = await shop.delivery(['build']);
  const [, digest] = /@(sha256:[0-9a-f]{64})/.exec(built.output) ?? [];
  shop.expectEnd(`build ${version}`, built, { code: built.code, isBuilt: digest !== undefined }, { code: 0, isBuilt: true });
  return digest;
}

/** A service behind a load balancer, as somebody else made it. Returns the name that the balancer answers to. */
function createService(image) {
  const vpc = aws('ec2', 'describe-vpcs', '--query', 'Vpcs[0].VpcId');
  const subnets = aws('ec2', 'describe-subnets', '--query', 'Subnets[0:2].SubnetId');
  aws('ecs', 'create-cluster', '--cluster-name', 'shop');
  const [group] = aws('elbv2', 'create-target-group', '--name', 'web', '--protocol', 'HTTP', '--port', '8080', '--vpc-id', vpc, '--target-type', 'ip', '--query', 'TargetGroups[].TargetGroupArn');
  const [{ arn, host }] = aws('elbv2', 'create-load-balancer', '--name', 'shop', '--subnets', ...subnets, '--query', 'LoadBalancers[].{arn: LoadBalancerArn, host: DNSName}');
  aws('elbv2', 'create-listener', '--load-balancer-arn', arn, '--protocol', 'HTTP', '--port', '80', '--default-actions', `Type=forward,TargetGroupArn=${group}`);
  aws('ecs', 'register-task-definition', '--family', 'shop', '--network-mode', 'awsvpc', '--requires-compatibilities', 'FARGATE', '--cpu', '256', '--memory', '512',
    '--container-definitions', JSON.stringify([{ name: 'web', image, essential: true, portMappings: [{ containerPort: 8080 }] }]));
  aws('ecs', 'create-service', '--cluster', 'shop', '--service-name', 'web', '--task-definition', 'shop:1', '--desired-count', '1', '--launch-type', 'FARGATE',
    '--load-balancers', `targetGroupArn=${group},containerName=web,containerPort=8080`, '--network-configuration', `awsvpcConfiguration={subnets=[${subnets.join()}]}`,
    '--deployment-configuration', 'deploymentCircuitBreaker={enable=true,rollback=true}');
  return host;
}

/** Passes requests to the load balancer, which knows itself by the header Host. */
async function listen(hostOf) {
  const server = createServer((incoming, response) => {
    const passed = request(`${endpoint}${incoming.url}`, { headers: { host: hostOf() } }, (answer) => {
      response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
      answer.pipe(response);
    });
    passed.on('error', () => response.writeHead(502).end());
    passed.end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** The release that the service's container names. */
function live() {
  const { taskDefinition } = aws('ecs', 'describe-services', '--cluster', 'shop', '--services', 'web', '--query', 'services[0]');
  const { environment = [] } = aws('ecs', 'describe-task-definition', '--task-definition', taskDefinition, '--query', 'taskDefinition.containerDefinitions[0]');
  return environment.find(({ name }) => name === 'DELIVERY_VERSION')?.value;
}

const deploy = (version, onLine) => shop.delivery(['deploy', 'production', '--release', version], onLine);

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
    const asked = shop.answers.filter(({ at }) => at >= before && at <= deployed.ended);
    const lost = asked.filter(({ version: answered }) => answered !== stable).length;
    const failed = deployed.lines.find(({ text }) => /circuit breaker/.test(text))?.at;
    shop.expectEnd(kind, deployed, { wasSeen: wrong !== undefined, hasReason: failed !== undefined, fewLost: lost <= asked.length / 20 }, { wasSeen: false, hasReason: true, fewLost: true });
    return shop.row(`${kind} (${version})`, `${stable} stable, users never saw ${version}, ${lost} of ${asked.length} requests failed`, failed - before);
  }
  const decided = shop.decisionIn(deployed, wrong);
  const restored = shop.firstAfter(decided, ({ version: answered }) => answered === stable);
  shop.expectEnd(kind, deployed, { wasSeen: wrong !== undefined, decided: decided > wrong, restored: restored > decided }, { wasSeen: true, decided: true, restored: true });
  shop.restores.push(restored - decided);
  return shop.row(`${kind} (${version})`, `rolled back to ${stable}`, decided - wrong, restored - decided);
}

async function killed(version, where, pattern, stable) {
  await build(version);
  const run = await deploy(version, (line, kill) => pattern.test(line) && kill());
  shop.expectEnd(`killed ${where}`, run, { signal: run.signal }, { signal: 'SIGKILL' });
  const recovered = await shop.delivery(['rollback', 'production', '--recover', '--local']);
  shop.expectEnd(`killed ${where}`, { output: `${run.output}\n--- recover\n${recovered.output}` }, { code: recovered.code, live: live() }, { code: 1, live: stable });
  const restored = shop.firstAfter(recovered.ended - 500, ({ version: answered }) => answered === stable);
  shop.expectEnd(`killed ${where}`, recovered, { restored: restored !== undefined }, { restored: true });
  shop.row(`killed ${where} (${version})`, `recovered to ${stable}`, undefined, recovered.ended - recovered.begun);
}

async function changedByHand(stable) {
  const changed = now();
  aws('ecs', 'update-service', '--cluster', 'shop', '--service', 'web', '--task-definition', 'shop:2');
  let status;
  do status = await shop.delivery(['status', '--json', '--local']);
  while (!/"changedByHand": "/.test(status.output) && now() - changed < 30_000);
  shop.expectEnd('changed by hand', status, { status: /"changedByHand": "/.test(status.output) }, { status: true });
  const begun = now();
  const run = await shop.delivery(['rollback', 'production', '--local', '--release', stable, '--reason', 'it was changed by hand']);
  shop.expectEnd('changed by hand', run, { code: run.code, live: live() }, { code: 0, live: stable });
  shop.row('changed by hand (to shop:2)', `restored to ${stable}`, status.ended - changed, run.ended - begun);
}

void shop.run(async () => {
  let host;
  const front = await listen(() => host);
  const url = `http://127.0.0.1:${front.address().port}/`;
  synthesize(url);
  host = createService(`${REPOSITORY}@${await build('v0')}`);
  const stop = shop.useService(`${url}page`);
  try {
    await good('v1');
    await good('v2');
    await refused('v3', 'bad', 'v2', ({ status }) => status === 404);
    await refused('v4', 'stale', 'v2', ({ version }) => version === 'v0');
    await refused('v5', 'failing', 'v2', ({ version }) => version === 'v5');
    await killed('v6', 'before the service was updated', /register v6/, 'v2');
    await killed('v7', 'during the rollout', /read the state again/, 'v2');
    await killed('v8', 'after the rollout', /deploy succeeded|with v8$/, 'v2');
    await changedByHand('v2');
    await good('v9');
  } finally {
    stop();
    front.close();
    front.closeAllConnections();
  }
}, 'real AWS CLI and containers, emulated AWS');
