import { AlertEntry, NewAlertEntry } from './alert-entry';
import { AlertState } from './alert-lifecycle';

/**
 * A record of what happens to an environment's alerts. It begins when something is wrong and ends when every alert is quiet again and
 * everyone was told; what goes on for long takes several, each of which carries the state of the one before it.
 */
export interface Episode {
  readonly id: string;
  /** The process that began it. */
  readonly processId: string;
  readonly environment: string;
  /** The id of the episode before it, empty where there was none: of several that follow the same one only the first counts. */
  readonly after: string;
  /** The state of the one before it, where that goes on here. @default - nothing was wrong */
  readonly carried?: AlertState;
}

/** Where alerts are kept. Everything rejects with `LedgerError` when the place cannot be read or written. */
export interface AlertLog {
  /** Those of all environments, in any order: as many as matter, and of each of `environments` the newest at least. */
  episodes(environments: readonly string[]): Promise<Episode[]>;
  /** Those of one environment, or as many as matter, in any order. */
  episodesOf(environment: string): Promise<Episode[]>;
  /** Those of an episode, oldest first. */
  entries(episode: Episode): Promise<AlertEntry[]>;
  begin(environment: string, after: string, carried?: AlertState): Promise<Episode>;
  /** The new entry's id. */
  write(episode: Episode, entry: NewAlertEntry): Promise<string>;
}
