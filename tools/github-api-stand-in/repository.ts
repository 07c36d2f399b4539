/** What the stand-in remembers of a repository, and GitHub's rules about it. No HTTP here. */
import { ValidationFailed } from './response';

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'pending' | 'success' | 'queued' | 'in_progress';

export interface StoredStatus {
  readonly id: number;
  readonly state: DeploymentState;
  readonly description: string;
  readonly logUrl: string;
  readonly environmentUrl: string;
  readonly creator: string;
  readonly createdAt: string;
}

export interface StoredDeployment {
  readonly id: number;
  readonly environment: string;
  readonly task: string;
  readonly ref: string;
  readonly sha: string;
  readonly payload: Record<string, unknown> | string;
  readonly description: string | null;
  readonly creator: string;
  readonly createdAt: string;
  readonly transient: boolean;
  readonly production: boolean;
  /** Oldest first. */
  readonly statuses: StoredStatus[];
}

export interface StoredArtifact {
  readonly id: number;
  readonly name: string;
  readonly runId: number;
  readonly sizeInBytes: number;
  readonly digest: string;
  readonly createdAt: string;
  /** The zip. */
  readonly content?: () => Buffer;
  expired: boolean;
}

export interface NewArtifact {
  readonly runId: number;
  readonly name: string;
  /** @default - the content's */
  readonly bytes?: number;
  /** Of the zip, in hex. @default - the content's */
  readonly digest?: string;
  /** The zip. @default - none: it cannot be downloaded */
  readonly content?: () => Buffer;
}

export interface NewDeployment {
  readonly environment: string;
  readonly ref: string;
  readonly task?: string;
  readonly payload?: Record<string, unknown> | string;
  readonly description?: string | null;
  /** @default 'github-actions[bot]' */
  readonly creator?: string;
  /** ISO 8601. @default now */
  readonly createdAt?: string;
  readonly transient?: boolean;
  readonly production?: boolean;
}

/** The protection rules of an environment. */
export interface Protection {
  /** The logins of people. */
  readonly reviewers?: readonly string[];
  readonly waitMinutes?: number;
}

export interface NewStatus {
  readonly state: DeploymentState;
  readonly description?: string;
  readonly logUrl?: string;
  readonly environmentUrl?: string;
  readonly autoInactive?: boolean;
  /** @default 'github-actions[bot]' */
  readonly creator?: string;
  /** ISO 8601. @default now */
  readonly createdAt?: string;
}

export const BOT = 'github-actions[bot]';
/** GitHub documents no limit for payloads; its column holds this much. */
const PAYLOAD_LIMIT = 65_535;

export class Repository {
  public readonly deployments: StoredDeployment[] = [];
  public readonly artifacts: StoredArtifact[] = [];
  public readonly environments: string[] = [];
  public readonly protections = new Map<string, Protection>();
  private lastDeploymentId = 2_400_000_000;
  private lastStatusId = 5_800_000_000;
  private artifactCount = 0;

  /** @param commitOf finds the commit of a branch or tag */
  constructor(private readonly timestamp: () => string, private readonly commitOf: (ref: string) => string | undefined) {}

  public createDeployment(deployment: NewDeployment): StoredDeployment {
    const payload = deployment.payload ?? {};
    if (JSON.stringify(payload).length > PAYLOAD_LIMIT) throw new ValidationFailed('Deployment', 'payload', 'payload is too long');
    if (Array.from(deployment.description ?? '').length > 140) throw tooLong('Deployment');
    if (deployment.environment.length > 255) throw new ValidationFailed('Deployment', 'environment', 'environment is too long');
    this.addEnvironment(deployment.environment);
    const stored: StoredDeployment = {
      id: ++this.lastDeploymentId,
      environment: deployment.environment,
      task: deployment.task ?? 'deploy',
      ref: deployment.ref,
      sha: this.resolve(deployment.ref),
      payload,
      description: deployment.description ?? null,
      creator: deployment.creator ?? BOT,
      createdAt: deployment.createdAt ?? this.timestamp(),
      transient: deployment.transient ?? false,
      production: deployment.production ?? deployment.environment === 'production',
      statuses: [],
    };
    this.deployments.push(stored);
    return stored;
  }

  /** Only one that is inactive, or the only one of its environment. Returns whether it was deleted. */
  public deleteDeployment(deployment: StoredDeployment): boolean {
    const isOnly = this.deployments.filter(({ environment }) => environment === deployment.environment).length === 1;
    if (!isOnly && deployment.statuses.at(-1)?.state !== 'inactive') return false;
    this.deployments.splice(this.deployments.indexOf(deployment), 1);
    return true;
  }

  public deleteArtifact(id: number): boolean {
    const at = this.artifacts.findIndex((artifact) => artifact.id === id);
    if (at < 0) return false;
    this.artifacts.splice(at, 1);
    return true;
  }

  public createStatus(deployment: StoredDeployment, status: NewStatus): StoredStatus {
    if (Array.from(status.description ?? '').length > 140) throw tooLong('DeploymentStatus');
    const stored = this.addStatus(deployment, status);
    if (status.state === 'success' && (status.autoInactive ?? true)) this.inactivateEarlier(deployment, stored.creator);
    return stored;
  }

  public addEnvironment(name: string, protection?: Protection): void {
    if (protection) this.protections.set(name, protection);
    if (!this.environments.includes(name)) this.environments.push(name);
  }

  public addArtifact({ runId, name, bytes, digest, content }: NewArtifact): StoredArtifact {
    const stored: StoredArtifact = {
      id: artifactId(++this.artifactCount),
      name,
      runId,
      sizeInBytes: bytes ?? content?.().length ?? 0,
      digest: `sha256:${(digest ?? '0'.repeat(64)).replace(/^sha256:/, '')}`,
      createdAt: this.timestamp(),
      content,
      expired: false,
    };
    this.artifacts.push(stored);
    return stored;
  }

  private resolve(ref: string): string {
    const sha = this.commitOf(ref);
    if (!sha) throw new ValidationFailed('Deployment', 'ref', `No ref found for: ${ref}`);
    return sha;
  }

  private addStatus(deployment: StoredDeployment, status: NewStatus): StoredStatus {
    const stored: StoredStatus = {
      id: ++this.lastStatusId,
      state: status.state,
      description: status.description ?? '',
      logUrl: status.logUrl ?? '',
      environmentUrl: status.environmentUrl ?? '',
      creator: status.creator ?? BOT,
      createdAt: status.createdAt ?? this.timestamp(),
    };
    deployment.statuses.push(stored);
    return stored;
  }

  /** auto_inactive: earlier, successful, non-transient, non-production deployments of the environment. */
  private inactivateEarlier(deployment: StoredDeployment, creator: string): void {
    for (const other of this.deployments) {
      const counts = other.id < deployment.id && other.environment === deployment.environment && !other.transient && !other.production;
      if (counts && other.statuses.at(-1)?.state === 'success') this.addStatus(other, { state: 'inactive', creator });
    }
  }
}

/** A later artifact may have the lower id. */
function artifactId(count: number): number {
  return 3_100_000_000 + (count % 2 === 0 ? count - 1 : count + 1) * 10;
}

function tooLong(resource: string): ValidationFailed {
  return new ValidationFailed(resource, 'description', 'description is too long (maximum is 140 characters)');
}
