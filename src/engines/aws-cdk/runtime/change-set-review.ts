import { AwsCdkDriverManifest } from '../manifest';
import { CdkCli } from './cdk-cli';
import { ChangeSetApi } from './change-set-api';
import { AssemblyStack, readJson } from './cloud-assembly';
import { CloudFormationApi } from './cloudformation-api';
import { changeSetName, Review, ReviewedStack, reviewIn, runOfChangeSet } from './review';
import { changesIn, executionStep, movedSince, PreparationStep, preparationStep, unpreparable } from './review-steps';
import { templateDigest } from './stack-identity';
import { isChanging, isComplete, StackState } from './stack-steps';
import { templateChanges } from './template-changes';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { SHOWN_CHANGES } from '../../../runtime/reporting/table';
import { EngineError, EngineErrorKind, isUncertain } from '../../../runtime/targets/engine-error';
import { PlannedChange } from '../../../runtime/targets/target-driver';

export interface ChangeSetReviewOptions {
  readonly api: CloudFormationApi;
  readonly cdk: CdkCli;
  readonly changeSets: ChangeSetApi;
  readonly context: RuntimeContext;
  readonly settings: AwsCdkDriverManifest;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  readonly pause: (why: string) => Promise<void>;
}

/** The stacks of a release, dependencies first, in the folder of its cloud assembly. */
export interface AssemblyOfRelease {
  readonly assembly: string;
  readonly stacks: readonly AssemblyStack[];
}

export interface PreparedReview {
  readonly review: Review;
  readonly changes: readonly PlannedChange[];
  /** What a person must know who approves. */
  readonly notes: readonly string[];
}

/** GitHub ends an approval after 30 days: the change sets of an older run can no longer be executed. */
const KEPT_MS = 31 * 24 * 3_600_000;
/** After a call that failed without a result, so often at most. */
const RETRIES = 2;
const RETRIED: readonly EngineErrorKind[] = ['throttled', 'unavailable', 'timeout', 'conflict'];

/**
 * Change sets that the plan prepares, a person approves, and the deployment executes. Each method may run again after it was cut off: what is there is
 * read from CloudFormation, and `review-steps.ts` decides. CloudFormation itself refuses a change set whose stack has changed.
 */
export class ChangeSetReview {
  constructor(private readonly options: ChangeSetReviewOptions) {}

  /** Prepares the change sets, and changes nothing else. Rejects with `EngineError` if one cannot be prepared. */
  public async prepare({ sha }: Release, { assembly, stacks }: AssemblyOfRelease): Promise<PreparedReview> {
    const { context: { environment, run } } = this.options;
    const name = changeSetName(environment.name, run, sha);
    // before the first change set is made
    for (const stack of stacks) await this.requirePreparable(stack);
    const [reviewed, changes, notes]: [ReviewedStack[], PlannedChange[], string[]] = [[], [], []];
    for (const stack of stacks) {
      await this.removeOld(stack, name);
      const waitsFor = stacks.filter(({ id }, i) => reviewed[i] && reviewed[i].kind !== 'unchanged' && dependsOn(stacks, stack, id)).map(({ stackName }) => stackName);
      const one = await this.prepareOne(assembly, stack, name, waitsFor);
      reviewed.push(one.reviewed);
      changes.push(...one.changes);
      notes.push(...one.notes);
    }
    return { review: { changeSet: name, stacks: reviewed }, changes, notes: [...notes, ...unshown(changes.length, name)] };
  }

