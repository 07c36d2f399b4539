/** The names that the workflow, the service and the measurements share. */

/** Where releases are deployed. */
export const ENVIRONMENT = 'conformance';
/** Where the measurements keep records of their own. */
export const MEASURE_ENVIRONMENT = 'conformance-measure';
/** The program, in the repository. */
export const PROGRAM = '.projen/conformance.cjs';
export const WORKFLOW = 'conformance.yml';
export const DEPLOY_WORKFLOW = 'deploy.yml';
export const ROLLBACK_WORKFLOW = 'rollback.yml';
/** How the service and the deploy command know the port. */
export const PORT_VARIABLE = 'CONFORMANCE_PORT';
export const DEFAULT_PORT = 8475;
export const REPORT_TASK = 'conformance-report';
export const PROBE_TASK = 'conformance-probe';
/** Temporary refs and artifacts begin so. */
export const PREFIX = 'conformance-';

/** Throws where a variable of GitHub's is missing: this runs in a job. */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set. This command runs in a job of conformance.yml: start that workflow on GitHub.`);
  return value;
}
