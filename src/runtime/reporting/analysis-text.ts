import { markdownTable } from './markdown';
import { formatDuration } from '../../contract/duration-text';
import { AnalysisReport, EvidencePoint, MetricReport, SideReport } from '../analysis/analysis-report';
import { LatencyCounts } from '../analysis/counters';
import { Judgement } from '../analysis/judgement';

/** The most points of the chart. */
const POINTS = 40;

const VERDICTS: Record<Judgement['verdict'], string> = { rollBack: 'worse than Stable', promote: 'good', inconclusive: 'no verdict' };

/** One line of the log for each measurement. */
export function progressOf(
  percent: number, counted: Pick<MetricReport, 'canary' | 'stable'>, judgements: readonly (Judgement & { readonly name: string })[],
): string {
  return [
    `${percent} % of the traffic`,
    `Canary: ${sideText(counted.canary)}`,
    `Stable: ${sideText(counted.stable)}`,
    ...judgements.map(({ name, reason, towards, verdict }) => (
      verdict === 'inconclusive' && towards.rollBack === 0 && towards.promote === 0 ? reason : `${name}: ${towardsText(towards)}`
    )),
  ].join(' · ');
}

/** Of each metric: what was counted, and the evidence. */
export function analysisRows(reports: readonly AnalysisReport[]): string[][] {
  return reports.flatMap(({ metrics, percent }) => metrics.map(({ canary, name, stable, towards, verdict }) => [
    `${percent} %`, name, sideText(canary), sideText(stable), ofWhole(towards.rollBack), ofWhole(towards.promote), VERDICTS[verdict],
  ]));
}

export const ANALYSIS_COLUMNS = ['Weight', 'Metric', 'Canary', 'Stable', 'Evidence to roll back', 'Evidence to promote', 'Verdict'];

/** A table, and a chart of the evidence over time with the line of the decision. */
export function analysisSection(reports: readonly AnalysisReport[]): string {
  if (reports.length === 0) return '';
  const table = markdownTable(ANALYSIS_COLUMNS, analysisRows(reports), ['Evidence to roll back', 'Evidence to promote']);
  const chart = chartOf(reports.flatMap(({ evidence }) => evidence));
  return ['### Canary and Stable side by side', table, ...(chart === undefined ? [] : [`\`\`\`mermaid\n${chart}\n\`\`\``])].join('\n\n');
}

/** Undefined where there is nothing to draw. */
export function chartOf(points: readonly EvidencePoint[]): string | undefined {
  const lastMs = points.at(-1)?.atMs ?? 0;
  if (points.length < 2 || lastMs === 0) return undefined;
  // the x axis has equal distances: the evidence at each of them is that of the last measurement before
  const columns = Math.min(POINTS, points.length);
  const values = Array.from({ length: columns }, (_, index) => {
    const until = lastMs * (index + 1) / columns;
    return Math.floor(100 * (points.filter(({ atMs }) => atMs <= until).at(-1) ?? points[0]!).rollBack);
  });
  return [
    'xychart-beta',
    '  title "Evidence against the release: 100 % is a rollback"',
    `  x-axis "Minutes since the first step" ${(lastMs / columns / 60_000).toFixed(2)} --> ${(lastMs / 60_000).toFixed(2)}`,
    '  y-axis "%" 0 --> 110',
    `  line [${values.join(', ')}]`,
    `  line [${values.map(() => 100).join(', ')}]`,
  ].join('\n');
}

function sideText({ errors, latency, requests }: SideReport): string {
  const rate = requests === 0 ? '' : ` (${Number((100 * errors / requests).toPrecision(2))} %)`;
  return `${count(requests, 'request')}, ${count(errors, 'error')}${rate}${latency === undefined ? '' : `, ${latency}`}`;
}

function count(amount: number, noun: string): string {
  return `${Math.round(amount).toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

function towardsText({ promote, rollBack }: Judgement['towards']): string {
  return `${ofWhole(rollBack)} of what a rollback needs, ${ofWhole(promote)} of what a promotion needs`;
}

/** Rounded down: 100 % is a verdict. */
function ofWhole(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

/** `p99 at most 250 ms`: the bound of the bucket that it is in. */
export function latencyText(name: string, quantile: number, latency: LatencyCounts | undefined): string | undefined {
  if (!latency || latency.count === 0) return undefined;
  const bucket = latency.below.findIndex((below) => below >= quantile * latency.count);
  return bucket >= 0 ? `${name} at most ${formatDuration(latency.boundsMs[bucket]!)}` : `${name} more than ${formatDuration(latency.boundsMs.at(-1) ?? 0)}`;
}
