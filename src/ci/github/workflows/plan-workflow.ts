import { github } from 'projen';
import { literal } from './events';
import { OwnWorkflow } from './own-workflow';
import { commandWords, OPTION } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { changesJobId, JOB } from '../../../contract/jobs';
import { CHANGES, COMMENT } from '../../../contract/outputs';
import { WORKFLOW } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { invalid } from '../../../validation/validation-error';
import { expression } from '../jobs/conditions';
import { JobEnvironment } from '../jobs/job-environment';
import { outputsOf, probeEnvironment, readerPermissions, runsOn, runsOnFor } from '../jobs/job-settings';
import { loginPermissions, loginSteps } from '../jobs/login-steps';
import { artifactEnv, checkoutRuntime, runtime, WorkflowContext } from '../jobs/steps';
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

  /** @param build the job that builds what is compared with the engines, under a condition; undefined if nothing is */
  constructor(private readonly workflowContext: WorkflowContext, private readonly build?: (condition: string) => Job) {
    super(workflowContext.hub, workflowContext.scope.workflowName(WORKFLOW.PLAN), 'planWorkflow');
    this.put(JOB.PLAN_MERGE, 'plan', this.planJob());
    this.put(JOB.COMMENT, 'comment', this.commentJob());
  }

  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    const branches = branchesOf(this.environments);
    this.listen({ pullRequest: branches === undefined ? {} : { branches } }, 0);
    if (!this.build || this.compared.length === 0) return;
    this.put(JOB.BUILD, 'pack', { ...this.build(OF_THIS_REPOSITORY), concurrency: this.group('build') });
    for (const environment of environments.filter((one) => this.compared.includes(one))) this.add(changesJobId(environment.id), 'changes', this.changesJob(environment));
    this.put(JOB.PLAN_MERGE, 'plan', this.planJob());
    this.put(JOB.COMMENT, 'comment', this.commentJob());
  }

  public check(): void {
    super.check();
    if (!this.build || this.compared.length > 0) return;
    invalid('Delivery pullRequests changes', 'no environment could show any: its target does not know its changes before a deployment, or jobs that only look are not signed in',
      'Set readRole in Login.aws, or monitorEnvironment with the secrets that the target reads with; or leave it out');
  }

  private get compared(): Environment[] {
    return this.build ? this.environments.filter(({ plansChanges }) => plansChanges) : [];
  }

  private planJob(): Job {
    const changes = this.compared.map(({ id }) => changesJobId(id));
    const lines = changes.map((id) => expression(`needs.${id}.outputs.${CHANGES}`)).join('\n');
    return {
      name: 'plan the merge',
      ...(changes.length === 0 ? {} : { needs: changes }),
      // without the changes the plan still says the rest
      if: expression(`${changes.length === 0 ? '' : '!cancelled() && '}!github.event.repository.fork`),
      ...runsOn(this.workflowContext, {}),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, deployments: READ, actions: READ },
      concurrency: this.group('plan'),
      outputs: outputsOf('plan', [COMMENT]),
      steps: [
        checkoutMerge(),
        runtime('plan', 'plan what merging would do', commandWords('plan-merge', this.words), changes.length === 0 ? {} : { [JOB_VARIABLE.CHANGES]: lines }, {}),
      ],
    };
  }

  /** Reads the engine with the runtime and the settings of the base. Of the merge it gets files, which it runs nothing of. */
  private changesJob(environment: Environment): Job {
    const { id, name, title, words } = environment;
    const subject = JobEnvironment.of(environment);
    return {
      name: `changes ${title}`,
      needs: [JOB.BUILD],
      if: expression(`!github.event.repository.fork && ${OF_THIS_REPOSITORY}`),
      ...runsOnFor(this.workflowContext, subject),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { ...readerPermissions(this.workflowContext), ...loginPermissions(subject, 'read') },
      ...probeEnvironment(this.workflowContext, subject),
      concurrency: this.group(`changes-${id}`),
      outputs: outputsOf('changes', [CHANGES]),
      steps: [
        ofBase(checkoutRuntime()),
        ...loginSteps(subject, 'read'),
        {
          ...runtime('changes', `read what the merge would change in ${name}`, commandWords('plan-changes', { environment: words }),
            artifactEnv(this.workflowContext, { id: JOB.BUILD, namesRelease: false }), subject.secrets(({ readSecrets }) => readSecrets)),
          // the plan says that they are unknown
          continueOnError: true,
        },
      ],
    };
  }

  private commentJob(): Job {
    return {
      name: 'comment',
      needs: [JOB.PLAN_MERGE],
      // a build that failed is no reason to say nothing
      if: expression(`${this.compared.length === 0 ? '' : `!cancelled() && needs.${JOB.PLAN_MERGE}.result == 'success' && `}!github.event.repository.fork && ${OF_THIS_REPOSITORY} && needs.${JOB.PLAN_MERGE}.outputs.${COMMENT} != ''`),
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
