import { Job, PermissionsClause, Workflow } from './workflow';
import { Permissions } from '../github-api-stand-in/stand-in';

/** Of a repository made since 2023, where neither the job nor the workflow says anything. */
const DEFAULT: PermissionsClause = { contents: 'read', packages: 'read' };
const SCOPES = ['actions', 'contents', 'deployments', 'id-token', 'issues', 'packages', 'pull-requests', 'statuses'];

/** What the job's token may do: what the job says, else what the workflow says; whatever that does not name is not granted. */
export function permissionsOf(workflow: Workflow, job: Job): Permissions {
  return Object.fromEntries(Object.entries(scopesOf(workflow, job)).filter(([, access]) => access !== 'none')) as Permissions;
}

/** Whether the job may request an OpenID Connect token. */
export function hasIdToken(workflow: Workflow, job: Job): boolean {
  return scopesOf(workflow, job)['id-token'] === 'write';
}

function scopesOf(workflow: Workflow, job: Job): Record<string, string> {
  const clause = job.permissions ?? workflow.permissions ?? DEFAULT;
  return typeof clause === 'string' ? Object.fromEntries(SCOPES.map((scope) => [scope, clause === 'read-all' ? 'read' : 'write'])) : clause;
}
