import { HealthCheckManifest } from '../../contract/manifest';

/** What JSON can say; what is undefined is left out of a map. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** What is watched, for whatever engine: everything resolved. */
export interface Watched {
  /** Tells repositories and subprojects apart where one engine watches several. */
  readonly project: string;
  readonly environments: WatchedEnvironment[];
  readonly firesAfter: number;
  readonly resolvesAfter: number;
}

export interface WatchedEnvironment {
  readonly name: string;
  /** Where users find it. */
  readonly url: string;
  /** Those that the engine is for: the gate's, or the watch's. */
  readonly healthChecks: HealthCheckManifest[];
}

/** Where an engine does not do what a health check says. */
export interface Difference {
  /** The option of the health check, and which of several: `headers x-release`. */
  readonly condition: string;
  /** What the engine does instead, and why. */
  readonly why: string;
  /** The condition is there, only not to the letter: said in the file, and no warning. */
  readonly isRemark?: boolean;
}

/** What one health check becomes in an engine. */
export interface Mapped<T> {
  /** Undefined where the engine cannot look at it at all. */
  readonly made?: T;
  readonly differences: Difference[];
}

/** A difference, and whose. */
export interface CheckDifference extends Difference {
  readonly environment: string;
  readonly check: string;
}

/** What a file of an engine holds. */
export interface ExportedContent {
  readonly document: { [key: string]: Json };
  readonly differences: CheckDifference[];
  /** How many health checks are in it: a file with none is no configuration. */
  readonly checks: number;
}

/** A file that an engine reads. */
export interface EngineFile {
  /** Its name below the directory, without `.yml`. */
  readonly base: string;
  /** What it is and how it is loaded: comment lines on top of it. */
  readonly introduction: string[];
  /** Each environment has one of its own, called like the environment, in a folder `base`. */
  readonly isPerEnvironment: boolean;
  content(watched: Watched): ExportedContent;
  /** A last change to the text, where the engine reads more in it than YAML. */
  finish?(text: string): string;
}

/** Something else that looks at services. */
export interface Engine {
  /** As people call it. */
  readonly name: string;
  /** It judges releases, as a deployment does, instead of watching what is live. */
  readonly isGate: boolean;
  readonly files: EngineFile[];
}

/** Each health check of each environment, and what it became. */
export interface MappedCheck<T> extends Mapped<T> {
  readonly environment: WatchedEnvironment;
  readonly check: HealthCheckManifest;
}

/** How an engine takes each kind of health check. What it cannot look at is `leftOut`. */
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

/** Nothing of it can be said to this engine. */
export function leftOut(kind: string, why: string): Mapped<never> {
  return { differences: [{ condition: kind, why: `${why}; the whole check is left out` }] };
}

/** A group that demands all of its members is each of them, as often and as patiently as the group. */
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
