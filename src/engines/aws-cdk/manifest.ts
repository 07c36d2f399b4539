export interface AwsCdkDriverManifest {
  readonly kind: 'awsCdk';
  /** The folder of the cloud assembly, relative to the project's directory. */
  readonly assembly: string;
  /** As `cdk list` prints them; `Stage` and `Stage/*` are all stacks of a stage. @default - all, if there is one stack or one stage */
  readonly stacks?: readonly string[];
  /** Of stacks that name none. @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any, for stacks that name none */
  readonly account?: string;
  /** How many stacks are deployed at the same time. @default 1 */
  readonly concurrency?: number;
  /** `review`: the plan prepares change sets, and the deployment executes exactly those. @default - the deployment makes its own */
  readonly changeSet?: 'review';
  /** The aliases that a rollback moves back first. @default - none */
  readonly fastPath?: readonly LambdaAliasManifest[];
  /** The watch looks for drift so often. @default - never */
  readonly driftIntervalMs?: number;
}

/** An alias of a function that the app defines. One of `functionName` and `output` is set. */
export interface LambdaAliasManifest {
  readonly alias: string;
  readonly functionName?: string;
  /** The output with the function's name or ARN: the name of the stack, a dot, the key. */
  readonly output?: string;
}
