/** A length of time for a person, in its two largest units: `12 s`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]] as const;
  const at = units.findIndex(([, size]) => seconds >= size);
  if (at < 0) return '0 s';
  let rest = seconds;
  return units.slice(at, at + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  }).join(' ');
}
