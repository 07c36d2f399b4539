import { LambdaAliasManifest } from './manifest';
import { StackOutput } from './stack-output';
import { ALIAS_NAME, checkAwsName, FUNCTION_NAME } from '../../validation/aws-name';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for an alias of an AWS Lambda function that a CDK app defines. Set one of `functionName` and `output`.
 */
export interface LambdaAliasOptions {
  /** The name of the alias, for example `live`. */
  readonly alias: string;

  /**
   * The name of the function, where the app sets it.
   *
   * @default - the one in `output`
   */
  readonly functionName?: string;

  /**
   * The output of a stack that holds the name or the ARN of the function, where CloudFormation makes the name: `new CfnOutput(stack, 'Function', { value:
   * fn.functionName })`.
   *
   * @default - `functionName` is set
   */
  readonly output?: StackOutput;
}

const OPTIONS: OptionNames<LambdaAliasOptions> = { alias: true, functionName: true, output: true };

/**
 * Names an alias of an AWS Lambda function in a CDK app, for the option `fastPath` of `Target.awsCdk`.
 *
 * @example
 * const target = Target.awsCdk({ stacks: ['Api'], fastPath: [LambdaAlias.of({ functionName: 'shop', alias: 'live' })] });
 */
export class LambdaAlias {
  /**
   * Names an alias.
   *
   * @param options the function and its alias
   */
  public static of(options: LambdaAliasOptions): LambdaAlias {
    optionsOf('LambdaAlias.of', options, OPTIONS, '{ functionName: \'shop\', alias: \'live\' }');
    const { alias, functionName, output } = options;
    checkAwsName('LambdaAlias.of alias', alias, ALIAS_NAME);
    if ((functionName === undefined) === (output === undefined)) {
      invalid('LambdaAlias.of functionName', functionName === undefined ? 'neither it nor output is set' : 'it and output are both set', 'Set one of them');
    }
    if (functionName !== undefined) checkAwsName('LambdaAlias.of functionName', functionName, FUNCTION_NAME);
    if (output !== undefined && !(output instanceof StackOutput)) invalid('LambdaAlias.of output', `${show(output)} is not an output`, 'Use StackOutput.of(\'Api\', \'Function\')');
    return new LambdaAlias({ alias, ...(functionName !== undefined && { functionName }), ...(output && { output: `${output.stack}.${output.key}` }) });
  }

  /** @internal */
  public readonly _manifest: LambdaAliasManifest;

  private constructor(manifest: LambdaAliasManifest) {
    this._manifest = manifest;
  }
}
