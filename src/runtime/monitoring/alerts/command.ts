import { Channel, ChannelError } from './channel';
import { fitting, safeLines } from './fitting';
import { Notice } from './notice';
import { Patience } from './posting';
import { CommandManifest, EnvironmentManifest } from '../../../manifest';
import { safeLine } from '../../job/untrusted-text';
import { environmentWithoutOurs } from '../../processes/command-environment';
import type { Surroundings } from '../../surroundings';

/** A process environment has room for them twice. */
const TITLE_LIMIT = 500;
const TEXT_LIMIT = 20_000;

export interface CommandChannelOptions {
  readonly name: string;
  readonly command: CommandManifest;
  /** Names of the secrets it may see. */
  readonly secrets: readonly string[];
  /** Names of all secrets of the delivery: it sees none but its own. */
  readonly hidden: readonly string[];
}

/** A task or a shell line of the project's own. What it is told comes through its process environment; nothing is pasted in. */
export function commandChannel(
  { name, command, secrets, hidden }: CommandChannelOptions, { environment, execute, processEnv }: Pick<Surroundings, 'environment' | 'execute' | 'processEnv'>, patience: Patience,
): Channel {
  return {
    name,
    async tell(notice) {
      const timeoutMs = Math.max(1, patience.giveUpAt - patience.clock.now());
      const known = environmentWithoutOurs(processEnv, environment);
      const visible = Object.fromEntries(Object.entries(known).filter(([variable]) => !hidden.includes(variable) || secrets.includes(variable)));
      const result = await execute(command, { env: { ...visible, ...told(notice, environment) }, timeoutMs });
      if (result.outcome === 'timedOut') throw new ChannelError(`it did not end within ${Math.ceil(timeoutMs / 1000)} s and was stopped`);
      if (result.outcome !== 'succeeded') throw new ChannelError(`it failed: ${result.exitCode === undefined ? 'stopped by a signal' : `exit code ${result.exitCode}`}`);
    },
  };
}

function told(notice: Notice, { name, variables }: EnvironmentManifest): NodeJS.ProcessEnv {
  const { event, release, url, runUrl } = notice;
  const plain = { ...notice, text: fitting(safeLines(notice.text), TEXT_LIMIT), title: safeLine(notice.title, TITLE_LIMIT) };
  return {
    ...variables,
    DEPLOY_ENV: name,
    DELIVERY_EVENT: event,
    DELIVERY_TITLE: plain.title,
    DELIVERY_TEXT: plain.text,
    DELIVERY_URL: url,
    ...(runUrl !== undefined && { DELIVERY_RUN_URL: runUrl }),
    ...(release && { DELIVERY_VERSION: release.version, DELIVERY_SHA: release.sha }),
    DELIVERY_NOTICE: JSON.stringify(plain),
  };
}
