// What the scenarios of Kubernetes share: manifests of releases, the cluster as its administrator sees it, and users who open a connection for each request.
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { get } = require('node:http');
const { join } = require('node:path');
const { parseAllDocuments } = require('yaml');
const { pushImage } = require('./push-image.cjs');
const { LoadedScenarios } = require('./scenarios.cjs');

const NAMESPACE = 'acme';
/** Of the node: users and health checks reach the Service by it. */
const PORT = 30_090;
const SECRET = 'a-password-that-no-log-shows';

class KubernetesShop extends LoadedScenarios {
  /** @param program what runs in the containers */
  constructor(name, root, program, { namespace = NAMESPACE, port = PORT } = {}) {
    super(name, root);
    this.program = program;
    this.namespace = namespace;
    this.port = port;
    /** Of the runtime. */
    this.secrets = {};
    this.repository = `${process.env.REGISTRY}/acme/shop`;
    this.outputs = [];
    /** Of the image of each release. */
    this.digests = {};
  }

  /** As an administrator. */
  kubectl(...args) {
    return execFileSync('kubectl', ['--namespace', this.namespace, ...args], { cwd: this.root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** As an administrator. */
  apply(object) {
    execFileSync('kubectl', ['--namespace', this.namespace, 'apply', '--filename', '-'], { input: JSON.stringify(object), stdio: ['pipe', 'ignore', 'pipe'] });
  }

  /** A namespace, and a service account with the Role of the documentation and no other permission. Returns its token. */
  createAccount() {
    const [, pasted] = /^```yaml\n(apiVersion: rbac[\s\S]*?)^```$/m.exec(readFileSync('docs/targets/kubernetes.md', 'utf8'));
    const [role, binding] = parseAllDocuments(pasted.replaceAll('namespace: shop', `namespace: ${this.namespace}`)).map((document) => document.toJS());
    const account = binding.subjects[0].name;
    execFileSync('kubectl', ['create', 'namespace', this.namespace], { stdio: 'ignore' });
    for (const object of [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } }, role, binding]) this.apply(object);
    return this.kubectl('create', 'token', account, '--duration', '4h').trim();
  }

  /** A kubeconfig of the cluster for a user: `{ token }`, or `{ exec }`. */
  kubeconfigOf(user) {
    const config = JSON.parse(execFileSync('kubectl', ['config', 'view', '--raw', '--flatten', '--output', 'json'], { encoding: 'utf8' }));
    const contexts = [{ name: 'delivery', context: { cluster: config.clusters[0].name, user: 'delivery' } }];
    return JSON.stringify({ ...config, users: [{ name: 'delivery', user }], contexts, 'current-context': 'delivery' });
  }

  exists(object) {
    return this.kubectl('get', object, '--ignore-not-found', '--output', 'name').trim() !== '';
  }

  image(version) {
    return `${this.repository}@${this.digests[version]}`;
  }

  /**
   * The image of a release, and its manifests as a build writes them.
   *
   * @param kind `bad` responds with 500, `stale` with another version, `crashing` ends at once, `absent` names an image that the registry does not have
   * @param more the other objects of a version
   */
  async build(version, kind = 'good', more = () => []) {
    const pushed = this.digests[version] = await pushImage(process.env.REGISTRY, 'acme/shop', version, this.program, { labels: { version } });
    const digest = kind === 'absent' ? `sha256:${'0'.repeat(64)}` : pushed;
    const variables = { VERSION: kind === 'stale' ? 'v0' : version, KIND: kind };
    const objects = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { greeting: `hello from ${version}` } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'database' }, stringData: { password: SECRET } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: this.port }] } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 2,
          progressDeadlineSeconds: 60,
          selector: { matchLabels: { app: 'web' } },
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              terminationGracePeriodSeconds: 8,
              containers: [{
                name: 'web',
                image: `${this.repository}@${digest}`,
                env: [
                  ...Object.entries(variables).map(([name, value]) => ({ name, value })),
                  { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
                  { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
                ],
                ports: [{ containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
                lifecycle: { preStop: { sleep: { seconds: 2 } } },
              }],
            },
          },
        },
      },
      ...more(version),
    ].flatMap((object) => this.changed(object));
    rmSync(join(this.root, 'dist'), { recursive: true, force: true });
    mkdirSync(join(this.root, 'dist'));
    // JSON is YAML
    writeFileSync(join(this.root, 'dist/shop.k8s.yaml'), objects.map((object) => `${JSON.stringify(object, undefined, 2)}\n`).join('---\n'));
    this.release(version);
  }

  /** An object of the manifests as a target needs it. */
  changed(object) {
    return [object];
  }

  async command(args, onLine, env = {}) {
    const ended = await this.delivery(args, onLine, { KUBECONFIG: '/dev/null', ...this.secrets, ...env });
    this.outputs.push(ended.output);
    return ended;
  }

  deploy(version, onLine) {
    return this.command(['deploy', 'production', '--release', version], onLine);
  }

  get url() {
    return `http://127.0.0.1:${this.port}/health`;
  }

  /** One request on a connection of its own: kube-proxy chooses a pod for each connection. */
  request(url) {
    return new Promise((done) => {
      const sent = get(url, { agent: false, timeout: 120_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => { text += part; });
        response.on('end', () => {
          try {
            done({ ...JSON.parse(text), status: response.statusCode });
          } catch {
            done({ status: response.statusCode });
          }
        });
        response.on('error', () => done({}));
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => done({}));
    });
  }
}

module.exports = { KubernetesShop, NAMESPACE, SECRET };
