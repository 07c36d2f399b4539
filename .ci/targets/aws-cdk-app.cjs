// The CDK app of the scenarios of .ci/targets/aws-cdk, and the cloud assemblies of its releases.
const { execFileSync } = require('node:child_process');
const { cpSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * Two stacks for production, and one that is not deployed here. `kind` says what is wrong with a release. It synthesizes several releases at once: to load the
 * library takes much longer. Without RELEASES it fails, as a deployment would that builds the app again.
 */
const APP = `
const { join } = require('node:path');
const cdk = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const ssm = require('aws-cdk-lib/aws-ssm');
for (const { kind, outdir, shop: folder } of JSON.parse(process.env.RELEASES)) {
  const app = new cdk.App({ outdir, context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' } });
  const data = new cdk.Stack(app, 'Data', { stackName: 'shop-data' });
  const table = new ssm.StringParameter(data, 'Table', { parameterName: '/shop/table', stringValue: 'orders' });
  const api = new cdk.Stack(app, 'Api', { stackName: 'shop-api', description: 'the shop, with an umlaut: ü' });
  const handler = (id, functionName, code, environment) => new lambda.Function(api, id, {
    functionName, environment, runtime: lambda.Runtime.PYTHON_3_11, handler: id + '.handle', code: lambda.Code.fromAsset(code), timeout: cdk.Duration.seconds(20),
    currentVersionOptions: { removalPolicy: cdk.RemovalPolicy.RETAIN },
  });
  const shop = handler('shop', 'shop', folder, { TABLE: table.parameterName, MODE: new cdk.CfnParameter(api, 'Mode', { default: 'calm' }).valueAsString });
  shop.addAlias('live');
  const guard = new cdk.CustomResource(api, 'Guard', { serviceToken: handler('guard', 'guard', 'code/guard').functionArn, properties: { Mode: kind === 'stuck' ? 'stuck' : 'free' } });
  if (kind === 'slow') {
    new cdk.CfnWaitCondition(api, 'Wait', { handle: new cdk.CfnWaitConditionHandle(api, 'Handle').ref, timeout: '6', count: 1 });
  }
  if (kind === 'failed' || kind === 'stuck') {
    const broken = new ssm.CfnParameter(api, 'Broken', { name: '/shop/broken', type: 'Nonsense', value: 'x' });
    broken.node.addDependency(guard);
  }
  const staging = new cdk.Stack(app, 'Staging', { stackName: 'shop-staging' });
  new ssm.StringParameter(staging, 'Table', { stringValue: 'staging' });
  app.synth();
}
`;

/** A custom resource that cannot be set back from "stuck" as long as the file `locked` exists. */
const guard = (lock) => `
import json, os, urllib.request
def handle(event, context):
    old = event.get('OldResourceProperties', {}).get('Mode')
    fails = event['RequestType'] == 'Update' and old == 'stuck' and os.path.exists('${lock}')
    body = json.dumps({'Status': 'FAILED' if fails else 'SUCCESS', 'Reason': 'the guard is locked', 'PhysicalResourceId': 'guard', 'StackId': event['StackId'],
                       'RequestId': event['RequestId'], 'LogicalResourceId': event['LogicalResourceId'], 'Data': {}}).encode()
    urllib.request.urlopen(urllib.request.Request(event['ResponseURL'], data=body, method='PUT', headers={'content-type': ''}))
`;

/** What a release does when it is invoked; `version` is what it calls itself. */
const BODIES = {
  good: (version) => `return {'statusCode': 200, 'body': json.dumps({'version': '${version}'})}`,
  bad: (version) => `return {'statusCode': 500, 'body': 'broken ${version}'}`,
  stale: () => "return {'statusCode': 200, 'body': json.dumps({'version': 'v0'})}",
};
const code = (version, kind) => `import json\ndef handle(event, context):\n    ${(BODIES[kind] ?? BODIES.good)(version)}\n`;

class ShopApp {
  /** @param lock the file that keeps the guard stuck */
  constructor(root, lock) {
    this.root = root;
    this.prepared = new Set();
    for (const id of ['shop', 'guard']) mkdirSync(join(root, 'code', id), { recursive: true });
    writeFileSync(join(root, 'app.js'), APP);
    writeFileSync(join(root, 'code/guard/guard.py'), guard(lock));
    writeFileSync(join(root, 'cdk.json'), JSON.stringify({ app: 'node app.js' }));
  }

  /** Builds the assemblies of releases, pairs of version and kind, with one call of `cdk synth`. */
  prepare(releases) {
    const named = releases.map(([version, kind]) => {
      const shop = this.beside('sources', version, kind);
      mkdirSync(shop, { recursive: true });
      writeFileSync(join(shop, 'shop.py'), code(version, kind));
      return { kind, outdir: this.beside('assemblies', version, kind), shop };
    });
    // the CLI names the first one's folder, and reads what is in it
    const [{ outdir: output, ...first }, ...others] = named;
    execFileSync('cdk', ['synth', '--quiet', '--no-notices', '--output', output], {
      cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, RELEASES: JSON.stringify([first, ...others]) },
    });
    for (const [version, kind] of releases) this.prepared.add(`${version} ${kind}`);
  }

  /** Puts the assembly of a release where a build of the project makes it. */
  build(version, kind, folder = 'cdk.out') {
    if (!this.prepared.has(`${version} ${kind}`)) this.prepare([[version, kind]]);
    rmSync(join(this.root, folder), { recursive: true, force: true });
    cpSync(this.beside('assemblies', version, kind), join(this.root, folder), { recursive: true });
  }

  /** Writes the source of a release into the work tree. */
  write(version, kind) {
    writeFileSync(join(this.root, 'code/shop/shop.py'), code(version, kind));
  }

  beside(what, version, kind) {
    return join(this.root, '..', what, `${version}-${kind}`);
  }
}

module.exports = { ShopApp };
