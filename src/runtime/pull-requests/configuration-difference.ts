import { NAMED_LISTS, SETTING_NAMES, UNSHOWN, valueInWords } from './configuration-words';
import { formatDuration } from '../../contract/duration-text';
import { longestDetectionMs, Manifest } from '../../contract/manifest';
import { longestRestoreMs, TimedEnvironment } from '../../contract/time-budget';
import { isObject } from '../json-value';

/** What a change of the manifest means, in words. Its texts are untrusted: they come from the head of a pull request. */
export interface ConfigurationDifference {
  /** The environment; absent for the whole delivery. */
  readonly environment?: string;
  /** `failureThreshold 3 -> 5`. */
  readonly changes: readonly string[];
}

/**
 * Compares two manifests, and says in words what is different. The base may be of an older version of the package, so no field is taken for
 * granted: what is not known by name is shown by its path.
 *
 * @param base undefined where the delivery is new
 */
export function configurationDifference(base: unknown, head: Manifest): ConfigurationDifference[] {
  if (!isObject(base)) return [{ changes: [`this adds the delivery, with ${listOf(head.environments.map(({ name }) => name))}`] }];
  const { environments: before, runtime: runtimeBefore, ...rest } = base;
  const { environments, runtime, ...restNow } = head;
  const known = new Map(environmentsIn(before).map((one) => [one.name, one]));
  const names = new Set(environments.map(({ name }) => name));
  const whole = [...runtimeChanges(runtimeBefore, runtime), ...settingChanges(rest, restNow)];
  return [
    ...(whole.length === 0 ? [] : [{ changes: whole }]),
    ...environments.flatMap((now) => {
      const then = known.get(now.name);
      const changes = then === undefined ? ['this environment is new'] : [...settingChanges(then, now), ...timeChanges(then, now)];
      return changes.length === 0 ? [] : [{ environment: now.name, changes }];
    }),
    ...[...known.keys()].filter((name) => !names.has(name)).map((name) => ({
      environment: name, changes: ['this environment is removed: nothing deploys to it any more, and what is live there stays'],
    })),
  ];
}

/** Says which settings of two objects are different, with their paths. */
function settingChanges(before: unknown, now: unknown, path: readonly string[] = []): string[] {
  if (same(before, now)) return [];
  if (isObject(before) && isObject(now) && before.kind === now.kind) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.filter((key) => !UNSHOWN.includes([...path, key].join('.'))).flatMap((key) => settingChanges(before[key], now[key], [...path, key]));
  }
  const key = path.at(-1) ?? '';
  const areLists = Array.isArray(now ?? before) && [before, now].every((one) => one === undefined || Array.isArray(one));
  // a variable may have the name of a list
  if (areLists && Object.hasOwn(NAMED_LISTS, key)) return namedChanges(NAMED_LISTS[key]!, namedIn(before), namedIn(now));
  if (areLists && [before, now].every((one) => one === undefined || isListOfTexts(one))) return listChanges(path, before, now);
  const name = path.map((one) => SETTING_NAMES[one] ?? one).join('.');
  return [`${nameOfSetting(name)} ${valueInWords(key, before)} -> ${valueInWords(key, now)}`];
}

/** `health check web: failureThreshold 3 -> 5`. */
function namedChanges(what: string, before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): string[] {
  const changes = [
    ...[...now].flatMap(([name, one]) => {
      if (!before.has(name)) return [`${what} ${name} is added`];
      return settingChanges(before.get(name), one).map((change) => `${what} ${name}: ${change}`);
    }),
    ...[...before.keys()].filter((name) => !now.has(name)).map((name) => `${what} ${name} is removed`),
  ];
  return changes.length === 0 ? [`${what}: in another order`] : changes;
}

function listChanges(path: readonly string[], before: unknown, now: unknown): string[] {
  const name = path.map((one) => SETTING_NAMES[one] ?? one).join('.');
  const [old, current] = [before, now].map((one) => (Array.isArray(one) ? one as string[] : []));
  const [added, removed] = [current!.filter((one) => !old!.includes(one)), old!.filter((one) => !current!.includes(one))];
  if (added.length + removed.length === 0) return [`${name} in another order`];
  return [...(added.length > 0 ? [`${name}: ${listOf(added)} added`] : []), ...(removed.length > 0 ? [`${name}: ${listOf(removed)} removed`] : [])];
}

function runtimeChanges(before: unknown, now: Manifest['runtime']): string[] {
  const [version, sha256] = isObject(before) ? [before.version, before.sha256] : [];
  if (version !== now.version) return [`projen-delivery ${valueInWords('version', version)} -> ${valueInWords('version', now.version)}: the jobs run another runtime`];
  return sha256 === now.sha256 ? [] : ['the jobs run another runtime of the same version'];
}

/** What the changes of an environment mean for the times that people wait for. */
function timeChanges(before: Named, now: TimedEnvironment): string[] {
  const times = [before, now].map(worstTimes);
  if (times.includes(undefined)) return [];
  const [old, current] = times as [WorstTimes, WorstTimes];
  return ([['detection', 'detectMs'], ['rollback', 'restoreMs']] as const).filter(([, key]) => old[key] !== current[key])
    .map(([what, key]) => `worst-case ${what} ${formatDuration(old[key])} -> ${formatDuration(current[key])}`);
}

/** The longest times, in milliseconds, that follow from the configuration alone. */
export interface WorstTimes {
  /** Until the health checks find a release bad that users see. */
  readonly detectMs: number;
  /** Until Stable is restored and verified, from then on. */
  readonly restoreMs: number;
}

/** Undefined where the manifest is of a version that has no such times. */
export function worstTimes(environment: unknown): WorstTimes | undefined {
  try {
    const timed = environment as TimedEnvironment;
    const times = { detectMs: longestDetectionMs(timed.healthChecks), restoreMs: longestRestoreMs(timed) };
    return Object.values(times).every(Number.isFinite) ? times : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

interface Named {
  readonly name: string;
}

function environmentsIn(value: unknown): Named[] {
  return Array.isArray(value) ? value.filter((one): one is Named => isObject(one) && typeof one.name === 'string') : [];
}

/** By name; of those without a name, by number. None hides another one that has its name. */
function namedIn(value: unknown): ReadonlyMap<string, unknown> {
  const named = new Map<string, unknown>();
  for (const [index, one] of (Array.isArray(value) ? value as unknown[] : []).entries()) {
    const name = isObject(one) && typeof one.name === 'string' ? one.name : String(index + 1);
    let key = name;
    for (let count = 2; named.has(key); count++) key = `${name} (${count})`;
    named.set(key, one);
  }
  return named;
}

/** `target.driver.stacks`, and `bake` for `strategy.bake`: the names that the options have. */
function nameOfSetting(path: string): string {
  return path.replace(/^strategy\.(?!kind$)/, '').replace(/Ms$/, '');
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** The order of keys does not count. */
function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one)) ?? '';
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
