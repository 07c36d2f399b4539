import { ArtifactStore } from './artifact-store';
import { Clock } from './clock';
import { Prober } from './gate';
import { Ledger } from './ledger/ledger';
import { Log } from './log';
import { Run } from './run';
import { EnvironmentManifest, Manifest } from '../manifest';
import { CommandManifest } from '../manifest';
import { CommandResult } from './user-command';

/** Everything a command works with and did not make itself: tests pass their own. */
export interface Surroundings {
  readonly manifest: Manifest;
  readonly environment: EnvironmentManifest;
  readonly run: Run;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: Prober;
  readonly artifacts: ArtifactStore;
  /** The repository's root: where commands run and artifacts are placed. */
  readonly root: string;
  readonly processEnv: NodeJS.ProcessEnv;
  readonly execute: Execute;
  /** Aborts when the process is asked to stop. */
  readonly interrupted: AbortSignal;
}

export type Execute = (command: CommandManifest, options: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number }) => Promise<CommandResult>;
