import { Alert } from './alert-lifecycle';
import { alertCell } from './alert-notification';
import { Cadence, describeCadence, wasAway } from './cadence';
import { SentTo } from './environment-notifications';
import { EnvironmentFindings, Finding } from './environment-watch';
import { formatDuration } from '../../contract/duration-text';
import { escapeMarkdown, link, markdownTable } from '../reporting/markdown';
import { truncate } from '../reporting/untrusted-text';

/** The result of a run of the watch. Plain data, secrets already masked. */
export interface WatchReport {
  readonly environments: readonly EnvironmentFindings[];
  /** Notifications about what is not watched any more. */
  readonly ended: readonly SentTo[];
  readonly cadence?: Cadence;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The worst result. */
export type WatchVerdict = 'firing' | 'bad' | 'inconclusive' | 'healthy';

/** Results that do not count against the service. */
const QUIET_OUTCOMES: readonly Finding['outcome'][] = ['healthy', 'blind', 'unprobed'];

export function verdictOf({ environments }: Pick<WatchReport, 'environments'>): WatchVerdict {
  if (environments.some(({ alerts }) => alerts.some(({ phase }) => phase === 'firing'))) return 'firing';
  const outcomes = environments.flatMap(({ findings }) => findings.map(({ outcome }) => outcome));
  if (outcomes.some((outcome) => !QUIET_OUTCOMES.includes(outcome))) return 'bad';
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'healthy') ? 'healthy' : 'inconclusive';
}

/** Why the checks of an environment were not probed. */
const UNPROBED: Record<EnvironmentFindings['status'], string> = {
  stable: '',
  unknown: '',
  changing: 'being deployed: the deployment watches it itself',
  empty: 'no release was verified here yet: adopt what is live, or deploy',
};

/** A line for each check, for the log. */
export function linesOf({ alerts, findings, status }: EnvironmentFindings, now: number): string[] {
  const lines = findings.map(({ probeCount, name, outcome, saw }) => {
    const alert = alertCell(alerts.find((one) => one.name === name), now);
    return `${outcome === 'healthy' ? '✔' : '✖'} ${name}: ${saw}${probeCount > 1 ? ` (probed ${probeCount} times)` : ''}${alert ? ` · ${alert}` : ''}`;
  });
  return lines.length > 0 ? lines : [UNPROBED[status] || 'nothing to probe'];
}

const ICONS: Record<WatchVerdict, string> = { firing: '🔴', bad: '🟠', inconclusive: '⚪', healthy: '💚' };

/** The job's summary. */
export function renderWatch(report: WatchReport): string {
  const { cadence, ended, environments, now } = report;
  const rows = environments.flatMap((one) => rowsOf(one, now));
  const notified = [...environments.flatMap((one) => one.notified), ...ended];
  const next = environments.flatMap(({ environment, next: step, rollbackUrl }) => (
    step === undefined || rollbackUrl !== undefined ? [] : [`- ${escapeMarkdown(environment)}: ${escapeMarkdown(step, 1000)}`]
  ));
  return [
    `## ${ICONS[verdictOf(report)]} ${escapeMarkdown(headline(report), 1000)}`,
    markdownTable(['Environment', 'Release', 'Check', 'Result', 'Latency', 'Alert'], rows, ['Latency']),
    alertPicture(environments, now),
    next.length === 0 ? '' : ['### What to do', ...next].join('\n'),
    notified.length === 0 ? '' : ['### Notifications', ...notified.map(notificationLine)].join('\n'),
    environments.flatMap(({ environment, rollbackUrl }) => (rollbackUrl === undefined ? [] : [`⏪ ${link(`${environment} is rolled back`, rollbackUrl)}`])).join('\n'),
    cadence === undefined ? '' : `${wasAway(cadence) ? '⚠️ ' : ''}${escapeMarkdown(`The watch is ${describeCadence(cadence)}.`, 500)}`,
  ].filter((block) => block !== '').join('\n\n');
}

function rowsOf(one: EnvironmentFindings, now: number): string[][] {
  const place = [link(one.environment, one.url), escapeMarkdown(one.version ?? 'none')];
  if (one.findings.length === 0) return [[...place, '', escapeMarkdown(UNPROBED[one.status]), '', '']];
  return one.findings.map((finding) => [...place, ...findingCells(finding, one.alerts.find(({ name }) => name === finding.name), now)]);
}

function findingCells({ probeCount, latencyMs, name, outcome, saw }: Finding, alert: Alert | undefined, now: number): string[] {
  return [
    escapeMarkdown(name),
    `${outcome === 'healthy' ? '✅' : '❌'} ${escapeMarkdown(`${saw}${probeCount > 1 ? `, probed ${probeCount} times` : ''}`)}`,
    latencyMs === undefined ? '' : formatDuration(latencyMs),
    escapeMarkdown(alertCell(alert, now)),
  ];
}

function notificationLine({ title, notified, failed }: SentTo): string {
  return [
    `- ${escapeMarkdown(title)}: ${notified.length === 0 ? 'no one' : escapeMarkdown(notified.join(', '))}`,
    ...failed.map(({ channel, why }) => `  - ❌ ${escapeMarkdown(`${channel} could not be notified: ${why}`, 500)}`),
  ].join('\n');
}

/** What was found, and what to do next, in one line. */
export function lastLine(report: WatchReport): string {
  const next = report.environments.find((one) => one.next !== undefined)?.next;
  return next === undefined ? headline(report) : `${headline(report)}. ${next}`;
}

function headline(report: WatchReport): string {
  const { environments } = report;
  const firing = environments.flatMap(({ alerts, environment }) => (
    alerts.filter(({ phase }) => phase === 'firing').map(({ name }) => `${environment}/${name}`)
  ));
  if (firing.length > 0) return `firing: ${firing.join(', ')}`;
  const verdict = verdictOf(report);
  // a blind check is not a bad one
  const isInteresting = ({ outcome }: Finding) => (verdict === 'bad' ? !QUIET_OUTCOMES.includes(outcome) : outcome !== 'healthy');
  const bad = environments.flatMap(({ environment, findings }) => findings.filter(isInteresting).map(({ name }) => `${environment}/${name}`));
  switch (verdict) {
    case 'bad': return `unhealthy, but not for long enough to fire: ${bad.join(', ')}; the next watch probes again`;
    case 'inconclusive': return `inconclusive: ${bad.join(', ') || environments.map(({ environment }) => environment).join(', ')}`;
    default: return `healthy: ${environments.filter(({ findings }) => findings.length > 0).map(({ environment }) => environment).join(', ')}`;
  }
}

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
  return truncate(label.replace(/[^\p{L}\p{N} ./_-]/gu, ' '), 80, '');
}
