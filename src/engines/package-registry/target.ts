import { Registry } from './package-registry';
import { shellLine } from '../../targets/commands';
import { TargetBinding, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a target that verifies a version of a package which someone else publishes, for example projen's release workflow. It waits
 * until the registry serves the version, installs it into an empty project as users do, and runs the smoke command there.
 *
 * No version can be taken back, so there is no rollback: a bad release is halted, and the summary says what a person does.
 */
export interface RegistryTargetOptions {
  /** The registry and the package. */
  readonly registry: Registry;

  /**
   * The shell line that verifies a version. It runs in an empty folder where the package is installed; its programs are on the PATH. It gets no
   * secrets. For example `python -c "import shop"`, or `shop --version`.
   *
   * @default - none: the version is only installed
   */
  readonly smoke?: string;
}

const OPTIONS: OptionNames<RegistryTargetOptions> = { registry: true, smoke: true };
const EXAMPLE = '{ registry: Registry.pypi({ packageName: \'shop\' }), smoke: \'python -c "import shop"\' }';

/** A version of a package that is published already. Its name may depend on the project. */
export function registryTarget(options: RegistryTargetOptions): (context: TargetContext) => TargetBinding {
  const { registry, smoke } = optionsOf('Target.registry', options, OPTIONS, EXAMPLE);
  if (!(registry instanceof Registry)) invalid('Target.registry registry', `${show(registry)} is not a Registry`, 'Write Registry.pypi({ packageName: \'shop\' })');
  const line = smoke === undefined ? undefined : shellLine('Target.registry smoke', smoke);
  return ({ project }) => {
    const { commandTimeout, directory, manifest, noRollback } = registry._bind(project);
    return {
      commands: { deploy: TargetCommand._ofDriver('deploy', { kind: 'packageRegistry', registry: manifest, smoke: line }) },
      noRollback,
      artifact: directory === undefined ? undefined : { paths: [directory] },
      commandTimeout,
    };
  };
}
