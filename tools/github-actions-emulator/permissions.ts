import { Job, PermissionsClause, Workflow } from './workflow';
import { Permissions } from '../github-api-stand-in/stand-in';

/** Of a repository made since 2023, where neither the job nor the workflow says anything. */
const DEFAULT: PermissionsClause = { contents: 'read', packages: 'read' };
const SCOPES = ['actions', 'contents', 'deployments', 'id-token', 'issues', 'packages', 'pull-requests', 'statuses'];

/** What the job's token may do: what the job says, else what the workflow says; whatever that does not name is not granted. */
/**
 * @param isOfFork whether the run is of a pull request from a fork, whose token only reads
 */
export function permissionsOf(workflow: Workflow, job: Job, isOfFork = false): Permissions {
  const granted = (access: string) => (isOfFork && access === 'write' ? 'read' : access);
  return Object.fromEntries(Object.entries(scopesOf(workflow, job)).filter(([, access]) => access !== 'none').map(([scope, access]) => [scope, granted(access)])) as Permissions;
}

/** Whether the job may request an OpenID Connect token. */
export function hasIdToken(workflow: Workflow, job: Job): boolean {
  return scopesOf(workflow, job)['id-token'] === 'write';
}

function scopesOf(workflow: Workflow, job: Job): Record<string, string> {
  const clause = job.permissions ?? workflow.permissions ?? DEFAULT;
  return typeof clause === 'string' ? Object.fromEntries(SCOPES.map((scope) => [scope, clause === 'read-all' ? 'read' : 'write'])) : clause;
}
