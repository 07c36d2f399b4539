import { COMMAND_VARIABLE, VARIABLE_PREFIX } from '../../contract/environment-variables';
import { EnvironmentManifest, secretsOf } from '../../contract/manifest';
import { imageOf, Release } from '../release';

/** What a command of the target gets in its environment. */
export interface CommandContext {
  readonly environment: EnvironmentManifest;
  /** The release that must be live when the command ends; in a rollback the one to restore. */
  readonly release: Release;
  /** The slot to deploy to or switch to. */
  readonly slot?: string;
  /** The share of the traffic for the slot, in per cent. */
  readonly weight?: number;
  /** Stable when the deployment began. */
  readonly stable?: Release;
  /** Only in a rollback: the release being left. */
  readonly rollbackFrom?: Release;
  /** The file it may write its result into. */
  readonly resultFile?: string;
}

/**
 * The process environment of a command of the target: the job's own, without what belongs to the runtime,
 * with the environment's variables, its secrets, and the `DELIVERY_*` variables. Variables that do not apply are not set.
 */
export function commandEnvironment(base: NodeJS.ProcessEnv, context: CommandContext): NodeJS.ProcessEnv {
  const { environment, release, slot, stable, rollbackFrom, resultFile, weight } = context;
  const variables: NodeJS.ProcessEnv = {
    [COMMAND_VARIABLE.ENVIRONMENT]: environment.name,
    [COMMAND_VARIABLE.VERSION]: release.version,
    [COMMAND_VARIABLE.SHA]: release.sha,
    [COMMAND_VARIABLE.ROLLBACK_FROM]: rollbackFrom?.version,
    [COMMAND_VARIABLE.STABLE_VERSION]: stable?.version,
    [COMMAND_VARIABLE.SLOT]: slot,
    [COMMAND_VARIABLE.WEIGHT]: weight === undefined ? undefined : String(weight),
    [COMMAND_VARIABLE.IMAGE]: imageOf(release),
    [COMMAND_VARIABLE.RESULT]: resultFile,
  };
  return { ...environmentWithoutOurs(base, environment), ...environment.variables, ...defined(variables) };
}

/** Only the runtime writes outputs and changes later steps. GITHUB_STEP_SUMMARY stays: it decides nothing. */
const OURS = new RegExp(`^(GITHUB_TOKEN|GITHUB_OUTPUT|GITHUB_ENV|GITHUB_PATH|GITHUB_STATE|ACTIONS_(RUNTIME|RESULTS|CACHE)_.*|${VARIABLE_PREFIX}.*)$`);

/**
 * The job's process environment without the runtime's token, files and facts, and without the secrets
 * that only health checks need. ACTIONS_ID_TOKEN_* stay: a command may sign in by OIDC.
 */
export function environmentWithoutOurs(base: NodeJS.ProcessEnv, environment: EnvironmentManifest): NodeJS.ProcessEnv {
  const checks = [...environment.healthChecks, ...environment.watchChecks ?? []];
  const hidden = new Set(checks.flatMap(secretsOf).filter((name) => !environment.secrets.includes(name)));
  return defined(Object.fromEntries(Object.entries(base).filter(([name]) => !OURS.test(name) && !hidden.has(name))));
}

function defined(values: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
