import { CanaryVerdict } from './judgement';

/** What the analysis of one step of a canary saw, for people. */
export interface AnalysisReport {
  /** The canary's share of the traffic, in per cent. */
  readonly percent: number;
  readonly metrics: readonly MetricReport[];
  /** The evidence against the release after each measurement. */
  readonly evidence: readonly EvidencePoint[];
}

export interface MetricReport {
  /** `errors`, `latency (p99)`. */
  readonly name: string;
  readonly canary: SideReport;
  readonly stable: SideReport;
  readonly verdict: CanaryVerdict;
  /** Shares of what a rollback and a promotion need, from 0 to 1. */
  readonly towards: { readonly rollBack: number; readonly promote: number };
}

export interface SideReport {
  readonly requests: number;
  readonly errors: number;
  /** The bound of the bucket with the quantile. Absent where no latency is judged, or none was measured. */
  readonly latency?: string;
}

export interface EvidencePoint {
  /** Since the first step began. */
  readonly atMs: number;
  /** Of what a rollback needs, from 0 to 1. */
  readonly rollBack: number;
}
