import { DeploymentInProgress } from './phase';
import { AnalysisManifest, AnalyzedMetricManifest } from '../../../contract/analysis-manifest';
import { MetricManifest } from '../../../contract/metric-manifest';
import { AnalysisReport, EvidencePoint } from '../../analysis/analysis-report';
import { isShown, judgementOf, lastLookOf, MetricProgress, nameOf, NO_PROGRESS, quantileName, withNewWeight, withScrape } from '../../analysis/canary-progress';
import { RequestCounts, Scrape } from '../../analysis/counters';
import { combined, Judgement } from '../../analysis/judgement';
import { endWithoutVerdict, StepEnd } from '../../analysis/step-end';
import { InterruptedError } from '../../errors';
import { MetricSource } from '../../metrics/metric-source';
import { metricSourceOf } from '../../metrics/open-metric-source';
import { latencyText, progressOf } from '../../reporting/analysis-text';
import { RunningCanary } from '../facts';

/** Compares the release with Stable while both share the traffic, after each measurement, until there is a verdict or the time is over. */
export class StepAnalysis {
  /** Undefined where the health checks alone judge the step: without an analysis, and in a drill, which waits for nothing. */
  public static of(deployment: DeploymentInProgress): StepAnalysis | undefined {
    const { context: { environment: { strategy: { analysis } } }, weight: { atMostMs } } = deployment;
    return analysis && atMostMs !== undefined ? new StepAnalysis(deployment, analysis, atMostMs) : undefined;
  }

  private readonly startedAt: number;
  private readonly running: RunningCanary;
  private readonly points: EvidencePoint[] = [];
  private readonly dueAt = new Map<string, number>();

  private constructor(
    private readonly deployment: DeploymentInProgress,
    private readonly analysis: AnalysisManifest,
    public readonly longestMs: number,
  ) {
    const { context: { clock }, facts, weight: { percent } } = deployment;
    this.startedAt = clock.now();
    const none = analysis.metrics.map(() => NO_PROGRESS);
    this.running = facts.canary ??= { beganAt: this.startedAt, sources: this.openSources(), progress: none, percent };
    if (this.running.percent === percent) return;
    const { percent: before, progress } = this.running;
    Object.assign(this.running, { percent, progress: progress.map((one) => withNewWeight(one, before)) });
  }

  /** Reads and judges until the step ends. Undefined if the signal aborts before. */
  public async untilVerdict(end: AbortSignal): Promise<StepEnd | undefined> {
    const { context: { clock }, weight: { atLeastMs } } = this.deployment;
    const [earliest, latest] = [this.startedAt + atLeastMs, this.startedAt + this.longestMs];
    for (;;) {
      await this.read(end);
      if (end.aborted) return undefined;
      const judgement = combined(this.judgements);
      const now = clock.now();
      if (judgement.verdict === 'rollBack') return { event: 'unhealthy', note: judgement.reason };
      if (judgement.verdict === 'promote' && now >= earliest) return { event: 'healthy', note: judgement.reason };
      if (now >= latest) return this.atLastLook() ?? this.withoutVerdict();
      await clock.sleep(Math.min(...this.dueAt.values(), latest, ...(judgement.verdict === 'promote' ? [earliest] : [])) - now, end);
      if (end.aborted) return undefined;
    }
  }

  public get report(): AnalysisReport {
    const { percent, progress } = this.running;
    const metrics = this.analysis.metrics.map((metric, index) => {
      const { towards, verdict } = this.judgements[index]!;
      return { name: nameOf(metric), ...sidesOf(progress[index]!, metric), verdict, towards };
    });
    return { percent, metrics, evidence: this.points };
  }

  private get judgements(): Judgement[] {
    return this.analysis.metrics.map((metric, index) => judgementOf(this.running.progress[index]!, metric));
  }

  private openSources(): ReadonlyMap<string, MetricSource> {
    const { context, record: { release, slot, stable } } = this.deployment;
    const { clock, environment, execute, interrupted, log, processEnv } = context;
    const sides = { canary: { release, slot }, stable: { release: stable!.release, slot: stable!.slot } };
    const given = { clock, environment, execute, interrupted, log, processEnv, ...sides };
    const sources = new Map<string, MetricSource>();
    for (const { metric } of this.analysis.metrics) {
      if (!sources.has(keyOf(metric))) sources.set(keyOf(metric), metricSourceOf(metric, given));
    }
    return sources;
  }

  /** Reads the sources that are due, and adds what they report. */
  private async read(end: AbortSignal): Promise<void> {
    const now = this.deployment.context.clock.now();
    const due = [...this.running.sources].filter(([key]) => (this.dueAt.get(key) ?? 0) <= now);
    await Promise.all(due.map(async ([key, source]) => {
      this.dueAt.set(key, now + this.metricsOf(key)[0]!.metric.intervalMs);
      const scrape = await scraped(source, end);
      if (scrape) this.add(key, scrape);
    }));
  }

  private add(key: string, scrape: Scrape): void {
    const { context: { log }, weight: { percent } } = this.deployment;
    const { metrics } = this.analysis;
    const isOfKey = (index: number) => keyOf(metrics[index]!.metric) === key;
    this.running.progress = this.running.progress.map((one, index) => (
      isOfKey(index) ? withScrape(one, scrape, metrics[index]!, this.startedAt) : one
    ));
    const judgements = this.judgements;
    const shown = metrics.flatMap((metric, index) => (isOfKey(index) ? [{ metric, index, ...judgements[index]!, name: nameOf(metric) }] : []));
    const { index, metric } = shown.find((one) => one.metric.latency) ?? shown[0]!;
    log.line(progressOf(percent, sidesOf(this.running.progress[index]!, metric), shown));
    const all = combined(judgements);
    this.points.push({ atMs: this.deployment.context.clock.now() - this.running.beganAt, rollBack: all.towards.rollBack });
  }

  private metricsOf(key: string): AnalyzedMetricManifest[] {
    return this.analysis.metrics.filter(({ metric }) => keyOf(metric) === key);
  }

  /** What the numbers of errors show at the end of the last comparison. Undefined if they show nothing, or are not to be trusted. */
  private atLastLook(): StepEnd | undefined {
    if (!this.deployment.isLastShare) return undefined;
    const reasons = this.analysis.metrics.flatMap((metric, index) => lastLookOf(this.running.progress[index]!, metric) ?? []);
    return reasons.length > 0 ? { event: 'unhealthy', note: reasons.join('; ') } : undefined;
  }

  private withoutVerdict(): StepEnd {
    const { percent, progress } = this.running;
    const judgements = this.judgements;
    const undecided = this.analysis.metrics.flatMap((metric, index) => {
      const { reason, verdict } = judgements[index]!;
      return verdict === 'inconclusive' ? [{ reason, isShown: isShown(progress[index]!, metric, percent) }] : [];
    });
    return endWithoutVerdict(this.analysis.withoutVerdict, undecided, this.longestMs);
  }
}

/** Undefined if the signal aborts. */
async function scraped(source: MetricSource, end: AbortSignal): Promise<Scrape | undefined> {
  try {
    return await source.scrape(end);
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    throw error;
  }
}

function sidesOf({ canary, stable }: MetricProgress, { latency }: AnalyzedMetricManifest) {
  const side = ({ errors, latency: counted, requests }: RequestCounts) => {
    const text = latency && latencyText(quantileName(latency.quantile), latency.quantile, counted);
    return { requests, errors, ...(text !== undefined && { latency: text }) };
  };
  return { canary: side(canary), stable: side(stable) };
}

function keyOf(metric: MetricManifest): string {
  return JSON.stringify(metric);
}
