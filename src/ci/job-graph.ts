import { github } from 'projen';
import { nearest } from '../nearest';
import { refuse, show } from '../refusal';

/** Checks what projen does not: every `needs` names a job, every id is one that GitHub accepts, and no job waits for itself. */
export function checkJobGraph(workflow: github.GithubWorkflow, needs: string[]): void {
  const { jobs } = workflow;
  const ids = Object.keys(jobs);
  for (const id of ids) checkId(id);
  for (const need of needs) {
    if (need in jobs) continue;
    const near = nearest(need, ids);
    refuse('needs', `the workflow has no job ${show(need)}`, near ? `Did you mean '${near}'?` : `Add it: delivery.workflow.addJob(${show(need)}, { ... })`);
  }
  for (const id of ids) checkNeeds(id, jobs);
}

function checkId(id: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(id)) return;
  refuse('workflow', `GitHub does not accept the job id ${show(id)}`, 'Use letters, digits, _ and -, not a digit first, 100 at most');
}

function checkNeeds(id: string, jobs: github.GithubWorkflow['jobs'], path: string[] = []): void {
  if (path.includes(id)) {
    refuse('needs', `the job ${show(id)} waits for itself: ${[...path.slice(path.indexOf(id)), id].join(' needs ')}`, 'Take one of these needs out');
  }
  for (const need of jobs[id].needs ?? []) {
    if (!(need in jobs)) refuse('workflow', `its job ${show(id)} needs a job ${show(need)} that it does not have`, `Add ${show(need)}, or take it out of needs`);
    checkNeeds(need, jobs, [...path, id]);
  }
}
