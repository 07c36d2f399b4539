import { formatDuration } from '../contract/duration-text';
import { DriverManifest, HealthCheckManifest, StrategyManifest } from '../contract/manifest';
import { TargetCapability } from '../targets/target-binding';
import { Duration, millisecondsOf } from '../validation/duration';
import { OptionNames } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Times that all strategies share.
 */
export interface StrategyOptions {
  /**
   * The time for which a promoted release is watched before it counts as good. The release must be healthy at the end; the bake is
   * extended until it is healthy or fails.
   *
   * @default Duration.seconds(15)
   */
  readonly bake?: Duration;

  /**
   * The time that one command of the target may take. Then the command and its child processes get SIGTERM, and shortly after SIGKILL.
   * GitHub terminates a cancelled run after 5 minutes, so a longer command may be cut off there.
   *
   * @default - the target's: `Duration.minutes(4)`, for `Target.awsCdk`, `Target.gitOps`, `Target.githubPages`, `Target.npm`, `Target.registry` (PyPI) and `Target.staticSite` `Duration.minutes(15)`; for a registry of Go `Duration.minutes(45)`, for Maven Central `Duration.hours(1)`
   */
  readonly commandTimeout?: Duration;
}

export const STRATEGY_OPTIONS: OptionNames<StrategyOptions> = { bake: true, commandTimeout: true };

/** An example for error messages. */
export const EXAMPLE = '{ bake: Duration.seconds(30) }';

/** The environment that a strategy is for. */
export interface StrategyContext {
  /** `environment "staging"`, in messages. */
  readonly shown: string;
  readonly url: string;
  readonly healthChecks: readonly HealthCheckManifest[];
  readonly capabilities: readonly TargetCapability[];
  /** The target's driver. @default - commands */
  readonly driver?: DriverManifest;
  readonly allowInsecure: boolean;
}

/** What synthesis knows of a strategy. Its steps are in src/contract/strategies.ts. */
export interface StrategyDefinition {
  readonly manifest: StrategyManifest;
  /** Whether the time limit of a command is the strategy's default: a target may have another one. */
  readonly isCommandTimeoutDefault: boolean;
  /** The slots that a release can be in; empty where it replaces the one before it. */
  readonly slots: readonly string[];
  /** The URLs of the candidate, one for each slot. */
  readonly candidateUrls: readonly string[];
  /** Throws if the environment or its target does not support this strategy. */
  check(context: StrategyContext): void;
  /** What a person should know of it, if an environment uses it. @default - nothing */
  notes?(): string[];
  /** Warnings for a person, if an environment uses it. */
  warnings(environment: string, driver?: DriverManifest): string[];
}

/** The times of a strategy, in milliseconds. */
export function timesOf(option: string, options: StrategyOptions): Pick<StrategyManifest, 'bakeMs' | 'commandTimeoutMs'> {
  const bakeMs = millisecondsOf(`${option} bake`, options.bake, Duration.seconds(15));
  return { bakeMs, commandTimeoutMs: commandTimeoutOf(`${option} commandTimeout`, options.commandTimeout) };
}

/** The time limit of one command, in milliseconds. */
export function commandTimeoutOf(option: string, given: Duration | undefined): number {
  const commandTimeoutMs = millisecondsOf(option, given, Duration.minutes(4));
  if (commandTimeoutMs < 1000) {
    invalid(option, `${formatDuration(commandTimeoutMs, 'exact')} is shorter than 1 second`, 'Set the time that the slowest command may take');
  }
  return commandTimeoutMs;
}
