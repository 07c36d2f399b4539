import { EnvironmentFindings } from './environment-watch';

const DAY_MS = 86_400_000;
/** The shortest bar that is visible. */
const SHORTEST_MS = 60_000;

/** Draws since when each alert is pending or fires, as a Mermaid Gantt chart; empty if every alert is quiet. */
export function alertPicture(environments: readonly EnvironmentFindings[], now: number): string {
  const raised = environments.flatMap(({ alerts, environment }) => (
    alerts.filter(({ phase }) => phase !== 'quiet').map(({ name, phase, since }) => ({ label: `${environment}/${name}`, phase, since: Date.parse(since ?? '') || now }))
  ));
  if (raised.length === 0) return '';
  const first = Math.min(...raised.map(({ since }) => since));
  return [
    '```mermaid',
    'gantt',
    '  dateFormat x',
    `  axisFormat ${now - first > DAY_MS ? '%b %d' : '%H:%M'}`,
    ...raised.map(({ label, phase, since }) => `  ${plain(label)} :${phase === 'firing' ? 'crit' : 'active'}, ${since}, ${Math.max(now, since + SHORTEST_MS)}`),
    '```',
  ].join('\n');
}

/** Removes what Mermaid could interpret. A label begins with an environment and a slash, so it is no keyword. */
function plain(label: string): string {
  return label.replace(/[^\p{L}\p{N} ./_-]/gu, ' ').slice(0, 80);
}
