/** There at once, or later. A promise costs more than most steps of a model, so only what has to wait makes one. */
export type Eventually<T> = T | Promise<T>;

export function then<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
