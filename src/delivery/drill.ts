import { checkEnvironmentNames } from './environment-names';
import { Schedule } from './schedule';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Whether the way back is tried out before it is needed: the live release is deployed as if it were new, verified, called bad all the
 * same, and taken back; the time that takes is measured, and everything is as it was. Blocks no release. A drill that does not come
 * back as it should makes the run red.
 *
 * A drill is a real deployment: users are served by the same release throughout, but your commands run. It goes to the GitHub
 * environment itself, so where that has reviewers it waits for them, and deploys wait behind it; and it runs on the default branch, so a
 * policy that allows only tags refuses it.
 */
export interface DrillOptions {
  /** The names of the environments on which it is tried. */
  readonly environments: string[];

  /**
   * When, beside a person who starts the workflow `drill` by hand. Choose a minute other than :00, when GitHub is busiest.
   *
   * @default - only by hand
   */
  readonly schedule?: Schedule;
}

const DRILL_OPTIONS: OptionNames<DrillOptions> = { environments: true, schedule: true };

/** What can be wrong with it alone; the environments may come later. */
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

/** Called when no more environments can come. */
export function checkDrilled(drill: DrillOptions, names: string[]): void {
  checkEnvironmentNames('Delivery drill environments', drill.environments, names);
}
