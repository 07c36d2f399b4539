/**
 * The kinds of jobs that each environment has in the workflow `deploy`.
 */
export enum JobKind {
  /** Plans the deployment: resolves the release, Stable and the configuration. Outputs: `go`, `release`, `sha`, `stable`, `url`, `config`. */
  ENVIRONMENT = 'environment',
  /** Deploys, verifies, promotes and bakes; rolls back automatically if the release is bad. Output: `state`. */
  DEPLOY = 'deploy',
  /** Confirms the release from a fresh runner. Outputs: `completed_attempt`, `state`. */
  MONITOR = 'monitor',
  /** Recovers a deployment that is still open, if there is one. */
  ROLLBACK = 'rollback',
}
