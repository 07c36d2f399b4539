import { OptionNames } from '../validation/option-types';

/**
 * The events that alerts notify of.
 */
export enum AlertEvent {
  /** A release was verified and is Stable, or was adopted as Stable. Resolves ROLLED_BACK and HALTED. */
  DEPLOYED = 'deployed',
  /** A release was rolled back, automatically or by hand. */
  ROLLED_BACK = 'rolledBack',
  /** The live release could not be verified: automation has stopped, and a person must act. */
  HALTED = 'halted',
  /** The watch found a failing health check or a problem with a deployment. Repeated after `monitoring.remindEvery`. */
  FIRING = 'firing',
  /** A firing alert recovered, or is no longer watched. */
  RESOLVED = 'resolved',
}

/**
 * Options that all channels share: the events and environments of their notifications.
 */
export interface AlertOptions {
  /**
   * The events to notify of. `FIRING` and `RESOLVED` alone are an error without a schedule, because they would never occur.
   *
   * @default - all events
   */
  readonly on?: AlertEvent[];

  /**
   * The names of the environments to notify of.
   *
   * @default - all environments
   */
  readonly environments?: string[];
}

export const ALERT_OPTIONS: OptionNames<AlertOptions> = { on: true, environments: true };

/** Options as an example, for messages. */
export const EXAMPLE_OPTIONS = '{ on: [AlertEvent.HALTED] }';
