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

/** Returns the jobs of a workflow that are not a delivery's, by id, as projen would write them. */
export function hostJobs(workflow: github.GithubWorkflow): Map<string, HostJob> {
  const ids = Object.keys(workflow.jobs).filter((id) => !isDeliveryJob(workflow, id));
  const { file } = workflow;
  const written = ids.length > 0 && file && isPatched(file) ? writtenWorkflow(file).jobs : undefined;
  return new Map(ids.map((id) => [id, hostJob(id, written?.[id] ?? workflow.jobs[id])]));
}

export function hostJob(id: string, { needs, if: condition }: Pick<WrittenJob, 'needs' | 'if'>): HostJob {
  return { id, needs: [needs ?? []].flat().map(String), condition };
}

/** Returns jobs that only an override or a patch adds. No job can wait for them. */
export function patchedInJobs({ file, jobs }: github.GithubWorkflow): string[] {
  if (!file || !isPatched(file)) return [];
  return Object.keys(writtenWorkflow(file).jobs ?? {}).filter((id) => !(id in jobs));
}

/** Returns the jobs that wait for a delivery's job, other than `except`. */
export function followers(hosts: ReadonlyMap<string, HostJob>, workflow: github.GithubWorkflow, except: readonly string[]): Set<string> {
  const found = new Set<string>();
  const isFollower = ({ needs }: HostJob) => needs.some((need) => found.has(need) || (isDeliveryJob(workflow, need) && !except.includes(need)));
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const job of hosts.values()) if (isFollower(job)) found.add(job.id);
  }
  return found;
}

/** Rejects a release workflow: only `Workflow.ofRelease()` knows what it released. */
export function rejectReleaseWorkflow({ root }: Project, workflow: github.GithubWorkflow, option: string): void {
  const releases = root.node.findAll().filter((one): one is release.Release => one instanceof release.Release);
  if (!releases.some((one) => branchesOf(one).some((branch) => branch.workflow === workflow))) return;
  invalid(option, `${show(workflow.name)} is projen's release workflow, which runs on every push, also where nothing is released`,
    'Use Workflow.ofRelease(), and Trigger.release() for its environments');
}

/** The jobs of all deliveries, by workflow. */
const DELIVERYS = new WeakMap<github.GithubWorkflow, Set<string>>();

/** Returns whether a delivery added the job. */
export function isDeliveryJob(workflow: github.GithubWorkflow, id: string): boolean {
  return DELIVERYS.get(workflow)?.has(id) ?? false;
}

export function markAsDeliveryJob(workflow: github.GithubWorkflow, id: string): void {
  DELIVERYS.set(workflow, (DELIVERYS.get(workflow) ?? new Set()).add(id));
}
