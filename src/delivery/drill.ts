import { checkEnvironmentNames } from './environment-names';
import { Schedule } from './schedule';
import { checkDrillsBack, OneWayEnvironment } from './way-back';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for drills, which test the rollback before it is needed. A drill deploys the live release as if it were new, verifies it,
 * declares it bad, rolls it back and measures the time; afterwards everything is as before. A drill blocks no release. If the rollback
 * does not work as expected, the run fails.
 *
 * A drill is a real deployment: users get the same release throughout, but your commands run. It uses the GitHub environment itself, so
 * if that has reviewers, the drill waits for their approval and deployments wait behind it. It runs on the default branch, so a policy
 * that allows only tags rejects it.
 */
export interface DrillOptions {
  /** The names of the environments to drill. */
  readonly environments: string[];

  /**
   * The schedule, in addition to starting the workflow `drill` by hand. Choose a minute other than :00, when GitHub is busiest.
   *
   * @default - only by hand
   */
  readonly schedule?: Schedule;
}

const DRILL_OPTIONS: OptionNames<DrillOptions> = { environments: true, schedule: true };

/** Checks the options; the environments may be added later. */
export function checkDrill(drill: DrillOptions): void {
  const { environments, schedule } = optionsOf('Delivery drill', drill, DRILL_OPTIONS, '{ environments: [\'staging\'] }', 'Delivery drill');
  if (!Array.isArray(environments) || environments.length === 0) {
    invalid('Delivery drill environments', `${show(environments)} names none, so nothing would ever be tried`, 'Name one, for example [\'staging\'], or leave drill out');
  }
  const twice = environments.find((name, i) => environments.indexOf(name) !== i);
  if (twice !== undefined) invalid('Delivery drill environments', `${show(twice)} is listed twice`, 'Name it once');
  if (schedule !== undefined && typeof schedule?._cron !== 'string') {
    invalid('Delivery drill schedule', `${show(schedule)} is not a Schedule`, 'Write Schedule.weekly(\'Tue 03:17\') or Schedule.cron(\'17 3 * * 2\')');
  }
}

/** Checks the environments. Call it when all are added. */
export function checkDrilled(drill: DrillOptions, environments: readonly OneWayEnvironment[]): void {
  checkEnvironmentNames('Delivery drill environments', drill.environments, environments.map(({ name }) => name));
  checkDrillsBack(drill.environments, environments);
}
