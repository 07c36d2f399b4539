import { Json } from '../engine';

/** What Prometheus has without the exporter's help: as long as this has a result, the health check fails. */
export interface Query {
  readonly query: string;
}

/** What the blackbox exporter does for one health check, and what is asked of its measurements. */
export interface Module {
  readonly module: Json;
  /** What is probed. */
  readonly target: string;
  /** A probe that takes longer fails. */
  readonly maxLatencyMs?: number;
  /** The certificates must be valid for longer. */
  readonly certificateExpiryMs?: number;
}
