import { github } from 'projen';

/** By workflow: the jobs that deliveries added, of whatever project. */
const DELIVERYS = new WeakMap<github.GithubWorkflow, Set<string>>();

/** Whether a job is a delivery's, not the project's own. */
export function isDeliveryJob(workflow: github.GithubWorkflow, id: string): boolean {
  return DELIVERYS.get(workflow)?.has(id) ?? false;
}

export function markAsDeliveryJob(workflow: github.GithubWorkflow, id: string): void {
  DELIVERYS.set(workflow, (DELIVERYS.get(workflow) ?? new Set()).add(id));
}
