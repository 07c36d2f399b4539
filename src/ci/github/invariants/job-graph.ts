import { github } from 'projen';
import { didYouMean, invalid, show } from '../../../validation/validation-error';
import { GITHUB_RULES } from '../github-rules';

const { expressionCharacters: MOST_CHARACTERS } = GITHUB_RULES.limits;

/**
 * Checks what projen does not: every `needs` names a job, GitHub accepts every id and `if`, and no job waits for itself.
 *
 * @param option the workflow in messages
 */
export function checkJobGraph(workflow: github.GithubWorkflow, option: string, needs: readonly string[]): void {
  const { jobs } = workflow;
  const ids = Object.keys(jobs);
  for (const need of needs) {
    if (Object.hasOwn(jobs, need)) continue;
    invalid('needs', `the workflow has no job ${show(need)}`, didYouMean(need, ids) ?? `Add it: delivery.workflow.addJob(${show(need)}, { ... })`);
  }
  for (const id of ids) checkRunner(option, id, jobs[id]);
  checkWrittenJobs(jobs, option);
}

/** A job of a workflow, as projen stores it or as it is written. */
interface GraphJob {
  readonly if?: unknown;
  readonly needs?: unknown;
}

/** Checks jobs as they are written. */
export function checkWrittenJobs(jobs: Readonly<Record<string, GraphJob | undefined>>, option: string): void {
  const right = new Set<string>();
  checkIds(option, Object.keys(jobs));
  for (const id of Object.keys(jobs)) {
    checkJob(option, id, jobs[id]?.if);
    checkNeeds(option, id, jobs, [], right);
  }
}

/** GitHub ignores the letter case of ids. */
function checkIds(option: string, ids: readonly string[]): void {
  const known = new Map<string, string>();
  for (const id of ids) {
    const other = known.get(id.toLowerCase());
    if (other !== undefined) invalid(option, `the job ids ${show(other)} and ${show(id)} are the same to GitHub, and it starts no workflow that has both`, 'Give the job that is yours another id');
    known.set(id.toLowerCase(), id);
  }
}

function checkJob(option: string, id: string, condition: unknown): void {
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(id)) {
    invalid(option, `GitHub does not accept the job id ${show(id)}`, 'Use letters, digits, _ and -, not a digit first, 100 at most');
  }
  if (typeof condition === 'string' && condition.length > MOST_CHARACTERS) {
    invalid(option, `the condition of the job ${show(id)} has ${condition.length} characters, and GitHub reads ${MOST_CHARACTERS}`,
      'Split the environments among several repositories, or give them shorter names');
  }
}

/** GitHub rejects the whole workflow for one job without a runner. */
function checkRunner(option: string, id: string, job: github.GithubWorkflow['jobs'][string]): void {
  if (!('steps' in job) || (job.runsOn?.length ?? 0) > 0 || job.runsOnGroup !== undefined) return;
  invalid(option, `its job ${show(id)} names no runner (runsOn is empty)`, 'Name one, for example runsOn: [\'ubuntu-latest\']');
}

/** `right` are the jobs that were checked before: a chain of environments has too many paths to walk them all. */
function checkNeeds(option: string, id: string, jobs: Readonly<Record<string, GraphJob | undefined>>, path: string[], right: Set<string>): void {
  if (right.has(id)) return;
  if (path.includes(id)) {
    invalid('needs', `the job ${show(id)} waits for itself: ${[...path.slice(path.indexOf(id)), id].join(' needs ')}`, 'Take one of these needs out');
  }
  for (const need of [jobs[id]?.needs ?? []].flat().map(String)) {
    if (!Object.hasOwn(jobs, need)) invalid(option, `its job ${show(id)} needs a job ${show(need)} that it does not have`, `Add ${show(need)}, or take it out of needs`);
    checkNeeds(option, need, jobs, [...path, id], right);
  }
  right.add(id);
}
