import { ObjectFile } from 'projen';

/** A private part of projen's file. */
interface ProjensFile {
  readonly obj?: unknown;
}

/** Returns what a file of projen holds now, without overrides and patches. Undefined if projen's private part has moved. */
export function objectIn(file: ObjectFile): unknown {
  return asItIsNow((file as unknown as ProjensFile).obj);
}

/** Copies a value and resolves lazy values. */
export function asItIsNow(value: unknown): unknown {
  if (typeof value === 'function') return asItIsNow((value as () => unknown)());
  if (typeof value !== 'object' || value === null) return value;
  if (hasToJson(value)) return asItIsNow(value.toJSON());
  if (Array.isArray(value)) return value.map(asItIsNow).filter((item) => item !== undefined && item !== null);
  const map: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const now = asItIsNow(item);
    if (now !== undefined) map[key] = now;
  }
  return map;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
