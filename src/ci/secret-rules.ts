/** Which names a CI system accepts for a secret. */
export interface SecretRules {
  /** The system, as messages call it. */
  readonly system: string;
  readonly pattern: RegExp;
  /** The fix for a name that does not match. */
  readonly fix: string;
}

/** @see https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets */
const GITHUB: SecretRules = {
  system: 'GitHub',
  pattern: /^(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]*$/i,
  fix: 'Use letters, digits and _, not a digit first, and not GITHUB_ first',
};

/** The rules before a project is known: a health check or an alert names its secrets when it is created. */
export const SECRET_RULES = GITHUB;
