import { OptionNames } from '../validation/option-types';

/**
 * What people are told of.
 */
export enum AlertEvent {
  /** A release was verified and is Stable; also one that was adopted. It ends what the others began. */
  DEPLOYED = 'deployed',
  /** A bad release was taken back, by itself or by hand. */
  ROLLED_BACK = 'rolledBack',
  /** Nobody could verify what users see: automation has stopped, and a person must look. */
  HALTED = 'halted',
  /** The watch found that a health check fails, or what is wrong with a deployment; and again after `monitoring.remindEvery`. */
  FIRING = 'firing',
  /** What fired is well again, or is not watched any more. */
  RESOLVED = 'resolved',
}

/**
 * What a channel is told.
 */
export interface AlertOptions {
  /**
   * Of what. `FIRING` and `RESOLVED` alone are an error where no schedule watches: nobody would ever be told.
   *
   * @default - of everything
   */
  readonly on?: AlertEvent[];

  /**
   * Of which environments, by their names.
   *
   * @default - of all of them
   */
  readonly environments?: string[];
}

export const ALERT_OPTIONS: OptionNames<AlertOptions> = { on: true, environments: true };

/** Options as an example, for messages. */
export const EXAMPLE_OPTIONS = '{ on: [AlertEvent.HALTED] }';
