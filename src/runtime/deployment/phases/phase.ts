import { WeightManifest } from '../../../contract/manifest';
import { RolloutStrategy } from '../../../contract/strategies';
import { AnalysisReport } from '../../analysis/analysis-report';
import { RuntimeContext } from '../../context';
import { LedgerRecord } from '../../ledger/record';
import { OutsideFault } from '../../outside-fault';
import { ProbeStatistics } from '../../probing/gate';
import { Facts } from '../facts';
import { Event, State } from '../state-machine';

/** What a phase knows of its deployment. */
export interface DeploymentInProgress {
  readonly context: RuntimeContext;
  readonly record: LedgerRecord;
  /** The strategy that the record names. */
  readonly strategy: RolloutStrategy;
  /** Phases add to it. */
  readonly facts: Facts;
  readonly state: State;
  /** The share of the traffic that promoting gives to the release. */
  readonly weight: WeightManifest;
  /** Whether the release gets all of the traffic next. */
  readonly isLastShare: boolean;
  /** Returns why it is no longer wanted, if so. Rejects with `LeaseLostError` if another process took the lease. */
  lookAgain(): Promise<string | undefined>;
  /** Rejects with `LeaseLostError` if another process took the lease. */
  checkStands(): Promise<void>;
}

/** The work of one state. */
export interface Phase {
  /** The log group's title. */
  title(deployment: DeploymentInProgress): string;
  /** Rejects with `InterruptedError` if the process must stop. */
  perform(deployment: DeploymentInProgress): Promise<PhaseResult>;
}

export interface PhaseResult {
  readonly event: Event;
  /** What in the world is at fault, if a command failed for that. */
  readonly fault?: OutsideFault;
  /** One line for a person: what happened. */
  readonly note: string;
  readonly probes?: ProbeStatistics[];
  /** What compared a canary with Stable saw. */
  readonly analysis?: AnalysisReport;
  /** Whether the migration said that it cannot be undone. */
  readonly irreversible?: boolean;
}
