import { github } from 'projen';
import { expression, input, notInFork, onScheduleCondition } from './conditions';
import { JobEnvironment } from './job-environment';
import { jobEnvironment, outputsOf, runsOn, runsOnFor } from './job-settings';
import { allSecrets, checkoutAll, checkoutRuntime, runtime, WorkflowContext } from './steps';
import { mergedPermissions, targetPermissions, targetSteps } from './target-steps';
import { PLAN_MINUTES, timeouts } from './timeouts';
import { CommandName, CommandWords, commandWords, OPTION } from '../../../contract/command-line';
import { INPUT_VARIABLE, JOB_VARIABLE } from '../../../contract/environment-variables';
import { JOB } from '../../../contract/jobs';
import { PREVIEW_NUMBER, previewName, SHARED_PREVIEW } from '../../../contract/manifest';
import { BEGUN_ATTEMPT, COMMENT, COMMIT } from '../../../contract/outputs';
import { INPUT, PREVIEW_ACTION } from '../../../contract/workflows';
import { Previews } from '../../../delivery/previews';
import { ReleaseFiles } from '../../../delivery/release-files';
import { pinned } from '../pins';
import { linesIn } from '../toolchains/toolchain';

type Job = github.workflows.Job;
type Step = github.workflows.JobStep;

const { READ, WRITE } = github.workflows.JobPermission;

const OF_PULL_REQUEST = 'github.event_name == \'pull_request\'';
/** Of this repository: the code of a fork gets no secret, and its token cannot write. */
const OF_THIS_REPOSITORY = `${OF_PULL_REQUEST} && github.event.pull_request.head.repo.full_name == github.repository`;
const BY_HAND = 'github.event_name == \'workflow_dispatch\'';
const HEAD = 'github.event.pull_request.head.sha';
const NUMBER = 'github.event.pull_request.number';
const LABELED = 'github.event.action == \'labeled\'';
const BY_APPROVAL = `${BY_HAND} && ${input(INPUT.ACTION)} == '${PREVIEW_ACTION.DEPLOY_FORK}'`;

/** For jobs that record, and run nothing of a pull request. */
const RECORDS = { contents: READ, deployments: WRITE, actions: READ, pullRequests: READ };

export interface PreviewJobsOptions {
  readonly previews: Previews;
  /** How the files of a release are built. */
  readonly files: Pick<ReleaseFiles, 'build'>;
}

/**
 * The jobs of preview.yml. The code of a pull request runs in `preview` and `preview_fork` only: their token cannot write, and no other job has their
 * secrets. What is recorded, verified, commented and removed runs the code of the default branch, which was reviewed.
 */
export class PreviewJobs {
  private readonly subject: JobEnvironment;
  /** The pull request, in runs of pull requests and in those that a person or the sweep started. */
  private readonly number: string;

  constructor(private readonly context: WorkflowContext, private readonly options: PreviewJobsOptions) {
    this.subject = JobEnvironment.of(options.previews.environment);
    // a shared preview has no runs that a person starts, and so no inputs
    this.number = options.previews.isShared ? NUMBER : `${NUMBER} || ${input(INPUT.PULL_REQUEST)}`;
  }

  /**
   * One run at a time works on a preview, and a push of the pull request cancels the run of the last one: its records and its comment come first. A run
   * that starts no job cancels none.
   */
  public concurrency(): Record<string, unknown> {
    const { isShared } = this.options.previews;
    const isOurs = isShared ? this.deploys : `(${this.deploys}) || ${this.removes}`;
    const group = isShared ? `'${this.groupName('preview')}-previews'` : `format('${this.groupName('preview')}-{0}', ${this.number})`;
    return {
      group: expression(`(${isOurs}) && ${group} || format('${this.groupName('preview')}-run-{0}', github.run_id)`),
      ...(isShared ? queued(this.context) : { 'cancel-in-progress': expression(OF_PULL_REQUEST) }),
    };
  }

  /** Records what is to be deployed. An earlier run that was cut off is recovered first. */
  public begin(): Job {
    const { environment, forkEnvironment, isShared } = this.options.previews;
    const takes: Record<string, string> = isShared ? { [JOB_VARIABLE.TAKES_PREVIEW]: expression(LABELED) } : {};
    const commit = forkEnvironment === undefined ? HEAD : `${HEAD} || ${input(INPUT.COMMIT)}`;
    return {
      name: 'record what is to be deployed',
      if: notInFork(forkEnvironment === undefined ? this.deploys : `((${this.deploys}) || (${BY_APPROVAL}))`),
      ...runsOn(this.context, {}),
      timeoutMinutes: timeouts(environment).decision,
      permissions: RECORDS,
      outputs: outputsOf('begin', [COMMIT, BEGUN_ATTEMPT, COMMENT]),
      steps: [
        reviewed(checkoutRuntime()),
        runtime('begin', 'record what is to be deployed', this.words('preview'), { ...this.place, [JOB_VARIABLE.COMMIT]: expression(commit), ...takes }, {}),
      ],
    };
  }

