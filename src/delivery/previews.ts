import { Project } from 'projen';
import { Environment, EnvironmentDefaults } from './environment';
import { ForkPreviews } from './fork-previews';
import { PreviewCondition } from './preview-condition';
import { checkNoPreviewNumber } from './preview-number';
import { ReleaseFiles } from './release-files';
import { Schedule } from './schedule';
import { Trigger } from './trigger';
import { isPreviewName, PREVIEW_NUMBER, previewName, PreviewsManifest, SHARED_PREVIEW } from '../contract/manifest';
import { HealthCheck } from '../health-checks/health-check';
import { Strategy } from '../strategies/strategy';
import { Target } from '../targets/target';
import { Duration, positiveMilliseconds } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for previews: the head commit of each pull request gets an environment of its own, which is deployed, verified with health checks, and
 * removed when the pull request is closed.
 */
export interface PreviewOptions {
  /**
   * Where a preview is found. `{number}` stands for the number of the pull request, here and in the URLs of the health checks and the values of
   * `variables`: `https://pr-{number}.preview.example.com`.
   */
  readonly url: string;

  /**
   * The target that deploys a preview and removes it: `Target.tasks` or `Target.commands` with `remove`, or a target of your own whose commands
   * contain `remove`. The commands find the name of the preview in DEPLOY_ENV (`preview-12`), the number of the pull request in DELIVERY_PREVIEW, and
   * the URL in DELIVERY_PREVIEW_URL.
   *
   * @default - the delivery's
   */
  readonly target?: Target;

  /**
   * The conditions under which a preview counts as good.
   *
   * @default - one HTTP check of `url`, which cannot identify the release
   */
  readonly healthChecks?: HealthCheck[];

  /**
   * Plain values that the commands find in their environment, beside those of the delivery.
   *
   * @default - those of the delivery
   */
  readonly variables?: Record<string, string>;

  /**
   * Names of secrets of the GitHub environment or the repository that the commands find in their environment. Previews get no secrets of the
   * delivery: everyone who can push a branch can read what a preview gets.
   *
   * @default - none
   */
  readonly secrets?: string[];

  /**
   * The times of a deployment: `Strategy.redeploy({ bake, commandTimeout })`. Previews have no other strategy.
   *
   * @default Strategy.redeploy()
   */
  readonly strategy?: Strategy;

  /**
   * Removes a preview when its last deployment is this long ago. The next push deploys it again.
   *
   * @default - it stays until its pull request is closed
   */
  readonly expiresAfter?: Duration;

  /**
   * The pull requests that get a preview.
   *
   * @default PreviewCondition.all()
   */
  readonly onlyWhen?: PreviewCondition;

  /**
   * Whether pull requests from forks get previews.
   *
   * @default ForkPreviews.never()
   */
  readonly fork?: ForkPreviews;

  /**
   * Lets pull requests share one environment that stays, such as the one of the testers. The pull request that got the label of `onlyWhen` last has it:
   * its pushes are deployed there, and those of others are not. Nothing is removed.
   *
   * @default false
   */
  readonly persistent?: boolean;

  /**
   * The GitHub environment of the jobs that deploy and remove previews, with their secrets.
   *
   * @default 'preview'
   */
  readonly environment?: string;

  /**
   * When to look for previews that have expired, or whose removal was missed.
   *
   * @default Schedule.cron('23 *\/6 * * *')
   */
  readonly sweep?: Schedule;
}

const PREVIEW_OPTIONS: OptionNames<PreviewOptions> = {
  url: true,
  target: true,
  healthChecks: true,
  variables: true,
  secrets: true,
  strategy: true,
  expiresAfter: true,
  onlyWhen: true,
  fork: true,
  persistent: 'boolean',
  environment: true,
  sweep: true,
};

const OPTION = 'Delivery previews';
const DEFAULT_SWEEP = '23 */6 * * *';
/** A preview has no release to go back to: its checkout has only the head commit, whose history may have been rewritten. */
const NO_ROLLBACK = 'Push a commit that fixes it';

/** Throws `ValidationError` for options that contradict each other, before anything is written. */
export function checkPreviews(options: PreviewOptions): void {
  optionsOf(OPTION, options, PREVIEW_OPTIONS, '{ url: \'https://pr-{number}.preview.example.com\' }', OPTION);
  const { expiresAfter, fork = ForkPreviews.never(), onlyWhen = PreviewCondition.all(), persistent = false, sweep, url } = options;
  if (onlyWhen?._isCondition !== true) invalid(`${OPTION} onlyWhen`, `${show(onlyWhen)} is not a PreviewCondition`, 'Write PreviewCondition.all() or PreviewCondition.label(\'preview\')');
  if (fork?._isForkPreviews !== true) invalid(`${OPTION} fork`, `${show(fork)} is not a ForkPreviews`, 'Write ForkPreviews.never() or ForkPreviews.afterApproval(\'fork-previews\')');
  if (sweep !== undefined && typeof sweep?._cron !== 'string') invalid(`${OPTION} sweep`, `${show(sweep)} is not a Schedule`, `Write Schedule.cron('${DEFAULT_SWEEP}')`);
  if (typeof url !== 'string') invalid(`${OPTION} url`, `${show(url)} is not a URL`, 'Write it with the place of the number: \'https://pr-{number}.preview.example.com\'');
  const isNumbered = url.includes(PREVIEW_NUMBER);
  if (!persistent) {
    if (!isNumbered) invalid(`${OPTION} url`, `${show(url)} is the same for each pull request, so previews would replace each other`, `Write ${PREVIEW_NUMBER} where the number of the pull request is, or set persistent: true`);
    if (expiresAfter !== undefined) positiveMilliseconds(`${OPTION} expiresAfter`, expiresAfter, Duration.days(7));
    return;
  }
  if (isNumbered) invalid(`${OPTION} url`, `${show(url)} depends on the pull request, and with persistent: true they share one environment`, `Take ${PREVIEW_NUMBER} out, or leave persistent out`);
  if (onlyWhen._label === undefined) invalid(`${OPTION} onlyWhen`, 'with persistent: true a label decides which pull request has the environment', 'Set onlyWhen: PreviewCondition.label(\'qa\')');
  if (expiresAfter !== undefined || sweep !== undefined) invalid(`${OPTION} ${sweep ? 'sweep' : 'expiresAfter'}`, 'with persistent: true the environment stays, so nothing is removed', 'Leave it out');
  if (fork._environment !== undefined) invalid(`${OPTION} fork`, 'with persistent: true only branches of the repository are deployed', 'Leave it out');
}

