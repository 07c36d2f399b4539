import { github, Project, release } from 'projen';
import { branchesOf } from './release-branches';
import { isPatched, WrittenJob, writtenWorkflow } from './written-workflow';
import { invalid, show } from '../../../validation/validation-error';

/** A job that is not a delivery's. */
export interface HostJob {
  readonly id: string;
  readonly needs: readonly string[];
  readonly condition: unknown;
}

/** The jobs of a workflow that are not a delivery's, by id, as they will be written. */
export function hostJobs(workflow: github.GithubWorkflow): Map<string, HostJob> {
  const ids = Object.keys(workflow.jobs).filter((id) => !isDeliveryJob(workflow, id));
  const { file } = workflow;
  const written = ids.length > 0 && file && isPatched(file) ? writtenWorkflow(file).jobs : undefined;
  return new Map(ids.map((id) => [id, hostJob(id, written?.[id] ?? workflow.jobs[id])]));
}

export function hostJob(id: string, { needs, if: condition }: Pick<WrittenJob, 'needs' | 'if'>): HostJob {
  return { id, needs: [needs ?? []].flat().map(String), condition };
}

/** Jobs that only an override or a patch of the file adds: the workflow does not know them, and nothing can wait for them. */
export function patchedInJobs({ file, jobs }: github.GithubWorkflow): string[] {
  if (!file || !isPatched(file)) return [];
  return Object.keys(writtenWorkflow(file).jobs ?? {}).filter((id) => !(id in jobs));
}

/** Those of them that wait for a delivery's job, except for these. */
export function followers(hosts: ReadonlyMap<string, HostJob>, workflow: github.GithubWorkflow, except: readonly string[]): Set<string> {
  const found = new Set<string>();
  const isFollower = ({ needs }: HostJob) => needs.some((need) => found.has(need) || (isDeliveryJob(workflow, need) && !except.includes(need)));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const job of hosts.values()) if (isFollower(job)) found.add(job.id);
  }
  return found;
}

/** Refuses a workflow in which projen releases: what it released is known to `Workflow.ofRelease()` only. */
export function refuseReleaseWorkflow({ root }: Project, workflow: github.GithubWorkflow, option: string): void {
  const releases = root.node.findAll().filter((one): one is release.Release => one instanceof release.Release);
  if (!releases.some((one) => branchesOf(one).some((branch) => branch.workflow === workflow))) return;
  invalid(option, `${show(workflow.name)} is projen's release workflow, which runs on every push, also where nothing is released`,
    'Say Workflow.ofRelease(), and Trigger.release() to its environments');
}

/** By workflow: the jobs that deliveries added, of whatever project. */
const DELIVERYS = new WeakMap<github.GithubWorkflow, Set<string>>();

/** Whether a job is a delivery's, not the project's own. */
export function isDeliveryJob(workflow: github.GithubWorkflow, id: string): boolean {
  return DELIVERYS.get(workflow)?.has(id) ?? false;
}

export function markAsDeliveryJob(workflow: github.GithubWorkflow, id: string): void {
  DELIVERYS.set(workflow, (DELIVERYS.get(workflow) ?? new Set()).add(id));
}
