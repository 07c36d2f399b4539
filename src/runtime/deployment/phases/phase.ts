import { ProbeStatistics } from '../../probing/gate';
import { Deployment } from '../deployment';
import { Event } from '../state-machine';

/** The work of one state. */
export interface Phase {
  /** The log group's title. */
  title(deployment: Deployment): string;
  /** Rejects with `Interrupted` when the process is asked to stop. */
  perform(deployment: Deployment): Promise<PhaseResult>;
}

export interface PhaseResult {
  readonly event: Event;
  /** One line for a person: what happened. */
  readonly note: string;
  readonly probes?: ProbeStatistics[];
  /** Whether the migration said that it cannot be undone. */
  readonly irreversible?: boolean;
}
