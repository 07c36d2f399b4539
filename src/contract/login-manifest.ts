/** The cloud roles that jobs of an environment take. What a token of the CI system says of a job decides whether a role trusts it. */
export interface LoginManifest {
  readonly kind: 'aws';
  readonly region: string;
  /** The one that deploys, and then the one that only reads, where there is one. */
  readonly roles: LoginRoleManifest[];
}

export interface LoginRoleManifest {
  readonly arn: string;
  /** How long a session lasts that the jobs ask for. */
  readonly sessionMs: number;
  /** What the CI system calls the environments of the jobs that take it. */
  readonly environments: string[];
}
