import { HealthCheckManifest } from './health-check-manifest';
import { StrategyManifest } from './strategy-manifest';
import { CommandManifest, TargetManifest } from './target-manifest';

/** An environment, with everything resolved. */
export interface EnvironmentManifest {
  readonly name: string;
  readonly url: string;
  readonly trigger: TriggerManifest;
  /** Set if a lower version than Stable's may be deployed. */
  readonly allowDowngrade?: true;
  readonly variables: Record<string, string>;
  /** The names of secrets, whose values are in the process environment. */
  readonly secrets: string[];
  /** What the URLs and variables need of a deployment; absent if they need nothing. */
  readonly outputs?: OutputsManifest;
  readonly strategy: StrategyManifest;
  readonly target: TargetManifest;
  /** Run before the target's `deploy`, never in a rollback. */
  readonly beforeDeploy?: CommandManifest;
  /** Run after the command that makes a release visible to users, also in a rollback. */
  readonly afterPromote?: CommandManifest;
  /** The checks of a deployment; never empty. */
  readonly healthChecks: HealthCheckManifest[];
  /** The checks of the scheduled watch only. */
  readonly watchChecks?: HealthCheckManifest[];
  /** Probed if the service does not respond. If it does not respond either, the runner's network is at fault. */
  readonly controlUrl?: string;
  /** Periods without deployments. Rollbacks are never frozen. */
  readonly freezes: FreezeManifest[];
  /** Absent where the jobs do not sign in to a cloud. */
  readonly login?: LoginManifest;
}

/** The outputs of a deployment that placeholders name. @see DeploymentOutputs */
export interface OutputsManifest {
  /** `<stack>.<output>` */
  readonly names: string[];
  /** Whether `url` may become plain http elsewhere than on loopback. */
  readonly allowInsecure?: true;
}

/** The cloud roles that jobs of an environment take. What a token of the CI system says of a job decides whether a role trusts it. */
export interface LoginManifest {
  readonly kind: 'aws';
  readonly region: string;
  /** The one that deploys, and then the one that only reads, where there is one. */
  readonly roles: LoginRoleManifest[];
}

export interface LoginRoleManifest {
  readonly arn: string;
  /** How long a session lasts that the jobs ask for. */
  readonly sessionMs: number;
  /** What the CI system calls the environments of the jobs that take it. */
  readonly environments: string[];
}

/** Times are wall-clock times in an IANA time zone. */
export type FreezeManifest =
  | {
    readonly kind: 'weekly';
    readonly from: WeeklyTime;
    readonly until: WeeklyTime;
    readonly timeZone: string;
    readonly reason?: string;
  }
  | {
    readonly kind: 'between';
    /** `2026-12-24T00:00`, without an offset. */
    readonly from: string;
    readonly until: string;
    readonly timeZone: string;
    readonly reason?: string;
  };

export interface WeeklyTime {
  /** 1 is Monday, 7 is Sunday, as in ISO 8601. */
  readonly weekday: number;
  /** Minutes since midnight, local time. */
  readonly minute: number;
}

export type TriggerManifest =
  | { readonly kind: 'branch'; readonly branch: string }
  | { readonly kind: 'tag'; readonly pattern: string; readonly except?: string; readonly requires?: string }
  | { readonly kind: 'manual' }
  | { readonly kind: 'after'; readonly environment: string }
  /** `branches` is absent if the project has one release branch. */
  | { readonly kind: 'release'; readonly branches?: string[]; readonly prereleases?: true };
