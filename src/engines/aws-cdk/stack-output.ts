import { OUTPUT_KEY, OUTPUT_STACK, outputPlaceholder } from '../../contract/deployment-outputs';
import { invalid, show } from '../../validation/validation-error';

/**
 * Names an output of a stack, for example the URL of an API that the deployment creates. Its text stands for the value in the `url` and the
 * `variables` of an environment, and in the URLs of `HealthCheck.http`: it is replaced after the target deployed and before anything is
 * verified. The target must have the capability `OUTPUTS`, as `Target.awsCdk` does.
 *
 * @example
 * const api = StackOutput.of('Api', 'Url');
 * const production = { url: api.toString(), healthChecks: [HealthCheck.http(`${api}/health`)] };
 */
export class StackOutput {
  /**
   * Names an output.
   *
   * @param stack the name of the stack in CloudFormation, for example `Api` or `production-Api`
   * @param key the key of the output: the id of the `CfnOutput`, without characters other than letters and digits
   */
  public static of(stack: string, key: string): StackOutput {
    if (typeof stack !== 'string' || !OUTPUT_STACK.test(stack)) {
      invalid('StackOutput.of stack', `${show(stack)} is not the name of a stack`, 'Write it as CloudFormation shows it, for example StackOutput.of(\'Api\', \'Url\')');
    }
    if (typeof key !== 'string' || !OUTPUT_KEY.test(key)) {
      invalid('StackOutput.of key', `${show(key)} is not the key of an output: it has letters and digits only`, 'Write it as CloudFormation shows it, for example StackOutput.of(\'Api\', \'Url\')');
    }
    return new StackOutput(stack, key);
  }

  /** The name of the stack. */
  public readonly stack: string;

  /** The key of the output. */
  public readonly key: string;

  private constructor(stack: string, key: string) {
    this.stack = stack;
    this.key = key;
  }

  /** Returns the text that stands for the value, for example `{output:Api.Url}`. */
  public toString(): string {
    return outputPlaceholder(this.stack, this.key);
  }
}
