/**
 * A record in the order of its keys. What a user wrote in another order, or has no order in his language (in Java, `Map.of` comes in
 * another one each time), makes no other manifest: a synthesis that changed nothing must leave no diff.
 */
export function inKeyOrder<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
