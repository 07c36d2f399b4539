import { listOf, objectOf } from './option-types';
import { invalid, show } from './validation-error';
import { SECRET_RULES } from '../ci/secret-rules';

/** What the shell, Node, the CI system or we ourselves set: a value of the user's would break a job or be lost. */
const TAKEN = /^(PATH|NODE_OPTIONS|BASH_ENV|LD_PRELOAD|DEPLOY_ENV|GITHUB_.*|DELIVERY_.*|RUNNER_.*|ACTIONS_.*)$/i;

/** The name of a variable or secret that commands will find in their environment. */
export function environmentVariableName(option: string, name: string): void {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    invalid(option, `${show(name)} is no name that a process's environment can hold`, 'Use letters, digits and _, not a digit first');
  }
  if (TAKEN.test(name)) {
    invalid(option, `${show(name)} is taken: the shell, the CI system or the delivery itself sets it`, 'Use another name, for example APP_' + name);
  }
}

/**
 * The name of a secret in the CI system.
 *
 * @param shown what a message calls it
 */
export function secretName(option: string, name: string, shown = show(name)): void {
  if (typeof name === 'string' && SECRET_RULES.pattern.test(name)) return;
  invalid(option, `${shown} is no name that ${SECRET_RULES.system} accepts for a secret`, SECRET_RULES.fix);
}

/** The same where people may have given the secret itself, which no message may show. */
export function unseenSecret(option: string, shown: string, name: string): void {
  secretName(option, name, typeof name === 'string' ? shown : show(name));
  environmentVariableName(option, name);
}

export function checkVariables(option: string, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(objectOf(option, variables, '{ NAME: \'value\' }'))) {
    environmentVariableName(option, name);
    if (typeof value !== 'string' || value.includes('\0')) {
      invalid(`${option} ${name}`, `${show(value)} is not text`, `Write ${name}: '...'`);
    }
    if (value.includes('${{')) {
      invalid(`${option} ${name}`, `${show(value)} is an expression, which is never evaluated: variables are plain text`,
        `Write the value itself, or make ${name} a secret and name it in secrets`);
    }
  }
}

export function checkSecrets(option: string, secrets: string[]): void {
  for (const name of listOf(option, secrets, '\'DEPLOY_TOKEN\'')) {
    secretName(option, name);
    environmentVariableName(option, name);
  }
}