  /** Builds and deploys the commit: nothing else of it runs anywhere. */
  public preview(): Job {
    return this.commandJob('deploy the preview', OF_PULL_REQUEST, this.options.previews.githubEnvironment, this.build());
  }

  /** Likewise for one commit of a fork that a person has approved, with the commands of the default branch. */
  public fork(place: string): Job {
    return this.commandJob('deploy the preview of a fork', BY_HAND, place, [...this.build(), ...reviewedRuntime()]);
  }

  /** Verifies and records what came of it, also when the run was cancelled. */
  public finish(): Job {
    const { environment, forkEnvironment } = this.options.previews;
    const fork = forkEnvironment === undefined ? '' : ` || needs.${JOB.PREVIEW_FORK}.result`;
    const result = fork === '' ? `needs.${JOB.PREVIEW}.result` : `needs.${JOB.PREVIEW}.result != 'skipped' && needs.${JOB.PREVIEW}.result${fork}`;
    return {
      name: 'verify the preview',
      needs: [JOB.BEGIN_PREVIEW, JOB.PREVIEW, ...(fork === '' ? [] : [JOB.PREVIEW_FORK])],
      if: expression(`always() && needs.${JOB.BEGIN_PREVIEW}.outputs.${COMMIT} != ''`),
      ...runsOnFor(this.context, this.subject),
      timeoutMinutes: timeouts(environment).recover,
      permissions: RECORDS,
      outputs: outputsOf('finish', [COMMENT]),
      steps: [
        reviewed(checkoutRuntime()),
        runtime('finish', 'verify the preview and record the result', this.words('finish-preview'), {
          ...this.place,
          [JOB_VARIABLE.COMMIT]: expression(`needs.${JOB.BEGIN_PREVIEW}.outputs.${COMMIT}`),
          [JOB_VARIABLE.DEPLOYED]: expression(result),
        }, {}),
      ],
    };
  }

  /** Removes a preview, with the code of the default branch. */
  public remove(): Job {
    const { environment, githubEnvironment } = this.options.previews;
    const limits = timeouts(environment);
    const isDue = expression(`(${OF_PULL_REQUEST} || ${input(INPUT.ACTION)} == '${PREVIEW_ACTION.REMOVE_IF_DUE}') && 'true' || ''`);
    return {
      name: 'remove the preview',
      if: notInFork(`(${this.removes} && ${input(INPUT.ACTION)} != '${PREVIEW_ACTION.DEPLOY_FORK}')`),
      ...runsOnFor(this.context, this.subject),
      timeoutMinutes: limits.deploy,
      permissions: mergedPermissions([RECORDS, ...targetPermissions(this.subject)]),
      environment: this.environmentAt(githubEnvironment),
      outputs: outputsOf('remove', [COMMENT]),
      steps: [
        reviewed(checkoutAll(this.context, false)),
        ...this.tools,
        {
          // a pull request may have been reopened meanwhile
          ...runtime('remove', 'remove the preview', this.words('remove-preview', { [OPTION.IF_DUE]: `"$${INPUT_VARIABLE.IF_DUE}"` }), { ...this.place, [INPUT_VARIABLE.IF_DUE]: isDue }, allSecrets(this.subject)),
          timeoutMinutes: limits.deployStep,
        },
      ],
    };
  }