  /** Why the review cannot be deployed any more; undefined if every stack is as it was reviewed. */
  public async refusal(review: Review, release: AssemblyOfRelease): Promise<string | undefined> {
    const names = ({ stackName, region }: { readonly stackName: string; readonly region?: string }) => `${stackName}@${region}`;
    const [wanted, reviewed] = [release.stacks.map((stack) => names(this.placeOf(stack))), review.stacks.map(names)];
    if (wanted.join() !== reviewed.join()) return `the plan reviewed other stacks (${review.stacks.map(({ stackName }) => stackName).join(', ')})`;
    for (const [i, stack] of release.stacks.entries()) {
      const why = movedSince(await this.situationOf(review, review.stacks[i]!, stack, release.assembly));
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /**
   * Executes the change sets, dependencies first. `deployLater` deploys a stack whose change set could not be prepared. Rejects with `EngineError`, whose
   * message names the stack.
   */
  public async execute(review: Review, release: AssemblyOfRelease, deployLater: (stack: AssemblyStack) => Promise<void>): Promise<void> {
    const { context: { log } } = this.options;
    for (const [i, stack] of release.stacks.entries()) {
      const reviewed = review.stacks[i]!;
      const situation = await this.situationOf(review, reviewed, stack, release.assembly);
      if (reviewed.kind === 'changeSet') {await this.executeOne(review, reviewed, stack, release.assembly);} else {
        const moved = movedSince(situation);
        if (moved !== undefined) throw new EngineError('conflict', moved);
        if (reviewed.kind === 'unchanged') log.line(`${stack.stackName}: unchanged, as reviewed`);
        else await deployLater(stack);
      }
    }
  }

  private async prepareOne(assembly: string, stack: AssemblyStack, name: string, waitsFor: readonly string[]) {
    const { api, changeSets, context: { log } } = this.options;
    const place = this.placeOf(stack);
    const template = await readJson(assembly, stack.templateFile);
    const { changeSet, deployed, ...next } = await this.preparedSet(assembly, stack, name, waitsFor);
    const state = await api.stack(place);
    const common = { ...place, template: templateDigest(template), status: state?.status, updatedAt: state?.updatedAt };
    switch (next.step) {
      case 'changeSet':
        log.line(`${stack.stackName}: the change set ${name} is ready`);
        return { reviewed: { ...common, kind: 'changeSet' as const, id: changeSet!.arn.split('/').at(-1) }, changes: changesIn(stack.stackName, changeSet!, template), notes: [] };
      case 'later': {
        if (changeSet) await this.unlessUncertain(() => changeSets.delete(place, name));
        const changes = templateChanges({ deployed, wanted: template, stackName: stack.stackName, immutableOf: () => undefined });
        const note = `CloudFormation cannot prepare a change set of ${stack.stackName} before ${waitsFor.join(', ')} is deployed (${next.why}). Its changes are those of its template, `
          + 'and the deployment makes and executes a change set of that template';
        return { reviewed: { ...common, kind: 'later' as const }, changes, notes: [note] };
      }
      default:
        if (changeSet) await this.unlessUncertain(() => changeSets.delete(place, name));
        return { reviewed: { ...common, kind: 'unchanged' as const }, changes: [], notes: [] };
    }
  }

  /** Calls the CDK until it is known what became of the change set. */
  private async preparedSet(assembly: string, stack: AssemblyStack, changeSet: string, waitsFor: readonly string[]) {
    const { api, cdk, changeSets, giveUpAt, pause } = this.options;
    const place = this.placeOf(stack);
    const wanted = templateDigest(await readJson(assembly, stack.templateFile));
    for (let attempt = 0; ; attempt++) {
      const failure = await engineErrorOf(() => cdk.prepare({ assembly, stack: stack.id, changeSet, giveUpAt }));
      const deployed = await api.template(place);
      const isServed = deployed !== undefined && templateDigest(deployed) === wanted;
      for (;;) {
        const found = await changeSets.changeSet(place, changeSet);
        const next: PreparationStep = preparationStep({ changeSet: found, failure: failure?.message, isServed, waitsFor });
        if (next.step === 'wait') await pause(`the change set of ${stack.stackName} is made`);
        else if (next.step === 'fail' && !found && failure && attempt < RETRIES && RETRIED.includes(failure.kind)) break;
        else if (next.step === 'fail') throw failure ?? new EngineError('rejected', `the change set of ${stack.stackName} cannot be prepared: ${next.why}`);
        else return { ...next, changeSet: found, deployed };
      }
      await pause(failure!.message);
    }
  }

  private async executeOne(review: Review, reviewed: ReviewedStack, stack: AssemblyStack, assembly: string): Promise<void> {
    const { api, changeSets, context: { log }, pause } = this.options;
    const place = this.placeOf(stack);
    for (let hasAsked = false; ;) {
      const situation = await this.situationOf(review, reviewed, stack, assembly);
      const next = executionStep({ ...situation, hasAsked });
      if (next.step === 'ended') return this.requireComplete(situation.state, await api.template(place), reviewed);
      if (next.step === 'refuse') throw new EngineError('conflict', next.why);
      if (next.step === 'execute') {
        log.line(`${stack.stackName}: execute the change set ${review.changeSet}`);
        hasAsked = true;
        await this.unlessUncertain(() => changeSets.execute(place, situation.changeSet!.arn, review.changeSet));
      }
      await pause(`the stack ${stack.stackName} is ${situation.state?.status ?? 'gone'}`);
    }
  }

  private requireComplete(state: StackState | undefined, deployed: unknown, { stackName, template }: ReviewedStack): void {
    if (state && isComplete(state) && deployed !== undefined && templateDigest(deployed) === template) return;
    throw new EngineError('rejected', `the change set of ${stackName}: the stack is ${state?.status ?? 'gone'}${state?.reason ? ` (${state.reason})` : ''}`);
  }

  /** Old change sets that no one can approve any more. Those of other runs may still be approved. */
  private async removeOld(stack: AssemblyStack, own: string): Promise<void> {
    const { changeSets, context: { clock, environment, log, run } } = this.options;
    const place = this.placeOf(stack);
    for (const { createdAt, name } of await changeSets.changeSets(place)) {
      const other = runOfChangeSet(environment.name, name);
      const isOld = other?.id === run.id ? other.attempt < run.attempt : clock.now() - Date.parse(createdAt) > KEPT_MS;
      if (other === undefined || name === own || !isOld) continue;
      log.line(`${stack.stackName}: delete the change set ${name}, which no one can approve any more`);
      await this.unlessUncertain(() => changeSets.delete(place, name));
    }
  }

  private async requirePreparable(stack: AssemblyStack): Promise<void> {
    const { api, pause } = this.options;
    for (;;) {
      const state = await api.stack(this.placeOf(stack));
      const problem = unpreparable(stack.stackName, state, stack.isProtected ?? false);
      if (problem) throw new EngineError('rejected', `${problem.why}. ${problem.fix}`);
      if (!state || !isChanging(state)) return;
      await pause(`the stack ${stack.stackName} is ${state.status}`);
    }
  }

  private async situationOf(review: Review, reviewed: ReviewedStack, stack: AssemblyStack, assembly: string) {
    const { api, changeSets } = this.options;
    const place = this.placeOf(stack);
    const state = await api.stack(place);
    const changeSet = reviewed.kind === 'changeSet' ? await changeSets.changeSet(place, review.changeSet) : undefined;
    return { reviewed, state, changeSet, template: templateDigest(await readJson(assembly, stack.templateFile)) };
  }

  /** If the result is not known, or CloudFormation has moved on, its state is read again. */
  private async unlessUncertain(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      const isKnownLater = isUncertain(error) || (error instanceof EngineError && /ValidationError|InvalidChangeSetStatus|ChangeSetNotFound|OperationInProgress/.test(error.message));
      if (!isKnownLater) throw error;
      this.options.context.log.line((error as EngineError).message);
    }
  }

  private placeOf({ region = this.options.settings.region, stackName }: AssemblyStack) {
    return { stackName, region };
  }
}

/** Who approves must be able to see everything. */
function unshown(count: number, changeSet: string): string[] {
  if (count <= SHOWN_CHANGES) return [];
  return [`${count} resources change, and the table shows the ${SHOWN_CHANGES} most important ones. All of them: aws cloudformation describe-change-set --change-set-name ${changeSet} --stack-name STACK`];
}

function dependsOn(stacks: readonly AssemblyStack[], { dependencies }: AssemblyStack, id: string): boolean {
  return dependencies.includes(id) || stacks.some((one) => dependencies.includes(one.id) && dependsOn(stacks, one, id));
}

async function engineErrorOf(call: () => Promise<void>): Promise<EngineError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

type Job = Pick<RuntimeContext, 'environment' | 'processEnv' | 'run'>;

/** What was approved; undefined where no plan job comes before: on a laptop, in a drill, and in a rollback. */
export function reviewOfRun({ processEnv, run }: Job, { changeSet }: AwsCdkDriverManifest): Review | undefined {
  return changeSet === 'review' && run.inCi ? reviewIn(processEnv[JOB_VARIABLE.REVIEW]) : undefined;
}

/** Checks before the first change that what was approved can be executed. Rejects with `ConfigurationError`. */
export async function requireReview(job: Job, settings: AwsCdkDriverManifest, reviewing: ChangeSetReview, release: AssemblyOfRelease): Promise<void> {
  const { environment, run } = job;
  if (settings.changeSet !== 'review' || !run.inCi) return;
  const refuse = (why: string): never => {
    throw new ConfigurationError(`${environment.name}: Target.awsCdk changeSet: ${why}. ${run.words.startNew} Nothing was changed.`);
  };
  const review = reviewOfRun(job, settings) ?? refuse('the plan of this run has prepared no change sets');
  const why = await reviewing.refusal(review, release).catch((error: unknown) => {
    if (error instanceof EngineError) return error.message;
    throw error;
  });
  if (why !== undefined) refuse(why);
}
