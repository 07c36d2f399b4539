import { listOf, objectOf } from './option-types';
import { invalid, show } from './validation-error';
import { CI_RULES, hasExpression, SecretRules } from '../ci/ci-rules';

/** Names that the shell, Node or the delivery sets. */
const TAKEN = /^(PATH|NODE_OPTIONS|BASH_ENV|LD_PRELOAD|DEPLOY_ENV|DELIVERY_.*)$/i;

/** Checks the name of a variable or secret that commands find in their environment. */
export function environmentVariableName(option: string, name: string): void {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    invalid(option, `${show(name)} is not a valid name of an environment variable`, 'Use letters, digits and _, and do not start with a digit');
  }
  if (TAKEN.test(name) || CI_RULES.reservedVariables.test(name)) {
    invalid(option, `${show(name)} is taken: the shell, the CI system or the delivery itself sets it`, 'Use another name, for example APP_' + name);
  }
}

interface SecretNameOptions {
  /** The name in messages. */
  readonly shown?: string;
  readonly rules?: SecretRules;
}

/** Checks the name of a secret in the CI system. */
export function secretName(option: string, name: string, { shown = show(name), rules = CI_RULES.secretRules }: SecretNameOptions = {}): void {
  if (typeof name === 'string' && rules.pattern.test(name)) return;
  invalid(option, `${shown} is not a name that ${CI_RULES.system} accepts for a secret`, rules.fix);
}

/** Checks the name of a secret without showing it, because it may be the secret itself. */
export function checkHiddenSecret(option: string, shown: string, name: string): void {
  secretName(option, name, { shown: typeof name === 'string' ? shown : show(name) });
  environmentVariableName(option, name);
}

export function checkVariables(option: string, variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(objectOf(option, variables, '{ NAME: \'value\' }'))) {
    environmentVariableName(option, name);
    if (typeof value !== 'string' || value.includes('\0')) {
      invalid(`${option} ${name}`, `${show(value)} is not a string`, `Write ${name}: '...'`);
    }
    if (hasExpression(value)) {
      invalid(`${option} ${name}`, `${show(value)} is an expression, which is never evaluated: variables are plain text`,
        `Write the value itself, or store ${name} as a secret and list it in secrets`);
    }
  }
}

export function checkSecrets(option: string, secrets: string[], rules = CI_RULES.secretRules): void {
  for (const name of listOf(option, secrets, '\'DEPLOY_TOKEN\'')) {
    secretName(option, name, { rules });
    environmentVariableName(option, name);
  }
}
