import { environmentJobId, JOB } from '../../../contract/jobs';
import { TriggerManifest } from '../../../contract/manifest';
import { COMPLETED_ATTEMPT, RELEASE, STATE } from '../../../contract/outputs';
import { INPUT, InputName } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { RefPattern } from '../../../delivery/ref-pattern';

/**
 * The jobs' conditions. The tests enumerate every path through the jobs, re-runs included. Equality and startsWith ignore letter case, as
 * GitHub does.
 */

/**
 * Returns the condition under which a ref or a person requests an environment.
 *
 * @param root the trigger at the beginning of its chain
 * @param choice the value that a person chooses
 */
export function requests(root: TriggerManifest, choice: string): string {
  if (root.kind === 'branch') return `github.event_name == 'push' && github.ref == ${quoted(`refs/heads/${root.branch}`)}`;
  if (root.kind === 'tag') {
    const except = root.except === undefined ? '' : ` && !(${isTag(root.except)})`;
    return `github.event_name == 'push' && ${isTag(root.pattern)}${except}`;
  }
  if (root.kind === 'release') return `needs.${JOB.RELEASE}.result == 'success'`;
  return `github.event_name == 'workflow_dispatch' && ${input(INPUT.ENVIRONMENT)} == ${quoted(choice)}`;
}

/** A projen release workflow published a new release in this run. */
export function releasedCondition(release: string, publisher: string): string {
  return notInFork([
    '!cancelled()',
    '!inputs.dry_run',
    `needs.${release}.result == 'success'`,
    `needs.${release}.outputs.tag_exists != 'true'`,
    `needs.${release}.outputs.latest_commit == github.sha`,
    `needs.${publisher}.result == 'success'`,
  ].join(' && '));
}

/** Excludes forks, which have neither the environments nor the secrets. */
export function notInFork(condition: string): string {
  return expression(`!github.event.repository.fork && ${condition}`);
}

export function anyOf(conditions: string[]): string {
  const different = [...new Set(conditions)];
  return different.length === 1 ? different[0] : `(${different.map((condition) => `(${condition})`).join(' || ')})`;
}

/** The job of a run that provides the release's files. */
export interface ArtifactJob {
  readonly id: string;
  /** Whether it also outputs the release's name; otherwise the ref or the commit is the name. */
  readonly namesRelease: boolean;
}

export interface DeployNeeds {
  /** The job that provides the release's files in this run, if there is one. */
  readonly artifactJob?: ArtifactJob;
  /** The user's jobs. */
  readonly jobs: string[];
  /** The environment on which the release must be Stable first, in this run. */
  readonly after?: Environment;
}

export function deployNeeds({ id }: Environment, needs: DeployNeeds): string[] {
  const after = needs.after ? [environmentJobId('deploy', needs.after.id), environmentJobId('monitor', needs.after.id)] : [];
  return [...(needs.artifactJob === undefined ? [] : [needs.artifactJob.id]), environmentJobId('environment', id), ...needs.jobs, ...after];
}

export function deployCondition(environment: Environment, needs: DeployNeeds): string {
  const after = needs.after ? [`needs.${environmentJobId('monitor', needs.after.id)}.outputs.${STATE} == 'stable'`] : [];
  return expression([
    '!cancelled()',
    ...deployNeeds(environment, needs).map((job) => `needs.${job}.result == 'success'`),
    `needs.${environmentJobId('environment', environment.id)}.outputs.go == 'true'`,
    ...after,
  ].join(' && '));
}

export function monitorCondition(tried: string): string {
  return expression(`always() && needs.${tried}.result != 'skipped'`);
}

/**
 * The job ran, and this attempt has not reported that nothing is open. The output is an attempt's number, because a job that is lost in a
 * re-run keeps its earlier outputs.
 */
export function recoverCondition(tried: string, confirmation: string): string {
  return expression(`always() && needs.${tried}.result != 'skipped' && needs.${confirmation}.outputs.${COMPLETED_ATTEMPT} != github.run_attempt`);
}

/** The condition of a step after another step of the same job. */
export function unlessSucceeded(stepId: string): string {
  return expression(`always() && steps.${stepId}.conclusion != 'success'`);
}

/** A rollback by hand begins if its hold outputs a release and the run is not cancelled. */
export function heldCondition(hold: string): string {
  return expression(`!cancelled() && needs.${hold}.result == 'success' && needs.${hold}.outputs.${RELEASE} != ''`);
}

export function byHandCondition(): string {
  return notInFork('github.event_name == \'workflow_dispatch\'');
}

export function onScheduleCondition(): string {
  return notInFork('github.event_name == \'schedule\'');
}

/** An input of a workflow that a person starts, within an expression. */
export function input(name: InputName): string {
  return `inputs.${name}`;
}

export function expression(text: string): string {
  return `\${{ ${text} }}`;
}

/** What is in `${{ }}`, if it is around the whole text. */
export function unwrapped(text: string): string {
  return /^\s*\$\{\{([^]*)\}\}\s*$/.exec(text)?.[1] ?? text;
}

function isTag(text: string): string {
  const pattern = new RefPattern(text);
  if (!pattern.wildcard) return `github.ref == ${quoted(`refs/tags/${text}`)}`;
  const begin = `startsWith(github.ref, ${quoted(`refs/tags/${pattern.prefix}`)})`;
  return pattern.suffix === '' ? begin : `${begin} && endsWith(github.ref, ${quoted(pattern.suffix)})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\'', '\'\'')}'`;
}
