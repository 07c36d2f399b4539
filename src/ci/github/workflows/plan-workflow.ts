import { github } from 'projen';
import { literal } from './events';
import { OwnWorkflow } from './own-workflow';
import { commandWords, OPTION } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { JOB } from '../../../contract/jobs';
import { COMMENT } from '../../../contract/outputs';
import { WORKFLOW } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { expression } from '../jobs/conditions';
import { outputsOf, runsOn } from '../jobs/job-settings';
import { checkoutRuntime, runtime, WorkflowContext } from '../jobs/steps';
import { PLAN_MINUTES } from '../jobs/timeouts';
import { pinned } from '../pins';

type Job = github.workflows.Job;

const { READ, WRITE } = github.workflows.JobPermission;

/** Of this repository, and not of a fork: the token of a fork's pull request cannot write. */
const OF_THIS_REPOSITORY = 'github.event.pull_request.head.repo.full_name == github.repository';

/**
 * Writes plan.yml for pull requests: a job that reads plans with the runtime of the merge, and one that may write the comment runs nothing
 * but the runtime of the branch that the pull request goes to.
 */
export class PlanWorkflow extends OwnWorkflow {
  private readonly environments: Environment[] = [];

  constructor(private readonly workflowContext: WorkflowContext) {
    super(workflowContext.hub, workflowContext.scope.workflowName(WORKFLOW.PLAN), 'planWorkflow');
    this.put(JOB.PLAN_MERGE, 'plan', this.planJob());
    this.put(JOB.COMMENT, 'comment', this.commentJob());
  }

  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    const branches = branchesOf(this.environments);
    this.listen({ pullRequest: branches === undefined ? {} : { branches } }, 0);
  }

  private planJob(): Job {
    return {
      name: 'plan the merge',
      if: expression('!github.event.repository.fork'),
      ...runsOn(this.workflowContext, {}),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, deployments: READ, actions: READ },
      concurrency: this.group('plan'),
      outputs: outputsOf('plan', [COMMENT]),
      steps: [
        checkoutMerge(),
        runtime('plan', 'plan what merging would do', commandWords('plan-merge', this.words), {}, {}),
      ],
    };
  }

  private commentJob(): Job {
    return {
      name: 'comment',
      needs: [JOB.PLAN_MERGE],
      if: expression(`!github.event.repository.fork && ${OF_THIS_REPOSITORY} && needs.${JOB.PLAN_MERGE}.outputs.${COMMENT} != ''`),
      ...runsOn(this.workflowContext, {}),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, pullRequests: WRITE },
      concurrency: this.group('comment'),
      steps: [
        ofBase(checkoutRuntime()),
        runtime('comment', 'write the plan into the pull request', commandWords('comment', this.words), {
          [JOB_VARIABLE.COMMENT]: expression(`needs.${JOB.PLAN_MERGE}.outputs.${COMMENT}`),
        }, {}),
      ],
    };
  }

  private get words() {
    const { project } = this.workflowContext.scope;
    return { options: project && { [OPTION.PROJECT]: project.name } };
  }

  /** One for each pull request: its plans are made, and its comment is written, one after the other. */
  private group(what: string): Record<string, unknown> {
    const { project } = this.workflowContext.scope;
    return { 'group': `delivery-${what}${project ? `-${project.name}` : ''}-${expression('github.event.pull_request.number')}`, 'cancel-in-progress': false };
  }
}

/** The branches that deploy, if merging into any other one deploys nothing. */
function branchesOf(environments: readonly Environment[]): string[] | undefined {
  const roots = environments.map(({ trigger }) => trigger).filter(({ kind }) => kind !== 'after');
  const branches = roots.flatMap((trigger) => (trigger.kind === 'branch' ? [literal(trigger.branch)] : []));
  return branches.length === roots.length ? [...new Set(branches)] : undefined;
}

/** The commit that GitHub merges for the pull request, and the branch's commit before it. Nothing but their manifests and the runtime is read. */
function checkoutMerge(): github.workflows.JobStep {
  return { id: 'checkout', name: 'check out the merge', uses: pinned('actions/checkout'), with: { 'fetch-depth': 2, 'persist-credentials': false } };
}

/** What was reviewed: nothing of the pull request. */
function ofBase(checkout: github.workflows.JobStep): github.workflows.JobStep {
  return { ...checkout, with: { ...checkout.with, ref: expression('github.event.pull_request.base.ref') } };
}
