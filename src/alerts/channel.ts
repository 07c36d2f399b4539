import { Project } from 'projen';
import { AlertManifest } from '../contract/manifest';
import { invalid } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What a kind of channel adds to the manifest. */
export type ChannelSettings = Without<AlertManifest, 'name' | 'on' | 'environments' | 'secrets'>;

/** A channel, checked for what can be wrong with it alone. */
export interface Channel {
  /** For a person, unique: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  /** Names of the secrets it needs. */
  readonly secrets: string[];
  /** A function where it needs the project, whose tasks may be added after the delivery. */
  readonly settings: ChannelSettings | ((project: Project) => ChannelSettings);
}

/** The value is never shown: it may be the URL instead of the name of a secret. */
export function addressSecret(option: string, name: string, example: string): void {
  const fix = `Store it as a secret of the repository and set the name of the secret: ${option.split(' ')[0]}('${example}')`;
  if (typeof name === 'string' && /[/.]/.test(name)) invalid(option, 'it is a URL, which everyone who can read the repository could use', fix);
  // a long value can only be a name if it is in capitals
  if (typeof name === 'string' && !/^([\w-]{0,40}|[A-Z0-9_]+)$/.test(name)) invalid(option, 'it looks like the secret itself, which everyone who can read the repository would see', fix);
  checkSecrets(option, [name]);
}
