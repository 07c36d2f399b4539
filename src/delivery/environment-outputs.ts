import { outputsOf } from '../contract/deployment-outputs';
import { EnvironmentManifest, OutputsManifest } from '../contract/manifest';
import { TargetCapability } from '../targets/target-binding';
import { checkPlaceholders } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/** Where placeholders of outputs may stand, and what the environment's options say of them. */
export interface OutputsRequest extends Pick<EnvironmentManifest, 'healthChecks' | 'url' | 'variables' | 'watchChecks'> {
  /** What messages call the environment. */
  readonly shown: string;
  readonly capabilities: readonly TargetCapability[];
  readonly allowInsecure: boolean;
}

/** Returns the outputs that the environment needs of a deployment. Rejects them where the target has none. */
export function neededOutputs({ allowInsecure, capabilities, shown, ...texts }: OutputsRequest): OutputsManifest | undefined {
  for (const [name, value] of Object.entries(texts.variables)) checkPlaceholders(`${shown} variables ${name}`, value);
  const names = outputsOf(texts);
  if (names.length === 0) return undefined;
  if (!capabilities.includes(TargetCapability.OUTPUTS)) {
    invalid(`${shown} target`, `it has no outputs, and ${show(`{output:${names[0]}}`)} needs one`,
      'Use a target with outputs, for example Target.awsCdk, or return TargetCapability.OUTPUTS from the bind of your own target');
  }
  return { names, ...(allowInsecure && { allowInsecure }) };
}
