import { Protection, StoredArtifact, StoredDeployment, StoredStatus } from './repository';

/** Gives what the stand-in remembers the shape that GitHub responds with. */
export class Rendering {
  private readonly repositoryUrl: string;

  constructor(private readonly apiUrl: string, private readonly repository: string) {
    this.repositoryUrl = `${apiUrl}/repos/${repository}`;
  }

  public deployment(deployment: StoredDeployment): Record<string, unknown> {
    const url = `${this.repositoryUrl}/deployments/${deployment.id}`;
    return {
      url,
      id: deployment.id,
      node_id: nodeId('DE', deployment.id),
      task: deployment.task,
      original_environment: deployment.environment,
      environment: deployment.environment,
      description: deployment.description,
      created_at: deployment.createdAt,
      updated_at: deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt,
      statuses_url: `${url}/statuses`,
      repository_url: this.repositoryUrl,
      creator: user(this.apiUrl, deployment.creator),
      sha: deployment.sha,
      ref: deployment.ref,
      payload: deployment.payload,
      transient_environment: deployment.transient,
      production_environment: deployment.production,
      performed_via_github_app: null,
    };
  }

  public status(deployment: StoredDeployment, status: StoredStatus): Record<string, unknown> {
    const url = `${this.repositoryUrl}/deployments/${deployment.id}`;
    return {
      url: `${url}/statuses/${status.id}`,
      id: status.id,
      node_id: nodeId('DES', status.id),
      state: status.state,
      creator: user(this.apiUrl, status.creator),
      description: status.description,
      environment: deployment.environment,
      target_url: status.logUrl,
      created_at: status.createdAt,
      updated_at: status.createdAt,
      deployment_url: url,
      repository_url: this.repositoryUrl,
      environment_url: status.environmentUrl,
      log_url: status.logUrl,
      performed_via_github_app: null,
    };
  }

  public artifact(artifact: StoredArtifact): Record<string, unknown> {
    const url = `${this.repositoryUrl}/actions/artifacts/${artifact.id}`;
    return {
      id: artifact.id,
      node_id: nodeId('MDg', artifact.id),
      name: artifact.name,
      size_in_bytes: artifact.sizeInBytes,
      url,
      archive_download_url: `${url}/zip`,
      expired: artifact.expired,
      digest: artifact.digest,
      created_at: artifact.createdAt,
      updated_at: artifact.createdAt,
      expires_at: new Date(Date.parse(artifact.createdAt) + 90 * 24 * 3_600_000).toISOString(),
      workflow_run: { id: artifact.runId, repository_id: 1, head_repository_id: 1, head_branch: 'main', head_sha: '0'.repeat(40) },
    };
  }

  public environment(name: string, { reviewers = [], waitMinutes }: Protection = {}): Record<string, unknown> {
    return {
      id: 1,
      node_id: nodeId('EN', 1),
      name,
      url: `${this.repositoryUrl}/environments/${encodeURIComponent(name)}`,
      html_url: `https://github.com/${this.repository}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      protection_rules: [
        ...(waitMinutes === undefined ? [] : [{ id: 1, node_id: nodeId('GA', 1), type: 'wait_timer', wait_timer: waitMinutes }]),
        ...(reviewers.length === 0 ? [] : [{
          id: 2, node_id: nodeId('GA', 2), type: 'required_reviewers', prevent_self_review: false, reviewers: reviewers.map((login) => ({ type: 'User', reviewer: user(this.apiUrl, login) })),
        }]),
      ],
      deployment_branch_policy: null,
    };
  }
}

/** A person, or an app: `name[bot]`. */
export function user(apiUrl: string, login: string): Record<string, unknown> {
  const url = `${apiUrl}/users/${encodeURIComponent(login)}`;
  const app = login.endsWith('[bot]');
  return {
    login,
    id: app ? 41898282 : 1001,
    node_id: nodeId('U', 1001),
    avatar_url: 'https://avatars.githubusercontent.com/in/15368?v=4',
    gravatar_id: '',
    url,
    html_url: `https://github.com/${app ? `apps/${login.slice(0, -'[bot]'.length)}` : login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: app ? 'Bot' : 'User',
    site_admin: false,
  };
}

export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(String(id)).toString('base64url')}`;
}
