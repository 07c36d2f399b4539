/** One release under load on the stage, as a run of CI: what it came to, and a table of all of them. */
import { analyze, CanaryStage, Users } from './canary-stage';
import { ServiceBehaviour } from './counting-service';
import { AnalyzedMetricManifest, WithoutVerdictManifest } from '../../src/contract/analysis-manifest';
import { DEFAULT_ERROR_ANALYSIS, DEFAULT_LATENCY_ANALYSIS } from '../../src/contract/metric-analysis';
import { Ended, OnLine, World } from '../runtime/world';

/** HAProxy draws the side for each request, so each error counts. */
const ERRORS = { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 };
/** Blocks are short, because twelve of them are the fewest for a verdict. */
const LATENCY = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99, blockMs: 1_000 };

/** For a step that ends with a verdict, however busy the machine is. */
export const LONG_MS = 240_000;
/** Stable has all traffic again. */
export const BACK = ['weight 0 for v2 on green', 'weight 100 for v1 on blue'];
export const STABLE_HAS_ALL = { blue: 100, green: 0 };

export type Judge = 'HAProxy' | 'Prometheus' | 'latency';

export interface Story extends Pick<Ended, 'code' | 'output'> {
  readonly users: Users;
}

interface Run {
  readonly id: number;
  readonly tag: string;
}

interface ReleaseOptions {
  readonly onLine?: OnLine;
  readonly run?: Run;
}

export class CanaryStories {
  private readonly rows: string[] = [];
  private judge: Judge = 'HAProxy';

  constructor(private readonly stage: CanaryStage, public world: World) {}

  /** The steps are as short as a test allows: without errors there is no verdict, and the step ends after its longest time. */
  public judgeBy(judge: Judge, atMostMs: number, { percent = 10, withoutVerdict = 'promote' as WithoutVerdictManifest } = {}): void {
    this.judge = judge;
    const weights = [{ percent, atLeastMs: 1_000, atMostMs }, { percent: 50, atLeastMs: 1_000, atMostMs }];
    analyze(this.world, { metrics: this.metricsOf(judge), withoutVerdict, weights });
  }

  /** Deploys v2 to green under load. v1 is in blue. */
  public async release(name: string, behaviour: ServiceBehaviour, { onLine, run }: ReleaseOptions = {}): Promise<Story> {
    Object.assign(this.stage.slots.green, { behaviour, failed: 0 });
    if (!run) this.world.release('v2');
    const users = this.stage.users();
    const startedAt = Date.now();
    try {
      const { code, output } = await this.world.step({ ...run ?? this.newRun(), onLine }, 'deploy', 'production');
      const tookMs = Date.now() - startedAt;
      await users.stop();
      this.note(name, { code, output, users }, tookMs, behaviour);
      return { code, output, users };
    } finally {
      await users.stop();
    }
  }

  public newRun(tag = 'v2'): Run {
    return { id: this.world.newRun(), tag };
  }

  public get table(): string {
    return `\n${[row('scenario', 'judged by', 'decided after', 'requests', 'harmed', 'end'), ...this.rows].join('\n')}\n`;
  }

  private metricsOf(judge: Judge): AnalyzedMetricManifest[] {
    switch (judge) {
      case 'HAProxy': return [{ metric: this.stage.byHaproxy, errors: ERRORS }];
      case 'Prometheus': return [{ metric: this.stage.byPrometheus, errors: ERRORS }];
      case 'latency': return [{ metric: this.stage.byPrometheus, latency: LATENCY }];
    }
  }

  private note(name: string, { code, users }: Story, tookMs: number, { slowMs, slowShare }: ServiceBehaviour): void {
    const slow = slowMs !== undefined && slowShare !== undefined ? users.slowerThan(0.9 * slowMs, 'green') : 0;
    const end = { 0: 'promoted', 1: 'taken back', 3: 'halted' }[code ?? -1] ?? 'killed';
    this.rows.push(row(name, this.judge, `${(tookMs / 1000).toFixed(1)} s`, String(users.requests), String(users.failed + slow), end));
  }
}

function row(what: string, judge: string, after: string, requests: string, harmed: string, end: string): string {
  return [what.padEnd(28), judge.padEnd(10), after.padStart(13), requests.padStart(8), harmed.padStart(6), ` ${end}`].join('  ');
}
