import { ArtifactStore } from './artifact-store';
import { Clock } from './clock';
import { Prober } from './gate';
import { Ledger } from './ledger/ledger';
import { Log } from './log';
import { Outputs } from './outputs';
import { Artifact } from './release';
import { Run } from './run';
import { CommandResult } from './user-command';
import { CommandManifest, EnvironmentManifest, Manifest } from '../manifest';

/** Everything a command works with and did not make itself: tests pass their own. */
export interface Surroundings {
  readonly manifest: Manifest;
  readonly environment: EnvironmentManifest;
  /** The release that was named on the command line. */
  readonly asked?: string;
  readonly run: Run;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly outputs: Outputs;
  /** Hides secrets in a text. */
  readonly mask: (text: string) => string;
  /** Whether what is printed is for a machine. */
  readonly json: boolean;
  /** Prints what was asked for, its line breaks kept, secrets hidden. */
  readonly print: (text: string) => void;
  readonly probe: Prober;
  readonly artifacts: ArtifactStore;
  /** Whether the CI still keeps an artifact; where nobody can say, it counts as kept. */
  readonly artifactExists: (artifact: Artifact) => Promise<boolean>;
  /** The repository's root: where commands run and artifacts are placed. */
  readonly root: string;
  readonly processEnv: NodeJS.ProcessEnv;
  /** Whether this runtime is the one that the manifest was synthesized with. */
  readonly isPair: boolean;
  /** Runs a command of the user's, its output into the log. */
  readonly execute: (command: CommandManifest, options: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number }) => Promise<CommandResult>;
  /** Aborts when the process is asked to stop. */
  readonly interrupted: AbortSignal;
}
