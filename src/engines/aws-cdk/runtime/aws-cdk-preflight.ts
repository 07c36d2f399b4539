import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsCdkDriverManifest } from '../manifest';
import { AssetsApi } from './assets-api';
import { CdkCli } from './cdk-cli';
import { AssemblyStack, readAssembly } from './cloud-assembly';
import { CloudFormationApi } from './cloudformation-api';
import { ensureAssets } from './stable-assets';
import { outsideOf } from './stack-assets';
import { selectStacks, shownStack } from './stack-selection';
import { stackStep } from './stack-steps';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { LEAST_AWS_CLI, LEAST_FOR_CHANGE_SETS } from '../../../runtime/aws/aws-cli-versions';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { awsFixes, PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';

export interface AwsCdkPreflight {
  readonly api: CloudFormationApi;
  readonly assets: AssetsApi;
  readonly awsCli: AwsCli;
  readonly cdk: CdkCli;
  readonly context: RuntimeContext;
  readonly giveUpAt: number;
  readonly intent: Intent;
  readonly settings: AwsCdkDriverManifest;
  /** Gives `work` the cloud assembly of a release. */
  readonly withAssembly: <T>(release: Release, work: (assembly: string) => Promise<T>) => Promise<T>;
  readonly pause: (why: string) => Promise<void>;
}

/** The kinds that a retry does not help. */
const FIXES = awsFixes('aws-cdk');

const CDK_FIX = 'Install a CDK CLI that is at least as new as aws-cdk-lib: npm install --save-dev aws-cdk@latest, or set a newer cdkCliVersion';

/** How long the update of someone else is awaited. */
const OTHERS_MS = 20_000;

/** Checks everything that a deployment and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightAwsCdk(given: AwsCdkPreflight): Promise<void> {
  const { api, awsCli, giveUpAt, intent: { kind, release, stable }, settings, withAssembly } = given;
  const least = settings.changeSet === 'review' ? LEAST_FOR_CHANGE_SETS : LEAST_AWS_CLI;
  const check = preflightCheck(given.context.environment.name, awsFixes('aws-cdk', least));
  const version = awsCli.version(giveUpAt);
  const account = await check.awsAccount({ version, account: api.account(), least, wanted: settings.account });
  const stacks = await withAssembly(release, (assembly) => checkAssembly(check, given, release, assembly, account));
  await Promise.all([checkBootstrap(check, given, stacks), checkStates(check, given, stacks)]);
  if (kind === 'rollback' || !stable) return;
  await withAssembly(stable, async (assembly) => {
    const stableStacks = await checkAssembly(check, given, stable, assembly, account);
    const place = { account, region: settings.region ?? awsCli.regionName };
    await ensureAssets({ api: given.assets, assembly, cdk: given.cdk, check, context: given.context, place, release: stable, stacks: stableStacks });
  });
}

/** The checks of the target. */
export function preflightCheck(environment: string, fixes = FIXES): PreflightCheck {
  return new PreflightCheck(environment, 'Target.awsCdk', fixes);
}

/** The CLI can read the assembly, its stacks are known and belong to the account, and its assets are in it. */
async function checkAssembly(
  check: PreflightCheck, given: AwsCdkPreflight, { version }: Release, assembly: string, account: string,
): Promise<readonly AssemblyStack[]> {
  const { cdk, giveUpAt, settings } = given;
  await access(join(assembly, 'manifest.json')).catch(() => check.refuse(`app: ${settings.assembly} of ${version} is not a cloud assembly: it has no manifest.json`, 'Build it with cdk synth, or correct Target.awsCdk app'));
  await preflightCheck(given.context.environment.name, { ...FIXES, cliMissing: CDK_FIX }).fixed(cdk.read(assembly, giveUpAt));
  const { stacks, ...problem } = selectStacks(await check.fixed(readAssembly(assembly)), settings.stacks);
  if (!stacks) check.refuse(`stacks: in ${version} ${(problem as { problem: string }).problem}`, (problem as { fix: string }).fix);
  const foreign = stacks.find((stack) => stack.account !== undefined && stack.account !== account);
  if (foreign) check.refuse(`stacks: ${shownStack(foreign)} belongs to the account ${foreign.account}, and the credentials to ${account}`, 'Sign in to the account of the stack, or select other stacks');
  const outside = await outsideOf(assembly, stacks);
  if (outside !== undefined) check.refuse(`app: the asset ${outside} of ${version} is outside of ${settings.assembly}, so it cannot be deployed again`, 'Synthesize without --no-staging');
  return stacks;
}

/** The first minor version of the CDK CLI 2 that knows `--method`. An older one ignores it, and would deploy what no one has approved. */
const LEAST_CDK_MINOR = 44;

/** The CLI knows the method that prepares a change set. Rejects with `ConfigurationError`. */
export async function checkPreparing({ cdk, context, giveUpAt }: Pick<AwsCdkPreflight, 'cdk' | 'context' | 'giveUpAt'>, assembly: string): Promise<void> {
  const check = preflightCheck(context.environment.name, { ...FIXES, cliMissing: CDK_FIX });
  const version = await check.fixed(cdk.version(assembly, giveUpAt));
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= LEAST_CDK_MINOR)) return;
  check.refuse(`changeSet: the CDK CLI ${version} cannot prepare a change set (--method, since 2.${LEAST_CDK_MINOR}.0), and would deploy before the approval`, CDK_FIX);
}

async function checkBootstrap(check: PreflightCheck, given: AwsCdkPreflight, stacks: readonly AssemblyStack[]): Promise<void> {
  const places = new Map(stacks.flatMap(({ bootstrap, region = given.settings.region }) => (bootstrap ? [[`${region} ${bootstrap.parameter}`, { ...bootstrap, region }]] : [])));
  for (const { parameter, region, version } of places.values()) {
    const found = await check.fixed(given.api.bootstrapVersion(parameter, region));
    const fix = `Run cdk bootstrap aws://ACCOUNT/${region ?? 'REGION'}`;
    if (found === undefined) check.refuse(`region: the account is not bootstrapped for the CDK in ${region ?? given.awsCli.regionName} (there is no SSM parameter ${parameter})`, fix);
    if (found < version) check.refuse(`region: the bootstrap stack in ${region ?? given.awsCli.regionName} has version ${found}, and the app needs ${version}`, fix);
  }
}

/** No one else changes the stacks, and no failed operation is in the way. A rollback clears away itself what it can. */
async function checkStates(check: PreflightCheck, given: AwsCdkPreflight, stacks: readonly AssemblyStack[]): Promise<void> {
  const { api, context: { clock }, intent: { kind }, settings } = given;
  if (kind === 'rollback') return;
  const waitUntil = clock.now() + OTHERS_MS;
  for (const { region = settings.region, stackName } of stacks) {
    for (;;) {
      const next = stackStep({ stackName, state: await check.fixed(api.stack({ region, stackName })), isRestore: false, rollbacks: 0 });
      if (next.step === 'ready') break;
      if (next.step === 'fail') check.refuse(next.why, next.fix);
      if (clock.now() >= waitUntil) check.refuse(`${next.why}: someone else changes it`, 'Wait until it has ended, and deploy again');
      await given.pause(next.why);
    }
  }
}
