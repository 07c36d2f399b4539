/* Checks of values that were parsed from JSON. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

/** Returns undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
