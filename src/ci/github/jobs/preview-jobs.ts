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
import { COMMENT } from '../../../contract/outputs';
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

export interface PreviewJobsOptions {
  readonly previews: Previews;
  /** How the files of a release are built. */
  readonly files: Pick<ReleaseFiles, 'build'>;
}

/** The jobs of preview.yml. */
export class PreviewJobs {
  private readonly subject: JobEnvironment;
  /** The pull request, in runs of pull requests and in those that a person or the sweep started. */
  private readonly number: string;

  constructor(private readonly context: WorkflowContext, private readonly options: PreviewJobsOptions) {
    this.subject = JobEnvironment.of(options.previews.environment);
    // a shared preview has no runs that a person starts, and so no inputs
    this.number = options.previews.isShared ? NUMBER : `${NUMBER} || ${input(INPUT.PULL_REQUEST)}`;
  }

  /** Deploys the head commit, and verifies it. A newer push of the pull request cancels it: the next run recovers what it left. */
  public preview(): Job {
    const { isShared, label } = this.options.previews;
    // the run of a push that comes first gives way to the one that has it: so the label brings what is the head commit by then
    const commit = expression(isShared ? `${LABELED} && format('refs/pull/{0}/head', ${NUMBER}) || ${HEAD}` : HEAD);
    const takes: Record<string, string> = isShared ? { [JOB_VARIABLE.TAKES_PREVIEW]: expression(LABELED) } : {};
    return this.commandJob({
      name: 'deploy the preview',
      condition: `${OF_THIS_REPOSITORY} && ${wanted(label)}`,
      place: this.options.previews.githubEnvironment,
      commit,
      prepared: this.build(),
      step: 'preview',
      title: 'deploy and verify the preview',
      command: 'preview',
      env: { [JOB_VARIABLE.COMMIT]: expression(HEAD), ...takes },
    });
  }

  /** Deploys one commit of a fork that a person has approved. The runtime and the manifest are those of the default branch. */
  public fork(place: string): Job {
    return this.commandJob({
      name: 'deploy the preview of a fork',
      condition: `${BY_HAND} && ${input(INPUT.ACTION)} == '${PREVIEW_ACTION.DEPLOY_FORK}'`,
      place,
      commit: expression(input(INPUT.COMMIT)),
      prepared: [...this.build(), ...reviewedRuntime()],
      step: 'preview',
      title: 'deploy and verify the preview',
      command: 'preview',
      env: { [JOB_VARIABLE.COMMIT]: expression(input(INPUT.COMMIT)) },
    });
  }

  /** Removes a preview, with the code of the head commit, or of the default branch where a person or the sweep started it. */
  public remove(): Job {
    const { label } = this.options.previews;
    const ended = label === undefined ? 'github.event.action == \'closed\''
      : `(github.event.action == 'closed' || (github.event.action == 'unlabeled' && github.event.label.name == '${label}'))`;
    const byHand = `${BY_HAND} && ${input(INPUT.ACTION)} != '${PREVIEW_ACTION.DEPLOY_FORK}'`;
    return this.commandJob({
      name: 'remove the preview',
      condition: `((${OF_THIS_REPOSITORY} && ${ended}) || (${byHand}))`,
      place: this.options.previews.githubEnvironment,
      commit: expression(HEAD),
      step: 'remove',
      title: 'remove the preview',
      command: 'remove-preview',
      options: { [OPTION.IF_DUE]: `"$${INPUT_VARIABLE.IF_DUE}"` },
      // a pull request may have been reopened meanwhile
      env: { [INPUT_VARIABLE.IF_DUE]: expression(`(${OF_PULL_REQUEST} || ${input(INPUT.ACTION)} == '${PREVIEW_ACTION.REMOVE_IF_DUE}') && 'true' || ''`) },
    });
  }

  /** Writes the result into the pull request. It has no secrets. */
  public comment(): Job {
    const { forkEnvironment, isShared } = this.options.previews;
    const needs = [JOB.PREVIEW, ...(forkEnvironment === undefined ? [] : [JOB.PREVIEW_FORK]), ...(isShared ? [] : [JOB.REMOVE_PREVIEW])];
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
        withRef(checkoutRuntime(), expression(HEAD)),
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

  private commandJob({ command, condition, env, name, options, place, prepared = [], step, title, commit }: CommandJob): Job {
    const { environment, isShared } = this.options.previews;
    const { setupSteps, toolchainSteps } = this.context;
    const limits = timeouts(environment);
    return {
      name,
      if: notInFork(condition),
      ...runsOnFor(this.context, this.subject),
      timeoutMinutes: limits.deploy,
      permissions: mergedPermissions([{ contents: READ, deployments: WRITE, actions: READ, pullRequests: READ }, ...targetPermissions(this.subject)]),
      environment: jobEnvironment(this.context, place, environment.url.replaceAll(PREVIEW_NUMBER, expression(this.number))),
      concurrency: isShared ? { ...queued(this.context), group: this.group('preview') }
        : { 'group': this.group('preview', this.number), 'cancel-in-progress': expression(OF_PULL_REQUEST) },
      outputs: outputsOf(step, [COMMENT]),
      steps: [
        withRef(checkoutAll(this.context, false), commit),
        ...toolchainSteps,
        ...targetSteps(this.subject),
        ...setupSteps,
        ...prepared,
        {
          ...runtime(step, title, this.words(command, options), { ...this.place, ...env }, allSecrets(this.subject)),
          timeoutMinutes: limits.deployStep,
        },
      ],
    };
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
    const { project } = this.context.scope;
    return `delivery-${what}${project ? `-${project.name}` : ''}-${number === undefined ? 'previews' : expression(number)}`;
  }
}

interface CommandJob {
  readonly name: string;
  readonly condition: string;
  /** The GitHub environment. */
  readonly place: string;
  /** What is checked out; empty for the commit that the run is for. */
  readonly commit: string;
  /** The steps after the set-up. */
  readonly prepared?: Step[];
  /** The main step. */
  readonly step: string;
  readonly title: string;
  readonly command: CommandName;
  readonly options?: CommandWords['options'];
  readonly env: Record<string, string>;
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

/** An empty ref is the commit that the run is for. */
function withRef(step: Step, ref: string): Step {
  return { ...step, with: { ref, ...step.with } };
}

/** A commit of a fork may have a runtime or a manifest that writes records of other environments. */
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
