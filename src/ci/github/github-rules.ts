/** The rules of GitHub that depend on no project. `src/ci/ci-rules.ts` describes them. */
export const GITHUB_RULES = {
  system: 'GitHub',
  limits: {
    // https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
    scheduleMinutes: 5,
    // https://docs.github.com/en/actions/reference/limits, for a hosted runner
    jobMinutes: 360,
    // GitHub starts no workflow with a larger file, and reports nothing
    workflowBytes: 500 * 1024,
    expressionCharacters: 21_000,
    workflowInputs: 25,
    // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api, for GITHUB_TOKEN
    requestsPerHour: 1_000,
  },
  // https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets
  secretRules: {
    pattern: /^(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]*$/i,
    fix: 'Use letters, digits and _, not a digit first, and not GITHUB_ first',
  },
  reservedVariables: /^(GITHUB|RUNNER|ACTIONS)_/i,
  expressionStart: '${{',
};
