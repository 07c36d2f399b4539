const HOUR_MS = 3_600_000;

/** Formats a duration for Go programs such as Prometheus: `5s`, `1500ms`, `336h`. */
export function goDuration(ms: number): string {
  if (ms % 1000 !== 0) return `${ms}ms`;
  return ms > 0 && ms % HOUR_MS === 0 ? `${ms / HOUR_MS}h` : `${ms / 1000}s`;
}
