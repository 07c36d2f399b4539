import { Project } from 'projen';
import { AlertManifest } from '../contract/manifest';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

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

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The settings in the manifest that depend on the kind of channel. */
type ChannelSettings = Without<AlertManifest, 'name' | 'on' | 'environments' | 'secrets'>;

/** A validated channel. */
export interface Channel {
  /** A unique name for messages: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  /** The names of the secrets that it needs. */
  readonly secrets: string[];
  /** A function if they depend on the project's tasks, which may be added after the delivery. */
  readonly settings: ChannelSettings | ((project: Project) => ChannelSettings);
}

/** Checks the name of a secret without showing it, because it may be the URL instead. */
export function addressSecret(option: string, name: string, example: string): void {
  const fix = `Store it as a secret of the repository and set the name of the secret: ${option.split(' ')[0]}('${example}')`;
  if (typeof name === 'string' && /[/.]/.test(name)) invalid(option, 'it is a URL, which everyone who can read the repository could use', fix);
  // a long value is a name only if it is in capitals
  if (typeof name === 'string' && !/^([\w-]{0,40}|[A-Z0-9_]+)$/.test(name)) invalid(option, 'it looks like the secret itself, which everyone who can read the repository would see', fix);
  checkSecrets(option, [name]);
}

/**
 * Defines a channel of a chat service, whose webhook takes a message.
 *
 * @param service the name of the service in the manifest, of the factory, and in the runtime's table of chats
 * @param title the name of the service in messages
 */
export function chat(service: string, title: string, secret: string, options: AlertOptions): Channel {
  addressSecret(`Alert.${service} secret`, secret, `${service.toUpperCase()}_WEBHOOK`);
  optionsOf(`Alert.${service}`, options, ALERT_OPTIONS, EXAMPLE_OPTIONS);
  return { name: `${title} (${secret})`, secrets: [secret], settings: { kind: 'chat', service, address: secret } };
}
