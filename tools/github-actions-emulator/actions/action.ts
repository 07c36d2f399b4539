import { AwsRole } from './configure-aws-credentials';
import { Artifact } from '../artifact-store';

/** What the local equivalent of an action works with. */
export interface ActionContext {
  /** GITHUB_WORKSPACE. */
  readonly workspace: string;
  /** HOME, PATH and what else a step's process gets. */
  readonly env: Record<string, string>;
  /** `owner/name`. */
  readonly repositoryName: string;
  /** The git repository, a path on this machine. */
  readonly repository: string;
  readonly ref: string;
  readonly sha: string;
  readonly runId: number;
  readonly attempt: number;
  /** The job's own token. */
  readonly token: string;
  /** GITHUB_API_URL. */
  readonly apiUrl: string;
  readonly artifacts: {
    add(artifact: Pick<Artifact, 'name' | 'runId' | 'attempt'>, base: string, files: string[]): Artifact;
    remove(artifact: Artifact): void;
    of(runId: number): Artifact[];
  };
  /** The `sub` of the job's OpenID Connect token. */
  readonly subject: string;
  /** Whether the job has `id-token: write`. */
  readonly hasIdToken: boolean;
  /** By ARN. */
  readonly awsRoles: Readonly<Record<string, AwsRole>>;
  /** Aborts when the step is cancelled, or its runner is lost. */
  readonly signal: AbortSignal;
  /** The step's `with`, as GitHub passes it: everything is text, what is absent is ''. */
  input(name: string): string;
  log(line: string): void;
  warn(message: string): void;
  setOutput(name: string, value: string): void;
  /** Later steps find the variable in their environment. */
  setEnv(name: string, value: string): void;
  /** The value is a secret from now on. */
  mask(value: string): void;
  /** Later steps find programs in this folder first. */
  addPath(folder: string): void;
}

/** The smallest local equivalent of an action. It throws where the action would fail. */
export interface Action {
  /** The inputs it understands; `false` marks what it accepts and has no use for. Any other is refused. */
  readonly inputs: Record<string, boolean>;
  run(context: ActionContext): Promise<void>;
}

/** The action's step fails with this message. */
export class ActionFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ActionFailed';
  }
}
