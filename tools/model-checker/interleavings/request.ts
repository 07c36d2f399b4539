import type { WithoutVerdictManifest } from '../../../src/contract/analysis-manifest';
import type { StrategyKind } from '../../../src/contract/strategies';
import type { Entry, NewEntry } from '../../../src/runtime/ledger/entries';
import type { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';
import type { Outcome } from '../../../src/runtime/probing/observation';

/** What a process waits for: each is a point where any other may go first. */
export type Request =
  | { readonly kind: 'records' }
  | { readonly kind: 'history'; readonly record: LedgerRecord }
  | { readonly kind: 'create'; readonly record: NewRecord }
  | { readonly kind: 'advance'; readonly record: LedgerRecord; readonly entry: NewEntry }
  | { readonly kind: 'isAlive'; readonly run: { readonly id: number; readonly attempt: number } }
  | { readonly kind: 'probe'; readonly version: string; readonly slot?: string; readonly sharedWith?: string }
  | { readonly kind: 'command' } & CommandStep
  /** The analysis of a canary reads the counters; the first ones have nothing to be compared with. */
  | { readonly kind: 'measure'; readonly version: string; readonly isFirst: boolean }
  /** The watch starts rollback.yml, to go back to this commit. */
  | { readonly kind: 'dispatch' } & Dispatched
  | { readonly kind: 'sleep'; readonly ms: number };

/** A command of the target, or a step of one. */
export interface CommandStep {
  readonly command: string;
  readonly version: string;
  readonly slot?: string;
  readonly weight?: number;
  readonly leaving?: string;
  /** What the step before it left to do. @default - it is the first one */
  readonly step?: string;
}

/** What the counters show of a canary: enough for either verdict, or nothing. */
export const MEASUREMENTS = ['promote', 'rollBack', 'none'] as const;
export type Measurement = typeof MEASUREMENTS[number];

/** The watch's inputs for rollback.yml. */
export interface Dispatched {
  readonly release: string;
  /** The deployment of the verdict. */
  readonly from: string;
}

export type ModelResponse =
  | { readonly records: readonly LedgerRecord[] }
  | { readonly entries: readonly Entry[] }
  | { readonly created: LedgerRecord }
  | { readonly done: true }
  /** The command has a further step. */
  | { readonly more: string }
  /** The target refused the command. */
  | { readonly refused: true }
  | { readonly alive: boolean }
  | { readonly outcome: Outcome }
  | { readonly measured: Measurement }
  /** A person cancels the run: the process gets a signal. No request waited for that. */
  | { readonly cancelled: true }
  /** How much time passed on the process's own clock. */
  | { readonly sleptMs: number }
  | { readonly ledgerFault: string };

export const READS: ReadonlyArray<Request['kind']> = ['records', 'history', 'isAlive'];

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  /** Said only where the runtime fell over, which it never may. */
  readonly fault?: string;
}

/** One start of the runtime. */
export interface ProcessSpec {
  /** Unique among processes of a system. */
  readonly name: string;
  readonly command: string;
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly release?: string;
  readonly runId: number;
  readonly attempt: number;
  /** The tag that the run is on. */
  readonly version: string;
  /** `needs.deploy_X.result` and `.outputs.state`, if the job gets them. */
  readonly deployed?: string;
  readonly state?: string;
  readonly strategy: StrategyKind;
  /** Whether the environment has commands of its own around the target's. */
  readonly around?: boolean;
  /** Whether a freeze is on. */
  readonly frozen?: boolean;
  /** Whether canaries are measured, and what ends a step without a verdict. */
  readonly analysis?: WithoutVerdictManifest;
}

/** A commit for each version, and none that begins like another's version. */
export function shaOf(version: string): string {
  return Buffer.from(version).toString('hex').padEnd(40, 'f').slice(0, 40);
}

export function sayRequest(request: Request): string {
  switch (request.kind) {
    case 'records': return 'lists the records';
    case 'history': return `reads record ${request.record.id}`;
    case 'create': return `creates a record: ${request.record.kind} ${request.record.release.version}`
      + `${request.record.slot ? ` on ${request.record.slot}` : ''}, rollback point ${request.record.stable?.release.version ?? 'none'}`;
    case 'advance': return `writes to record ${request.record.id}: ${request.entry.state}${request.entry.takenFrom ? ` taken from ${request.entry.takenFrom}` : ''}`
      + `${request.entry.releasesLease ? ', releases the lease' : ''} (${request.entry.note})`;
    case 'isAlive': return `asks whether run ${request.run.id}, attempt ${request.run.attempt} is alive`;
    case 'probe': return `probes ${request.slot ?? 'what users see'} for ${request.version}${request.sharedWith ? ` or ${request.sharedWith}` : ''}`;
    case 'command': return `RUNS ${request.command}${request.step === undefined ? '' : ` (${request.step})`}${request.weight === undefined ? '' : ` ${request.weight} %`} ${request.version}${request.slot ? ` on ${request.slot}` : ''}${request.leaving ? ` (back from ${request.leaving})` : ''}`;
    case 'measure': return `measures ${request.version}${request.isFirst ? ' for the first time' : ''}`;
    case 'dispatch': return `starts rollback.yml, from record ${request.from} back to ${request.release.slice(0, 7)}`;
    case 'sleep': return `waits ${request.ms} ms`;
  }
}
