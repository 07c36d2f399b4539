import type { Event, Stream, Topic } from './event-log';

type Json = Stream['record'];

/**
 * Reads what one schema wrote as the next one would have written it. It is pure, and once it is released it never changes. On GitHub others may write, too:
 * what does not have the form of its schema is returned as it is.
 */
export interface Upgrader {
  readonly record: (record: Json, topic: Topic) => Json;
  readonly event: (event: Event, topic: Topic) => Event;
}

/** The first one reads schema 1 as schema 2, and so on. There is one for each change of what records or events hold. */
export const UPGRADERS: readonly Upgrader[] = [];
