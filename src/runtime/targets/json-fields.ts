import { isObject } from '../json-value';

/** Reads fields of what the engine's CLI printed. Absent fields are null in its output. */
export function textIn(value: unknown, field: string): string {
  const found = fieldIn(value, field);
  return typeof found === 'string' ? found : '';
}

/** Returns a number; NaN where there is none. */
export function numberIn(value: unknown, field: string): number {
  const found = fieldIn(value, field);
  return typeof found === 'number' ? found : NaN;
}

/** Returns a list; an empty one where there is none. */
export function itemsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function fieldIn(value: unknown, field: string): unknown {
  return isObject(value) ? value[field] : undefined;
}
