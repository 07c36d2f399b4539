import { fitting, fittingAddress, safeLines, ChannelLimits } from './fitting';
import type { RuntimeContext } from '../../context';
import { environmentWithoutOurs } from '../../processes/command-environment';
import { Channel, ChannelError, Notification } from '../notification';
import { PostTimeouts } from './posting';
import { formatDuration } from '../../../contract/duration-text';
import { COMMAND_VARIABLE, NOTIFICATION_VARIABLE } from '../../../contract/environment-variables';
import { CommandManifest, EnvironmentManifest } from '../../../contract/manifest';
import { safeLine } from '../../reporting/untrusted-text';

/** Ours: Linux takes 128 KiB for a variable, and DELIVERY_NOTIFICATION holds all of it. @see https://man7.org/linux/man-pages/man2/execve.2.html */
const LIMIT = { title: 500, text: 20_000, url: 8192, fact: 255 } as const satisfies ChannelLimits;

export interface CommandChannelOptions {
  readonly name: string;
  readonly command: CommandManifest;
  /** Names of the secrets it may see. */
  readonly secrets: readonly string[];
  /** Names of all secrets of the delivery: the others are removed from its environment. */
  readonly hidden: readonly string[];
}

/** Runs a task or a shell line of the project. The notification is passed in environment variables, never pasted into the line. */
export function commandChannel(
  { name, command, secrets, hidden }: CommandChannelOptions, { environment, execute, processEnv }: Pick<RuntimeContext, 'environment' | 'execute' | 'processEnv'>, patience: PostTimeouts,
): Channel {
  return {
    name,
    async send(notification) {
      const timeoutMs = Math.max(1, patience.giveUpAt - patience.clock.now());
      const known = environmentWithoutOurs(processEnv, environment);
      const visible = Object.fromEntries(Object.entries(known).filter(([variable]) => !hidden.includes(variable) || secrets.includes(variable)));
      const result = await execute(command, { env: { ...visible, ...commandVariables(notification, environment) }, timeoutMs });
      if (result.outcome === 'timedOut') throw new ChannelError(`it did not end within ${formatDuration(timeoutMs, 'seconds')} and was stopped`);
      if (result.outcome !== 'succeeded') throw new ChannelError(`it failed: ${result.exitCode === undefined ? 'stopped by a signal' : `exit code ${result.exitCode}`}`);
    },
  };
}

function commandVariables(notification: Notification, { name, variables }: EnvironmentManifest): NodeJS.ProcessEnv {
  const plain = within(notification);
  const { event, release, url, runUrl } = plain;
  return {
    ...variables,
    [COMMAND_VARIABLE.ENVIRONMENT]: name,
    [NOTIFICATION_VARIABLE.EVENT]: event,
    [NOTIFICATION_VARIABLE.TITLE]: plain.title,
    [NOTIFICATION_VARIABLE.TEXT]: plain.text,
    [COMMAND_VARIABLE.URL]: url,
    ...(runUrl !== undefined && { [NOTIFICATION_VARIABLE.RUN_URL]: runUrl }),
    ...(release && { [COMMAND_VARIABLE.VERSION]: release.version, [COMMAND_VARIABLE.SHA]: release.sha }),
    [NOTIFICATION_VARIABLE.NOTIFICATION]: JSON.stringify(plain),
  };
}

/** Linux limits the size of an environment variable. */
function within(notification: Notification): Notification {
  const { fact, text, title, url } = LIMIT;
  const { check, environment, key, id, release, runUrl } = notification;
  const short = (line: string) => safeLine(line, fact);
  const address = (whole: string) => (whole.length <= url ? whole : fittingAddress(whole, url) ?? '');
  return {
    ...notification,
    id: short(id),
    key: short(key),
    environment: short(environment),
    ...(check !== undefined && { check: short(check) }),
    ...(release && { release: { ...release, version: short(release.version) } }),
    title: safeLine(notification.title, title),
    text: fitting(safeLines(notification.text), text),
    url: address(notification.url),
    ...(runUrl !== undefined && { runUrl: address(runUrl) }),
  };
}
