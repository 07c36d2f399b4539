import { formatDuration } from '../../contract/duration-text';
import { TriggerManifest } from '../../contract/manifest';
import { isListOf, isNumber, isObject, isText } from '../json-value';
import { describeTrigger } from '../reporting/report';

/** The words for what a manifest contains. */

/** Paths of what follows from other settings, or is compared on its own. */
export const UNSHOWN: readonly string[] = ['strategy.timeBudget', 'runtime', 'schema'];

/** Lists whose members have names. */
export const NAMED_LISTS: Readonly<Record<string, string>> = {
  healthChecks: 'health check',
  watchChecks: 'watched check',
  alerts: 'alert',
  freezes: 'freeze',
  checks: 'member',
  weights: 'step',
  metrics: 'metric',
  roles: 'role',
  deploymentWorkflows: 'watched workflow',
};

/** Names of settings that are not those of the options. */
export const SETTING_NAMES: Readonly<Record<string, string>> = { secrets: 'secret', variables: 'variable' };

/** A longer value is cut. */
const LONGEST = 120;

/** Returns a value as a person reads it: `5 min`, `"main"`, `none`. */
export function valueInWords(key: string, value: unknown): string {
  const words = wordsOf(key, value);
  return words.length <= LONGEST ? words : `${words.slice(0, LONGEST)}…`;
}

function wordsOf(key: string, value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (isNumber(value)) return key.endsWith('Ms') ? formatDuration(value, 'exact') : String(value);
  if (typeof value !== 'object') return String(value);
  if (isObject(value)) return commandText(value) ?? triggerText(key, value) ?? JSON.stringify(value);
  return JSON.stringify(value);
}

function commandText({ argv, call, kind, line }: Record<string, unknown>): string | undefined {
  if (kind === 'exec' && isListOf(argv, isText)) return argv.join(' ');
  if (kind === 'bash' && isText(line)) return line;
  return kind === 'driver' && isText(call) ? `the driver's ${call}` : undefined;
}

/** Undefined for a trigger of another version. */
function triggerText(key: string, value: Record<string, unknown>): string | undefined {
  return key === 'trigger' ? describeTrigger(value as unknown as TriggerManifest) : undefined;
}
