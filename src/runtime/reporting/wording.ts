/** A time for a person: `250 ms`, `5 s`, `1.5 s`. */
export function spellMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
