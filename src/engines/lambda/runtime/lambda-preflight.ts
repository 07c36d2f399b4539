import { descriptionOf, LONGEST_DESCRIPTION, versionOf } from './lambda-steps';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { LEAST_AWS_CLI } from '../../../runtime/aws/aws-cli-versions';
import { awsFixes, PreflightCheck, settled } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { LambdaApi } from '../../aws/runtime/lambda-api';
import { LambdaDriverManifest } from '../manifest';

export interface LambdaPreflight {
  readonly api: LambdaApi;
  readonly cli: AwsCli;
  readonly environment: string;
  readonly giveUpAt: number;
  readonly intent: Intent;
  readonly settings: LambdaDriverManifest;
}

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightLambda(given: LambdaPreflight): Promise<void> {
  const { api, cli, environment, giveUpAt, intent, settings } = given;
  const { functionName } = settings;
  const check = new PreflightCheck(environment, 'Target.lambda', awsFixes('lambda'));
  const account = await check.awsAccount({ version: cli.version(giveUpAt), account: api.account(), least: LEAST_AWS_CLI, wanted: settings.account });
  const where = `in ${cli.regionName} of the account ${account}`;
  // a function that is missing is named before its alias
  const [latest, alias] = await Promise.allSettled([api.latest(), api.alias()]);
  const noFunction = `functionName: there is no function ${functionName} ${where}. Create it, or correct functionName or region`;
  const noAlias = `alias: the function ${functionName} has no alias ${settings.alias} ${where}. Create it: aws lambda create-alias --function-name ${functionName} --name ${settings.alias} --function-version VERSION`;
  const { packageType } = await check.fixed(settled(latest), noFunction);
  await check.fixed(settled(alias), noAlias);
  if (packageType === 'Image' && settings.code !== undefined) check.refuse(`functionName: ${functionName} runs a container image, and Target.lambda deploys a zip file`, 'Name a function of the package type Zip, or set image');
  if (packageType !== 'Image' && settings.code === undefined) check.refuse(`functionName: ${functionName} runs a zip file, and Target.lambda deploys a container image`, 'Name a function of the package type Image, or set code');
  if (descriptionOf(intent.release).length > LONGEST_DESCRIPTION) check.refuse(`the name of the release is too long for the description of a version (${LONGEST_DESCRIPTION} characters)`, 'Use a shorter tag');
  await check.restorable(intent, async (needed) => (
    versionOf(await check.fixed(api.versions()), needed) ? undefined : `functionName: the function ${functionName} ${where} has no version with ${needed.version} (${needed.sha.slice(0, 7)})`
  ));
}
