import { ANALYSIS_COLUMNS, analysisRows } from './analysis-text';
import { DeploymentReport, PhaseReport, PlanReport, Report } from './deployment-report';
import { iconOf, nextStepsOf, percentiles, plannedPhases, reached, reasonOf, RESULTS, sentenceOf } from './summary';
import { changeRows, renderTable } from './table';
import { safeLine } from './untrusted-text';
import { formatDuration } from '../../contract/duration-text';

/** The report for a terminal: plain text, several lines. */
export function renderText(report: Report): string {
  const blocks = report.kind === 'plan' ? planBlocks(report) : deploymentBlocks(report);
  return ['', `${iconOf(report)} ${safeLine(sentenceOf(report))}`, ...blocks, nextBlock(report)].filter((block, i) => i === 0 || block !== '').join('\n');
}

function deploymentBlocks(report: DeploymentReport): string[] {
  const reason = reasonOf(report);
  const unwritten = report.unwritten ?? [];
  return [
    reason === undefined ? '' : `   ${safeLine(reason, 500)}`,
    phasesBlock(report.phases),
    unwritten.length === 0 ? '' : `   the ledger did not record ${unwritten.join(', ')}; these states were reached nevertheless`,
  ];
}

function phasesBlock(phases: readonly PhaseReport[]): string {
  if (phases.length === 0) return '';
  const rows = phases.map(({ state, durationMs, result }) => [state, RESULTS[result.event], formatDuration(durationMs)]);
  const probes = phases.flatMap(({ state, result }) => (result.probes ?? []).map((check) => [
    check.name, state, String(check.count), String(check.healthy), ...percentiles(check),
  ]));
  const analyzed = analysisRows(phases.flatMap(({ result }) => result.analysis ?? []));
  return [
    '',
    indented(renderTable(['phase', 'result', 'time'], rows)),
    ...(analyzed.length === 0 ? [] : ['', indented(renderTable(ANALYSIS_COLUMNS.map((column) => column.toLowerCase()), analyzed))]),
    ...(probes.length === 0 ? [] : ['', indented(renderTable(['check', 'phase', 'probes', 'healthy', 'p50', 'p95'], probes))]),
  ].join('\n');
}

function planBlocks(plan: PlanReport): string[] {
  const {
    alreadyLive, baseline, environment, faults, healthChecks, notNow, release, rollbackPoint, secrets, stable, unfinished, url, variables, warnings,
  } = plan;
  return [
    ...[...faults, ...(unfinished ? [unfinished.sentence] : []), ...warnings].map((fault) => `   - ${safeLine(fault, 1000)}`),
    '',
    indented(renderTable([], [
      ['environment', `${environment}, ${url}`],
      ['release', `${release.version} at ${release.sha.slice(0, 7)}`],
      [unfinished ? 'Stable' : 'live now', stable ? `${stable.release.version} at ${stable.release.sha.slice(0, 7)}, Stable since ${stable.since}` : 'no verified release'],
      ['rollback', rollbackPoint],
      ['deployed by', plan.trigger],
      ...healthChecks.map((check) => ['health check', `${check.name}: ${check.url}, ${reached(baseline[check.name])} now`]),
      ...Object.entries(variables).map(([name, value]) => ['variable', `${name}=${value}`]),
      ...secrets.map((name) => ['secret', name]),
    ])),
    ...changesBlock(plan),
    ...(alreadyLive || notNow !== undefined ? [] : ['\n   What would happen:', ...plannedPhases(plan).map((phase, i) => `   ${i + 1}. ${safeLine(phase, 500)}`)]),
  ];
}

function changesBlock({ changes }: PlanReport): string[] {
  if (!changes) return [];
  if (changes.kind === 'unknown') return ['', `   Changes of the engine: unknown (${safeLine(changes.why, 500)})`];
  const { more, rows } = changeRows(changes.changes);
  if (rows.length === 0) return ['', '   Changes of the engine: none'];
  const table = renderTable(['change', 'type', 'resource', 'properties'], rows.map((row) => row.map((cell) => safeLine(cell, 120))));
  return ['', indented(table), ...(more === 0 ? [] : [`   and ${more} more`])];
}

function nextBlock(report: Report): string {
  const lines = nextStepsOf(report).flatMap(({ text, run }) => [`   ${safeLine(text, 1000)}`, ...(run === undefined ? [] : [`     ${safeLine(run, 2000)}`])]);
  return lines.length === 0 ? '' : ['\n   Next steps', ...lines].join('\n');
}

function indented(text: string): string {
  return text.split('\n').map((line) => `   ${line}`).join('\n');
}
