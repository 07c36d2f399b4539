// What the scenarios of ECS share: images of releases, a cluster, and a small HTTP server that passes users' requests to the emulator's load balancer.
const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { createServer, request } = require('node:http');
const { join } = require('node:path');
const { Scenarios } = require('./scenarios.cjs');

/** The response of a release; a bad one has no such page, and a failing one ends at once. */
const PAGES = { good: (version) => ({ version }), stale: () => ({ version: 'v0' }), bad: () => undefined, failing: (version) => ({ version }), errors: (version) => ({ version }) };

/** A page that a release computes for each request: one of 20 fails with the kind `errors`. */
const computed = (version, kind) => `#!/busybox sh
${kind === 'errors' ? '[ $((RANDOM % 20)) -ne 0 ] || printf \'Status: 500 Internal Server Error\\r\\n\'\n' : ''}printf 'Content-Type: application/json\\r\\n\\r\\n{"version":"${version}"}'
`;

class EcsShop extends Scenarios {
  constructor(name, root) {
    super(name, root);
    this.emulator = process.env.AWS_ENDPOINT_URL;
    this.repository = `${process.env.REGISTRY}/acme/shop`;
  }

  aws(...args) {
    return JSON.parse(execFileSync('aws', [...args, '--output', 'json'], { cwd: this.root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) || 'null');
  }

  /** The artifact is an image, unless `options` has another one. */
  synthesize(options) {
    super.synthesize((library) => ({ artifact: library.Artifact.image({ repository: this.repository }), ...options(library) }));
  }

  /** The image of a release, in the registry. Returns its digest. */
  async build(version, kind = 'good') {
    this.write(version, kind);
    this.release(version);
    const built = await this.delivery(['build']);
    const [, digest] = /@(sha256:[0-9a-f]{64})/.exec(built.output) ?? [];
    this.expectEnd(`build ${version}`, built, { code: built.code, isBuilt: digest !== undefined }, { code: 0, isBuilt: true });
    return digest;
  }

  write(version, kind) {
    const page = PAGES[kind](version);
    mkdirSync(join(this.root, 'app/www'), { recursive: true });
    copyFileSync('/bin/busybox', join(this.root, 'app/busybox'));
    writeFileSync(join(this.root, 'app/www', page === undefined ? 'release' : 'page'), page === undefined ? version : JSON.stringify(page));
    mkdirSync(join(this.root, 'app/www/cgi-bin'), { recursive: true });
    writeFileSync(join(this.root, 'app/www/cgi-bin/page'), computed(version, kind), { mode: 0o755 });
    writeFileSync(join(this.root, 'Dockerfile'), [
      // as process 1 busybox ignores SIGTERM
      'FROM scratch', 'STOPSIGNAL SIGKILL', 'COPY app/busybox /busybox', `COPY app/www/${page === undefined ? 'release' : 'page'} /www/`, 'COPY app/www/cgi-bin /www/cgi-bin/',
      kind === 'failing' ? 'ENTRYPOINT ["/busybox", "false"]' : 'ENTRYPOINT ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]', '',
    ].join('\n'));
  }

  /** A cluster with a load balancer, whose listener forwards to the first service, as someone else created it. */
  createCluster(name, image, services) {
    const aws = (...args) => this.aws(...args);
    const vpc = aws('ec2', 'describe-vpcs', '--query', 'Vpcs[0].VpcId');
    const subnets = aws('ec2', 'describe-subnets', '--query', 'Subnets[0:2].SubnetId');
    aws('ecs', 'create-cluster', '--cluster-name', name);
    const groups = services.map((service) => aws('elbv2', 'create-target-group', '--name', service, '--protocol', 'HTTP', '--port', '8080', '--vpc-id', vpc, '--target-type', 'ip', '--query', 'TargetGroups[0].TargetGroupArn'));
    const { arn, host } = aws('elbv2', 'create-load-balancer', '--name', name, '--subnets', ...subnets, '--query', 'LoadBalancers[0].{arn: LoadBalancerArn, host: DNSName}');
    const listener = aws('elbv2', 'create-listener', '--load-balancer-arn', arn, '--protocol', 'HTTP', '--port', '80', '--default-actions', `Type=forward,TargetGroupArn=${groups[0]}`, '--query', 'Listeners[0].ListenerArn');
    aws('ecs', 'register-task-definition', '--family', name, '--network-mode', 'awsvpc', '--requires-compatibilities', 'FARGATE', '--cpu', '256', '--memory', '512',
      '--container-definitions', JSON.stringify([{ name: 'web', image, essential: true, portMappings: [{ containerPort: 8080 }] }]));
    for (const [at, service] of services.entries()) {
      aws('ecs', 'create-service', '--cluster', name, '--service-name', service, '--task-definition', `${name}:1`, '--desired-count', at === 0 ? '1' : '0', '--launch-type', 'FARGATE',
        '--load-balancers', `targetGroupArn=${groups[at]},containerName=web,containerPort=8080`, '--network-configuration', `awsvpcConfiguration={subnets=[${subnets.join()}]}`,
        '--deployment-configuration', 'deploymentCircuitBreaker={enable=true,rollback=true}');
    }
    return { groups, host, listener };
  }

  /**
   * Passes requests to the load balancer, which knows itself by the header Host. `/blue/` and `/green/` in front of a path are a header of the request.
   *
   * @param passing where users' requests go, and with which headers; the emulator if it returns nothing
   */
  async listen(hostOf, passing = () => undefined) {
    const server = createServer((incoming, response) => {
      const [, slot, path] = /^\/(?:(blue|green)\/)?(.*)$/.exec(incoming.url);
      const { through = this.emulator, headers = {} } = (!slot && passing()) || {};
      const passed = request(`${through}/${path}`, { headers: { host: hostOf(), ...(slot && { 'x-slot': slot }), ...headers } }, async (received) => {
        const body = Buffer.concat(await received.toArray());
        // a slot may have no users
        if (!slot) await this.usersFirst(incoming, { statusCode: received.statusCode, body: body.toString() });
        response.writeHead(received.statusCode, { 'content-type': 'application/json' }).end(body);
      });
      passed.on('error', () => response.writeHead(502).end());
      passed.end();
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return server;
  }

  /** The release that the container of a service names. */
  releaseOf(cluster, service) {
    const { taskDefinition } = this.aws('ecs', 'describe-services', '--cluster', cluster, '--services', service, '--query', 'services[0]');
    const { environment = [] } = this.aws('ecs', 'describe-task-definition', '--task-definition', taskDefinition, '--query', 'taskDefinition.containerDefinitions[0]');
    return environment.find(({ name }) => name === 'DELIVERY_VERSION')?.value;
  }

  deploy(version, onLine) {
    return this.delivery(['deploy', 'production', '--release', version], onLine);
  }
}

module.exports = { EcsShop };
