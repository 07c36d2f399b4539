import { awscdk, Project, Task } from 'projen';
import { LambdaAlias } from './lambda-alias';
import { AwsCdkDriverManifest, LambdaAliasManifest } from './manifest';
import { formatDuration } from '../../contract/duration-text';
import { artifactPaths } from '../../delivery/artifact-paths';
import { TargetBinding, TargetCapability, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { checkAwsAccount, checkAwsRegion } from '../../validation/aws-name';
import { Duration, millisecondsOf } from '../../validation/duration';
import { listOf, OptionNames, optionsOf, wholeNumber } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * When the change sets of CloudFormation are made.
 */
export enum ChangeSetMode {
  /** By the deployment, which executes them at once. */
  EXECUTE = 'execute',
  /**
   * By the plan. The deployment executes exactly these after the approval, and is refused if a stack has changed in between. The environment needs
   * `Login.aws` with a `planRole`.
   */
  REVIEW = 'review',
}

/**
 * Options for a target that deploys the stacks of an AWS CDK app with the CDK CLI. The app stays as it is. Its cloud assembly, with all
 * assets in it, is built once and deployed unchanged to every environment. A rollback deploys the assembly of the Stable release again.
 *
 * The runtime calls the project's own CDK CLI (`node_modules/.bin/cdk`, or else `cdk` on the PATH) and the AWS CLI, version 2.13 or
 * 1.29, or later (with `ChangeSetMode.REVIEW` 2.16 or 1.33). The account must be bootstrapped for the CDK.
 */
export interface AwsCdkTargetOptions {
  /**
   * The stacks of the environment, as `cdk list` prints them: `'shop-production'`, or `'Production/Api'` for a stack in a stage. `'Production'`
   * and `'Production/*'` select all stacks of the stage `Production`. Stacks that a selected stack depends on are deployed, too, as `cdk deploy` does.
   *
   * @default - all stacks, if the app has one stack, or one stage and no other stacks; otherwise a deployment fails before it changes anything,
   * and lists the stacks
   */
  readonly stacks?: string[];

  /**
   * The folder of the cloud assembly, relative to the project's directory. It is the delivery's artifact.
   *
   * @default - the folder that the project's `cdk.json` names, or `cdk.out`
   */
  readonly app?: string;

  /**
   * The task that writes the cloud assembly, or its name. It runs without AWS credentials: commit `cdk.context.json` if the app looks values
   * up.
   *
   * @default - the project's task `synth:silent` or `synth`; none if `app` is set, because the release's own build makes that folder
   */
  readonly buildTask?: string | Task;

  /**
   * The AWS region of stacks that name no region.
   *
   * @default - the one that the AWS CLI is configured for (AWS_REGION)
   */
  readonly region?: string;

  /**
   * The id of the AWS account that the credentials must belong to, 12 digits. A deployment with other credentials changes nothing. A stack
   * that names its account is checked in any case.
   *
   * @default - any account, for stacks that name none
   */
  readonly account?: string;

  /**
   * How many stacks are deployed at the same time, from 1 to 20. A stack still waits for those that it depends on.
   *
   * @default 1
   */
  readonly concurrency?: number;

  /**
   * When the change sets are made. With `ChangeSetMode.REVIEW` the plan prepares them and shows exactly what they do, and the deployment executes them after
   * the approval, a stack at a time. A rollback, a drill and a deployment from a laptop make their own.
   *
   * @default ChangeSetMode.EXECUTE
   */
  readonly changeSet?: ChangeSetMode;

  /**
   * The aliases of Lambda functions that users reach. A rollback first moves them back to the versions that the Stable release had, in one
   * call each, and then deploys the assembly of the Stable release. Keep old versions:
   * `currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN }`. At most 10.
   *
   * @default - a rollback deploys the assembly of the Stable release, and users wait for CloudFormation
   */
  readonly fastPath?: LambdaAlias[];

  /**
   * Whether the scheduled watch (`monitoring`) alerts of drift: resources that someone changed outside of the releases. CloudFormation looks for it after
   * each deployment, then every `driftInterval`, and every hour while it finds some. It costs nothing. The role of the watch must read the resources.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
   */
  readonly drift?: boolean;

  /**
   * The time from one detection of drift to the next, from 1 hour to 30 days. Needs `drift`.
   *
   * @default Duration.days(1)
   */
  readonly driftInterval?: Duration;
}

const OPTIONS: OptionNames<AwsCdkTargetOptions> = {
  stacks: true, app: true, buildTask: true, region: true, account: true, concurrency: true, changeSet: true, fastPath: true, drift: 'boolean', driftInterval: true,
};
const EXAMPLE = '{ stacks: [\'shop-production\'] }';

/** Most updates of CloudFormation take minutes; databases and distributions take longer, and their environments set a time of their own. */
const COMMAND_TIMEOUT = Duration.minutes(15);

/** Stacks of a CDK app. The options are checked at once; what the project brings is known when the target is bound. */
export function awsCdkTarget(options: AwsCdkTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.awsCdk', options, OPTIONS, EXAMPLE);
  const { account, app, changeSet, concurrency, region } = options;
  const stacks = options.stacks === undefined ? undefined : stacksOf(options.stacks);
  if (region !== undefined) checkAwsRegion('Target.awsCdk region', region);
  if (changeSet !== undefined && !Object.values(ChangeSetMode).includes(changeSet)) {
    invalid('Target.awsCdk changeSet', `${show(changeSet)} is not a mode`, 'Write ChangeSetMode.EXECUTE or ChangeSetMode.REVIEW');
  }
  if (concurrency !== undefined) wholeNumber('Target.awsCdk concurrency', concurrency, 1, 20);
  if (account !== undefined) checkAwsAccount('Target.awsCdk account', account);
  if (app !== undefined) {
    if (/\s/.test(app)) invalid('Target.awsCdk app', `${show(app)} is a command, and the assembly that it makes is built before the deployment`, 'Name the folder of the cloud assembly, for example cdk.out');
    artifactPaths([app], 'Target.awsCdk app');
  }
  const fastPath = options.fastPath === undefined ? undefined : fastPathOf(options.fastPath);
  const driftIntervalMs = driftIntervalOf(options);
  return ({ project }) => {
    const own = assemblyOf(project);
    const [assembly] = artifactPaths([app ?? own], 'Target.awsCdk app');
    const buildTask = options.buildTask ?? (assembly === own ? synthTask(project) : undefined);
    const reviewed = changeSet === ChangeSetMode.REVIEW ? { changeSet } : {};
    const driver: AwsCdkDriverManifest = { kind: 'awsCdk', assembly, stacks, region, account, concurrency, ...reviewed, fastPath, driftIntervalMs };
    return {
      commands: { deploy: TargetCommand._ofDriver('deploy', driver) },
      capabilities: [TargetCapability.OUTPUTS],
      artifact: { paths: [assembly], buildTask },
      commandTimeout: COMMAND_TIMEOUT,
    };
  };
}

/** A selector is a name, or all of a stage: other patterns would select stacks that no one reviewed. */
function stacksOf(stacks: string[]): string[] {
  listOf('Target.awsCdk stacks', stacks, '\'shop-production\'');
  if (stacks.length === 0) invalid('Target.awsCdk stacks', 'it names no stack', 'Name the stacks of the environment, or leave it out');
  for (const stack of stacks) {
    if (typeof stack === 'string' && /^[A-Za-z0-9][\w.-]*(\/[\w.-]+)*(\/\*)?$/.test(stack)) continue;
    invalid('Target.awsCdk stacks', `${show(stack)} is not the name of a stack`, 'Write it as cdk list prints it, for example \'shop-production\', \'Production/Api\' or \'Production/*\'');
  }
  const twice = stacks.find((stack, i) => stacks.indexOf(stack) !== i);
  if (twice !== undefined) invalid('Target.awsCdk stacks', `${show(twice)} is there twice`, 'Name each stack once');
  return stacks;
}

/** Undefined if the watch does not look for drift. */
function driftIntervalOf({ drift = false, driftInterval }: AwsCdkTargetOptions): number | undefined {
  if (!drift && driftInterval !== undefined) invalid('Target.awsCdk driftInterval', 'it is set without drift, so nothing looks for drift', 'Set drift: true, or leave it out');
  if (!drift) return undefined;
  const intervalMs = millisecondsOf('Target.awsCdk driftInterval', driftInterval, Duration.days(1));
  const [least, most] = [Duration.hours(1), Duration.days(30)].map((duration) => duration.toMilliseconds());
  if (intervalMs < least! || intervalMs > most!) invalid('Target.awsCdk driftInterval', `${formatDuration(intervalMs, 'exact')} is out of range`, 'Set Duration.hours(1) to Duration.days(30)');
  return intervalMs;
}

/** Most aliases: they are noted in the record of each deployment. */
const ALIASES = 10;

function fastPathOf(aliases: LambdaAlias[]): LambdaAliasManifest[] {
  const example = 'LambdaAlias.of({ functionName: \'shop\', alias: \'live\' })';
  listOf('Target.awsCdk fastPath', aliases, example);
  const wrong = aliases.find((alias) => !(alias instanceof LambdaAlias));
  if (wrong !== undefined) invalid('Target.awsCdk fastPath', `${show(wrong)} is not an alias`, `Use ${example}`);
  if (aliases.length === 0 || aliases.length > ALIASES) invalid('Target.awsCdk fastPath', `it names ${aliases.length} aliases`, `Name 1 to ${ALIASES}, or leave it out`);
  const all = aliases.map(({ _manifest }) => _manifest);
  const twice = all.find((one, i) => all.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) !== i);
  if (twice) invalid('Target.awsCdk fastPath', `the alias ${twice.alias} of ${twice.functionName ?? twice.output} is there twice`, 'Name each alias once');
  return all;
}

/** The folder that the project's `cdk.json` names. */
function assemblyOf(project: Project): string {
  const config = project.components.find((component): component is awscdk.CdkConfig => component instanceof awscdk.CdkConfig);
  return config?.cdkout ?? 'cdk.out';
}

function synthTask(project: Project): string {
  const found = ['synth:silent', 'synth'].find((name) => project.tasks.tryFind(name) !== undefined);
  if (found !== undefined) return found;
  return invalid('Target.awsCdk buildTask', 'the project has no task \'synth\'', 'Name the task that writes the cloud assembly, or set app to a folder that the release\'s build makes');
}
