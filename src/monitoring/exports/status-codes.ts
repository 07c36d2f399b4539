import { StatusRange } from '../../contract/manifest';

/** Returns all healthy status codes, sorted, without duplicates. */
export function statusCodes(ranges: StatusRange[]): number[] {
  const codes = ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return [...new Set(codes)].sort((one, other) => one - other);
}

/** Whether the codes are exactly 200 to 299, the default of most engines. */
export function isAnySuccess(codes: number[]): boolean {
  return codes.length === 100 && codes[0] === 200 && codes[99] === 299;
}

/** Formats status codes for messages: `200 to 204, 301`. */
export function showStatusCodes(codes: number[]): string {
  const runs: [number, number][] = [];
  for (const code of codes) {
    const run = runs.at(-1);
    if (run && run[1] === code - 1) run[1] = code;
    else runs.push([code, code]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`)).join(', ');
}