/** The previews of a delivery, with their defaults applied. */
export class Previews {
  /** The label without which a pull request has none. */
  public readonly label?: string;
  public readonly isShared: boolean;
  /** What the jobs know of each preview. Its name is not that of one of them. */
  public readonly environment: Environment;
  /** The GitHub environment of the jobs. */
  public readonly githubEnvironment: string;
  /** The GitHub environment for commits of forks, if they get previews. */
  public readonly forkEnvironment?: string;
  /** When to sweep; undefined where nothing is removed. */
  public readonly sweepCron?: string;
  private readonly expiresAfterMs?: number;

  constructor(options: PreviewOptions, defaults: EnvironmentDefaults) {
    this.label = options.onlyWhen?._label;
    this.isShared = options.persistent ?? false;
    this.githubEnvironment = options.environment ?? 'preview';
    this.forkEnvironment = options.fork?._environment;
    this.sweepCron = this.isShared ? undefined : options.sweep?._cron ?? DEFAULT_SWEEP;
    this.expiresAfterMs = options.expiresAfter?.toMilliseconds();
    this.environment = new Environment(this.isShared ? SHARED_PREVIEW : previewName('number'), {
      trigger: Trigger.manual(),
      url: options.url,
      target: options.target,
      healthChecks: options.healthChecks,
      variables: options.variables,
      secrets: options.secrets,
      strategy: options.strategy,
      monitorEnvironment: this.githubEnvironment,
    }, { ...defaults, secrets: [] });
    if (this.isShared) checkNoPreviewNumber(this.environment);
    this.checkTarget();
    this.checkSeparation();
  }

  /** Call it late: tasks may be added after the delivery. */
  public manifest(project: Project): PreviewsManifest {
    const { label, isShared, expiresAfterMs } = this;
    const environment = this.environment.manifest(project);
    const { rollback: _, ...target } = environment.target;
    const remove = isShared ? undefined : this.environment.target.removal(project);
    return {
      environment: { ...environment, name: isShared ? SHARED_PREVIEW : previewName(PREVIEW_NUMBER), target: { ...target, noRollback: NO_ROLLBACK } },
      remove,
      expiresAfterMs,
      label,
      isShared: isShared || undefined,
    };
  }

  /** The job that verifies a preview may write records: nothing of a pull request runs there, and it has no secret of a preview. */
  private checkSeparation(): void {
    const { environment: { probesWithCommands, probeSecrets, target } } = this;
    if (probesWithCommands) invalid(`${OPTION} healthChecks`, 'one is a command, and the job that verifies a preview runs nothing of a pull request, because it may write records', 'Let deploy run it, at its end');
    const [secret] = probeSecrets;
    if (secret !== undefined) invalid(`${OPTION} healthChecks`, `one sends the secret ${show(secret)}, and the job that verifies a preview, which may write records, shares no secret with code that nobody reviewed`, 'Let deploy probe it, at its end');
    const [write] = Object.entries(target.permissions).find(([name, level]) => level === 'write' && name !== 'idToken') ?? [];
    if (write !== undefined) invalid(`${OPTION} target`, `it needs the permission ${show(write)} to write, and code that nobody reviewed gets no such token`, 'Give previews a target of their own, with a secret of their own');
  }

  private checkTarget(): void {
    const { strategy, target } = this.environment;
    const own = `Give previews a target of their own: previews: { target: Target.commands({ deploy: './deploy.sh'${this.isShared ? '' : ', remove: \'./remove.sh\''} }) }`;
    if (target.driver) invalid(`${OPTION} target`, `it deploys with the driver ${show(target.driver.kind)}, which cannot remove a preview`, own);
    if (strategy.manifest.kind !== 'redeploy') invalid(`${OPTION} strategy`, `it is ${show(strategy.manifest.kind)}, and no one uses a preview before it is verified`, 'Write Strategy.redeploy()');
    if (!this.isShared && !target.remove) invalid(`${OPTION} target`, 'it has no command that removes a preview, so each pull request would leave one behind', own.replace('Give', 'Set remove in the target. Or give'));
  }
}

/** Rejects an artifact that previews cannot deploy: their job builds files where the commands find them, and pushes no image. */
export function checkPreviewFiles({ image }: Pick<ReleaseFiles, 'image'>): void {
  if (image) invalid(OPTION, 'the delivery has an image (Artifact.image), and previews build none', 'Use files as the artifact, or let the target of previews build its own image');
}

/** Rejects an environment with the number of a pull request, or whose records a preview could have. */
export function checkNoPreview(environment: Environment, previews: Previews | undefined): void {
  checkNoPreviewNumber(environment);
  if (!previews || !isPreviewName(environment.name)) return;
  invalid(`environment name ${show(environment.name)}`, 'the names of previews begin like that, and their records would be mixed', 'Give it another name');
}
