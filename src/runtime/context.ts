import { ArtifactStore } from './artifacts/artifact-store';
import { Clock } from './clock';
import { DeploymentOutputs } from '../contract/deployment-outputs';
import { CommandManifest, EnvironmentManifest, Manifest } from '../contract/manifest';
import { CiProcess, CiServices } from './ci/ci-runtime';
import { Ledger } from './ledger/ledger';
import { Prober } from './probing/gate';
import { CommandInput, CommandResult } from './processes/user-command';

export interface ExecuteOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** @default - the project's directory */
  readonly cwd?: string;
  /** What the command reads from standard input. @default - nothing */
  readonly input?: CommandInput;
  /** Stops the command, as a signal to this process does. */
  readonly signal?: AbortSignal;
  /** Whether it runs although this process was told to stop: the last thing that it does. @default false */
  readonly isOnTheWayOut?: boolean;
  /** Get each line of the output, instead of the log. */
  readonly capture?: {
    readonly output: (line: string) => void;
    readonly error: (line: string) => void;
    /** Longer lines come in pieces, characters. @default - a whole line, however long it is */
    readonly longestLine?: number;
  };
}

/** The dependencies of a command. Tests pass their own. */
export interface RuntimeContext extends CiProcess {
  readonly manifest: Manifest;
  /** The outputs that are known replace their placeholders. */
  readonly environment: EnvironmentManifest;
  /** Of what is live; absent where the environment needs none. */
  readonly deploymentOutputs?: DeploymentOutputs;
  /** The release that was named on the command line. */
  readonly requestedRelease?: string;
  /** Whether a person wants to deploy what is not committed, too. */
  readonly allowsDirty?: boolean;
  /** Whether a person wants to deploy although the live release fails a check that has never verified it. */
  readonly allowsFailingLive?: boolean;
  /** The file of the plan that the command line names, as an absolute path. */
  readonly planFile?: string;
  readonly ledger: Ledger;
  /** The services of the CI system, except the ledger above. */
  readonly ci: Omit<CiServices, 'ledger'>;
  readonly clock: Clock;
  /** Whether gates leave out the time in which the process gets no turn, and what is probed outside of them is probed again. In tests with a clock of their own it always does. */
  readonly noticesStarvation?: boolean;
  /** Masks secrets in a text. */
  readonly mask: (text: string) => string;
  /** Whether what is printed is for a machine. */
  readonly json: boolean;
  /** Prints the output of a command with its line breaks, secrets masked. */
  readonly print: (text: string) => void;
  readonly probe: Prober;
  /** The same for another environment: with its variables, or with outputs of a deployment. Absent in tests that probe nothing with a command. */
  readonly proberOf?: (environment: EnvironmentManifest) => Prober;
  readonly artifacts: ArtifactStore;
  /** The root of the git repository. */
  readonly root: string;
  /** The project's directory: where commands run and artifacts are placed. A job that only probes has not checked it out. */
  readonly directory: string;
  readonly processEnv: NodeJS.ProcessEnv;
  /** Why the runtime does not match the manifest, if it does not. */
  readonly mismatch?: string;
  /** Runs a command in the project's directory, its output into the log. */
  readonly execute: (command: CommandManifest, options: ExecuteOptions) => Promise<CommandResult>;
  /** Aborts when the process receives a signal to stop. */
  readonly interrupted: AbortSignal;
}
