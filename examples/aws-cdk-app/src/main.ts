import { execSync } from 'node:child_process';
import { App, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** The commit: health checks identify the release by it. */
const version = execSync('git rev-parse HEAD', { encoding: 'utf8' }).trim();

export class Shop extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const handler = new Function(this, 'Handler', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      environment: { VERSION: version },
      code: Code.fromInline('exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ version: process.env.VERSION }) });'),
    });
    const api = new LambdaRestApi(this, 'Api', { handler });
    new CfnOutput(this, 'Url', { value: api.url });
  }
}

const app = new App();
// without an account: the same assembly is built once, and the credentials of each environment decide
new Shop(app, 'shop-staging');
new Shop(app, 'shop-production');
app.synth();
