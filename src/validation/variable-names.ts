import { listOf, objectOf } from './option-types';
import { invalid, show } from './validation-error';
import { SECRET_RULES } from '../ci/secret-rules';

/** Names that the shell, Node, the CI system or the delivery itself sets. */
const TAKEN = /^(PATH|NODE_OPTIONS|BASH_ENV|LD_PRELOAD|DEPLOY_ENV|GITHUB_.*|DELIVERY_.*|RUNNER_.*|ACTIONS_.*)$/i;

/** Checks the name of a variable or secret that commands find in their environment. */
export function environmentVariableName(option: string, name: string): void {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    invalid(option, `${show(name)} is not a valid name of an environment variable`, 'Use letters, digits and _, and do not start with a digit');
  }
  if (TAKEN.test(name)) {
    invalid(option, `${show(name)} is taken: the shell, the CI system or the delivery itself sets it`, 'Use another name, for example APP_' + name);
  }
}

/**
 * Checks the name of a secret in the CI system.
 *
 * @param shown how a message refers to it
 */
export function secretName(option: string, name: string, shown = show(name)): void {
  if (typeof name === 'string' && SECRET_RULES.pattern.test(name)) return;
  invalid(option, `${shown} is not a name that ${SECRET_RULES.system} accepts for a secret`, SECRET_RULES.fix);
}

/** Checks the name of a secret without showing it, because it may be the secret itself. */
export function unseenSecret(option: string, shown: string, name: string): void {
  secretName(option, name, typeof name === 'string' ? shown : show(name));
  environmentVariableName(option, name);
}

export function checkVariables(option: string, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(objectOf(option, variables, '{ NAME: \'value\' }'))) {
    environmentVariableName(option, name);
    if (typeof value !== 'string' || value.includes('\0')) {
      invalid(`${option} ${name}`, `${show(value)} is not a string`, `Write ${name}: '...'`);
    }
    if (value.includes('${{')) {
      invalid(`${option} ${name}`, `${show(value)} is an expression, which is never evaluated: variables are plain text`,
        `Write the value itself, or store ${name} as a secret and list it in secrets`);
    }
  }
}

export function checkSecrets(option: string, secrets: string[]): void {
  for (const name of listOf(option, secrets, '\'DEPLOY_TOKEN\'')) {
    secretName(option, name);
    environmentVariableName(option, name);
  }
}
