import { LambdaApi } from './lambda-api';
import { descriptionOf, isNewEnough, LONGEST_DESCRIPTION, versionOf } from './lambda-steps';
import { LambdaDriverManifest } from '../../../contract/target-manifest';
import { ConfigurationError } from '../../errors';
import { AwsCli } from '../aws-cli';
import { EngineError, EngineErrorKind } from '../engine-error';
import { Intent } from '../target-driver';

export interface LambdaPreflight {
  readonly api: LambdaApi;
  readonly cli: AwsCli;
  readonly environment: string;
  readonly giveUpAt: number;
  readonly intent: Intent;
  readonly settings: LambdaDriverManifest;
}

/** The kinds that a retry does not help. */
const FIXES: Partial<Record<EngineErrorKind, string>> = {
  signedOut: 'Sign in before the deployment',
  accessDenied: 'Add the permissions of docs/targets/lambda.md to the role',
  cliMissing: 'Install the AWS CLI, version 2 or 1.29, in setupSteps',
};

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightLambda(given: LambdaPreflight): Promise<void> {
  const { api, cli, giveUpAt, settings } = given;
  const { functionName } = settings;
  const version = await fixed(given, cli.version(giveUpAt));
  if (!isNewEnough(version)) refuse(given, `the AWS CLI ${version} is too old`, FIXES.cliMissing!);
  const account = await fixed(given, api.account());
  if (settings.account !== undefined && settings.account !== account) {
    refuse(given, `account: the credentials belong to the account ${account}, not ${settings.account}`, 'Sign in to the right account, or correct Target.lambda account');
  }
  const where = `in ${cli.regionName} of the account ${account}`;
  // a function that is missing is named before its alias
  const [latest, alias] = await Promise.allSettled([api.latest(), api.alias()]);
  const noFunction = `functionName: there is no function ${functionName} ${where}. Create it, or correct functionName or region`;
  const noAlias = `alias: the function ${functionName} has no alias ${settings.alias} ${where}. Create it: aws lambda create-alias --function-name ${functionName} --name ${settings.alias} --function-version VERSION`;
  const { packageType } = await fixed(given, settledAs(latest), noFunction);
  await fixed(given, settledAs(alias), noAlias);
  if (packageType === 'Image' && settings.code !== undefined) refuse(given, `functionName: ${functionName} runs a container image, and Target.lambda deploys a zip file`, 'Name a function of the package type Zip, or set image');
  if (packageType !== 'Image' && settings.code === undefined) refuse(given, `functionName: ${functionName} runs a zip file, and Target.lambda deploys a container image`, 'Name a function of the package type Image, or set code');
  await checkRestorable(given, where);
}

function settledAs<T>(result: PromiseSettledResult<T>): Promise<T> {
  return result.status === 'fulfilled' ? Promise.resolve(result.value) : Promise.reject(result.reason);
}

async function checkRestorable(given: LambdaPreflight, where: string): Promise<void> {
  const { api, environment, intent: { kind, release, stable }, settings: { functionName } } = given;
  if (descriptionOf(release).length > LONGEST_DESCRIPTION) refuse(given, `the name of the release is too long for the description of a version (${LONGEST_DESCRIPTION} characters)`, 'Use a shorter tag');
  const needed = kind === 'rollback' ? release : stable;
  if (!needed || versionOf(await fixed(given, api.versions()), needed)) return;
  const why = kind === 'rollback' ? 'so it cannot be restored' : 'so a bad release could not be rolled back';
  refuse(
    given, `functionName: the function ${functionName} ${where} has no version with ${needed.version} (${needed.sha.slice(0, 7)}), ${why}`,
    kind === 'rollback' ? 'Choose another release' : `Record what is live as Stable: adopt ${environment} --release VERSION`,
  );
}

/** What a retry does not help is an error of the configuration; anything else keeps its type. */
async function fixed<T>(given: LambdaPreflight, asked: Promise<T>, missing?: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.kind === 'notFound' && missing !== undefined) throw new ConfigurationError(`${given.environment}: Target.lambda ${missing}. Nothing was changed.`);
    const fix = FIXES[error.kind];
    if (fix !== undefined) refuse(given, error.message, fix);
    throw error;
  }
}

function refuse({ environment }: LambdaPreflight, problem: string, fix: string): never {
  throw new ConfigurationError(`${environment}: Target.lambda ${problem}. ${fix}. Nothing was changed.`);
}
