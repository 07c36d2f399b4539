import { AssemblyOfRelease, ChangeSetReview } from './change-set-review';
import { Review, reviewIn } from './review';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { AwsCdkDriverManifest } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../context';
import { ConfigurationError } from '../../errors';
import { EngineError } from '../engine-error';

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