  /** Writes the result into the pull request. It has no secrets. */
  public comment(): Job {
    const { isShared } = this.options.previews;
    const needs = [JOB.FINISH_PREVIEW, JOB.BEGIN_PREVIEW, ...(isShared ? [] : [JOB.REMOVE_PREVIEW])];
    const text = needs.map((id) => `needs.${id}.outputs.${COMMENT}`).join(' || ');
    return {
      name: 'comment',
      needs,
      if: expression(`always() && (${text}) != ''`),
      ...runsOn(this.context, {}),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, pullRequests: WRITE },
      // all wait: the result of a newer run is not dropped for that of an older one
      concurrency: { ...queued(this.context), group: this.group('comment', this.number) },
      steps: [
        reviewed(checkoutRuntime()),
        runtime('comment', 'write the result into the pull request', this.words('comment-preview'), { ...this.place, [JOB_VARIABLE.COMMENT]: expression(text) }, {}),
      ],
    };
  }

  /** Starts a run for each preview that is left over: each has its own queue and its own comment. */
  public sweep(): Job {
    const { project } = this.context.scope;
    return {
      name: 'sweep',
      if: onScheduleCondition(),
      ...runsOn(this.context, {}),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, deployments: READ, pullRequests: READ, actions: WRITE },
      concurrency: { 'group': this.group('sweep'), 'cancel-in-progress': false },
      steps: [
        checkoutRuntime(),
        runtime('sweep', 'start the removal of what is left over', commandWords('sweep-previews', { options: project && { [OPTION.PROJECT]: project.name } }), {}, {}),
      ],
    };
  }

  /** Runs code that nobody may have reviewed: only what it builds and deploys. */
  private commandJob(name: string, condition: string, place: string, prepared: Step[]): Job {
    const limits = timeouts(this.options.previews.environment);
    const begun = `needs.${JOB.BEGIN_PREVIEW}.outputs`;
    return {
      name,
      needs: [JOB.BEGIN_PREVIEW],
      // run again alone, it has no record
      if: notInFork(`${condition} && ${begun}.${BEGUN_ATTEMPT} == github.run_attempt`),
      ...runsOnFor(this.context, this.subject),
      timeoutMinutes: limits.deploy,
      permissions: mergedPermissions([{ contents: READ }, ...targetPermissions(this.subject)]),
      environment: this.environmentAt(place),
      steps: [
        withRef(checkoutAll(this.context, false), expression(`${begun}.${COMMIT}`)),
        ...this.tools,
        ...prepared,
        { ...runtime('preview', 'deploy the preview', this.words('run-preview'), this.place, allSecrets(this.subject)), timeoutMinutes: limits.deployStep },
      ],
    };
  }

  private get tools(): Step[] {
    return [...this.context.toolchainSteps, ...targetSteps(this.subject), ...this.context.setupSteps];
  }

  private environmentAt(place: string): Record<string, unknown> {
    return jobEnvironment(this.context, place, this.options.previews.environment.url.replaceAll(PREVIEW_NUMBER, expression(this.number)));
  }

  /** What deploys the head commit of a branch of the repository. */
  private get deploys(): string {
    return `${OF_THIS_REPOSITORY} && ${wanted(this.options.previews.label)}`;
  }

  /** What removes a preview; and, by hand, what deploys a commit of a fork. */
  private get removes(): string {
    const { label } = this.options.previews;
    const ended = label === undefined ? 'github.event.action == \'closed\''
      : `(github.event.action == 'closed' || (github.event.action == 'unlabeled' && github.event.label.name == '${label}'))`;
    return `((${OF_THIS_REPOSITORY} && ${ended}) || ${BY_HAND})`;
  }

  /** Which preview it is, and of which pull request. */
  private get place(): Record<string, string> {
    const { isShared } = this.options.previews;
    return {
      [INPUT_VARIABLE.PREVIEW]: isShared ? SHARED_PREVIEW : previewName(expression(this.number)),
      [JOB_VARIABLE.PULL_REQUEST]: expression(this.number),
    };
  }

  private words(command: CommandName, options: CommandWords['options'] = {}): string {
    return commandWords(command, { environment: this.context.scope.wordsOf(`"$${INPUT_VARIABLE.PREVIEW}"`), options });
  }

  /** The files of the release, in the work tree: the commands find them there. */
  private build(): Step[] {
    const { build } = this.options.files;
    return build?.make === undefined ? [] : linesIn(this.context.scope.directory, [{ id: 'make', name: 'build', run: build.make }]);
  }

  private group(what: string, number?: string): string {
    return `${this.groupName(what)}-${number === undefined ? 'previews' : expression(number)}`;
  }

  private groupName(what: string): string {
    const { project } = this.context.scope;
    return `delivery-${what}${project ? `-${project.name}` : ''}`;
  }
}

/** The event is about the commit, or gives the pull request the label. */
function wanted(label: string | undefined): string {
  if (label === undefined) return 'github.event.action != \'closed\'';
  const isLabeled = `contains(github.event.pull_request.labels.*.name, '${label}')`;
  // a closed one may get a label, too
  return `github.event.pull_request.state == 'open' && github.event.action != 'unlabeled' && ${isLabeled} && (github.event.action != 'labeled' || github.event.label.name == '${label}')`;
}

/** All wait; otherwise the one that comes next would drop the one that waits. */
function queued({ compatibility }: WorkflowContext): Record<string, unknown> {
  return { 'cancel-in-progress': false, ...(compatibility.withoutQueueMax ? {} : { queue: 'max' }) };
}

/** The branch of a pull request's base need not be reviewed: everyone can open one that goes into a branch of their own. */
function reviewed(step: Step): Step {
  return withRef(step, expression('github.event.repository.default_branch'));
}

function withRef(step: Step, ref: string): Step {
  return { ...step, with: { ref, ...step.with } };
}

/** The commands are those of the default branch, which the reviewer knows. */
function reviewedRuntime(): Step[] {
  return [
    {
      id: 'checkout-runtime',
      name: 'check out the delivery runtime of the default branch',
      uses: pinned('actions/checkout'),
      with: { 'path': '.delivery-runtime', 'sparse-checkout': '.projen', 'persist-credentials': false },
    },
    { id: 'use-runtime', name: 'use the runtime of the default branch', run: 'rm -rf .projen && mv .delivery-runtime/.projen .projen && rm -rf .delivery-runtime' },
  ];
}
