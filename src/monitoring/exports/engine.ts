import { HealthCheckManifest, StrategyManifest } from '../../contract/manifest';

/** A JSON value; undefined properties are left out. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** The environments and checks to export, with all values resolved. */
export interface Watched {
  /** Identifies the repository and subproject if one engine watches several. */
  readonly project: string;
  readonly environments: WatchedEnvironment[];
  readonly firesAfter: number;
  readonly resolvesAfter: number;
}

export interface WatchedEnvironment {
  readonly name: string;
  /** The URL that users request. */
  readonly url: string;
  /** The checks for this kind of engine: those of the gate, or of the watch. */
  readonly healthChecks: HealthCheckManifest[];
  /** How a release gets its traffic. */
  readonly strategy?: StrategyManifest;
}

/** A condition of a health check that the engine cannot express exactly. */
export interface Difference {
  /** The option of the health check, and its key if it has several: `headers x-release`. */
  readonly condition: string;
  /** The behaviour of the engine, and the reason. */
  readonly why: string;
  /** The difference is small: the file mentions it, without a warning. */
  readonly isRemark?: boolean;
}

/** The configuration of an engine for one health check. */
export interface Mapped<T> {
  /** Undefined if the engine cannot run the check at all. */
  readonly config?: T;
  readonly differences: Difference[];
}

/** A difference, with its environment and check. */
export interface CheckDifference extends Difference {
  readonly environment: string;
  readonly check: string;
}

/** The content of a file for an engine. */
export interface ExportedContent {
  readonly document: { [key: string]: Json };
  readonly differences: CheckDifference[];
  /** The number of health checks, or of analyses of a canary, in it: engines reject a file without any. */
  readonly checks: number;
}

/** A configuration file for an engine. */
export interface EngineFile {
  /** Its name below the directory, without `.yml`. */
  readonly base: string;
  /** Comment lines at the top: what the file is and how it is loaded. */
  readonly introduction: string[];
  /** Whether each environment has its own file, named like the environment, in a folder `base`. */
  readonly isPerEnvironment: boolean;
  content(watched: Watched): ExportedContent;
  /** Changes the final text, if the engine interprets more than YAML in it. */
  finish?(text: string): string;
}

/** An external monitoring system. */
export interface Engine {
  /** Its name, for messages. */
  readonly name: string;
  /** Whether it verifies releases, as a deployment does, instead of watching the live release. */
  readonly isGate: boolean;
  /** Whether it gets the canary of an environment, instead of its health checks. */
  readonly isCanary?: boolean;
  readonly files: EngineFile[];
}

/** A health check of an environment, with its configuration. */
export interface MappedCheck<T> extends Mapped<T> {
  readonly environment: WatchedEnvironment;
  readonly check: HealthCheckManifest;
}

/** A health check that the engine runs. */
export interface Supported<T> extends MappedCheck<T> {
  readonly config: T;
}

export function supportedOf<T>(mapped: MappedCheck<T>[]): Supported<T>[] {
  return mapped.filter((one): one is Supported<T> => one.config !== undefined);
}

/** Maps each kind of health check to an engine. A kind that the engine does not support is `leftOut`. */
export type Kinds<T, S> = {
  readonly [K in Exclude<HealthCheckManifest['kind'], 'allOf'>]: (check: Extract<HealthCheckManifest, { kind: K }>, settings: S) => Mapped<T>
};

export function mapChecks<T, S>({ environments }: Watched, kinds: Kinds<T, S>, settings: S): MappedCheck<T>[] {
  return environments.flatMap((environment) => environment.healthChecks.flatMap((given) => (
    membersOf(given).map(({ check, differences }) => {
      const mapped = (kinds[check.kind as keyof Kinds<T, S>] as (check: HealthCheckManifest, settings: S) => Mapped<T>)(check, settings);
      return { ...mapped, differences: [...differences, ...mapped.differences], environment, check };
    })
  )));
}

/** Reports a check that the engine does not support. */
export function leftOut(kind: string, why: string): Mapped<never> {
  return { differences: [{ condition: kind, why: `${why}; the whole check is left out` }] };
}

/** Splits an `allOf` group into its members, each with the interval and thresholds of the group. */
function membersOf(check: HealthCheckManifest): { check: HealthCheckManifest; differences: Difference[] }[] {
  if (check.kind !== 'allOf') return [{ check, differences: [] }];
  const { name, intervalMs, successThreshold, failureThreshold, deadlineMs } = check;
  const remark = { condition: 'allOf', why: 'each check of the group counts and alerts for itself', isRemark: true };
  return check.checks
    .flatMap((member) => membersOf({ ...member, name: `${name}: ${member.name}`, intervalMs, successThreshold, failureThreshold, deadlineMs }))
    .map(({ check: member, differences }, i) => ({ check: member, differences: i === 0 ? [remark, ...differences] : differences }));
}

export function differencesOf(mapped: MappedCheck<unknown>[]): CheckDifference[] {
  return mapped.flatMap(({ environment, check, differences }) => (
    differences.map((one) => ({ ...one, environment: environment.name, check: check.name }))
  ));
}

/**
 * Makes names unique, keeping their order: repeated names get a number.
 *
 * @param keyOf the part of a name that must be unique
 */
export function distinct<T>(all: T[], nameOf: (one: T) => string, keyOf = (name: string) => name): string[] {
  const taken = new Set<string>();
  return all.map((one) => {
    const wanted = nameOf(one);
    let name = wanted;
    for (let i = 2; taken.has(keyOf(name)); i++) name = `${wanted}_${i}`;
    taken.add(keyOf(name));
    return name;
  });
}
