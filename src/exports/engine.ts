import type { Json } from '../ci/workflow-yaml';
import { HealthCheckManifest } from '../manifest';

export type { Json };

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
  readonly files: EngineFile[];
}

/** Each health check of each environment, and what it became. */
export interface MappedCheck<T> extends Mapped<T> {
  readonly environment: WatchedEnvironment;
  readonly check: HealthCheckManifest;
}

export function mapChecks<T>({ environments }: Watched, map: (check: HealthCheckManifest) => Mapped<T>): MappedCheck<T>[] {
  return environments.flatMap((environment) => environment.healthChecks.map((check) => ({ ...map(check), environment, check })));
}

export function differencesOf(mapped: MappedCheck<unknown>[]): CheckDifference[] {
  return mapped.flatMap(({ environment, check, differences }) => (
    differences.map((one) => ({ ...one, environment: environment.name, check: check.name }))
  ));
}
